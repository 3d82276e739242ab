/** Reading a data set, from small generated folders: joining, choosing, and every way a folder can be broken. */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CubOptions, loadCub } from '../../src/data/cub.ts'
import { DataError } from '../../src/data/problems.ts'

const t = suite('data/cub')
let scratch = ''
let made = 0
t.before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tasn-cub-'))
})
t.after(() => rm(scratch, { recursive: true, force: true }))

/** Classes 3, 7 and 20; image ids with gaps; the lines in no order. Images are never decoded here. */
const FILES: Record<string, string[]> = {
  'classes.txt': ['7 007.Least Auklet', '3 003.Crow', '20 020.Cowbird'],
  'images.txt': [
    '50 020.Cowbird/e.jpg',
    '11 003.Crow/a.jpg',
    '12 003.Crow/b.jpg',
    '31 007.Least Auklet/two words.jpg',
    '32 007.Least Auklet/d.jpg',
    '51 020.Cowbird/f.jpg',
    '13 003.Crow/c.jpg',
  ],
  'image_class_labels.txt': ['11 3', '12 3', '13 3', '31 7', '32 7', '50 20', '51 20'],
  'train_test_split.txt': ['51 0', '50 1', '32 0', '31 1', '13 1', '12 0', '11 1'],
  'bounding_boxes.txt': ['31 1.5 2.0 30.0 40.0', '11 0.0 0.0 5.0 6.0'],
  'parts/parts.txt': ['1 back', '2 beak'],
  'parts/part_locs.txt': ['11 1 0.0 0.0 0', '11 2 136.3 73.6 1', '12 1 0.0 0.0 0'],
}

/** A fresh copy of the data set; `edit` gives other lines for some files, undefined removes a file. */
async function folder(edit: Record<string, string[] | undefined> = {}, end = '\n'): Promise<string> {
  const dir = join(scratch, String(made++))
  for (const [name, lines] of Object.entries({ ...FILES, ...edit })) {
    if (!lines) continue
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), lines.map(l => l + end).join(''))
  }
  for (const line of FILES['images.txt']!) {
    const file = join(dir, 'images', line.replace(/^\d+ /, ''))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, 'bird')
  }
  return dir
}
const edited = (file: string, from: string | undefined, ...to: string[]) => ({
  [file]: [...FILES[file]!.filter(l => l !== from), ...to],
})

/** The message of the DataError that reading `dir` must throw, which names every one of `parts`. */
async function fails(dir: string, parts: (string | RegExp)[], options?: CubOptions): Promise<string> {
  const error = await loadCub(dir, options).then(
    () => undefined,
    e => e,
  )
  assert.instance(error, DataError, `a DataError was expected, got ${error}`)
  for (const part of parts) assert.match(error.message, part)
  return error.message
}

/** Reads a copy with one line of `file` replaced, which must fail. */
const broken = async (file: string, from: string | undefined, to: string[], parts: string[]) =>
  fails(await folder(edited(file, from, ...to)), parts)

/** The number of lines behind the headline. */
const problems = (message: string) => message.split('\n').length - 1

t('joins by id, whatever the order of the lines', async () => {
  const dir = await folder()
  const d = await loadCub(dir)
  assert.equal(d.dir, dir)
  assert.equal(d.classes, [
    { id: 3, name: '003.Crow' },
    { id: 7, name: '007.Least Auklet' },
    { id: 20, name: '020.Cowbird' },
  ])
  assert.equal(
    d.train.map(s => [s.id, s.label]),
    [
      [11, 0],
      [13, 0],
      [31, 1],
      [50, 2],
    ],
  )
  assert.equal(
    d.test.map(s => [s.id, s.label]),
    [
      [12, 0],
      [32, 1],
      [51, 2],
    ],
  )
  assert.is(d.train[2]!.file, join(dir, 'images', '007.Least Auklet', 'two words.jpg'))
  assert.equal(d.warnings, [])
})

t('boxes and visible parts, where there are any', async () => {
  const { train, test } = await loadCub(await folder())
  assert.equal(
    train.map(s => s.box),
    [[0, 0, 5, 6], undefined, [1.5, 2, 30, 40], undefined],
  )
  assert.equal(train[0]!.parts, [{ id: 2, x: 136.3, y: 73.6 }])
  assert.equal(test[0]!.parts, [])
  assert.is(test[1]!.parts, undefined)
  const without = { 'bounding_boxes.txt': undefined, 'parts/parts.txt': undefined, 'parts/part_locs.txt': undefined }
  const bare = await loadCub(await folder(without))
  assert.ok(bare.train.every(s => s.box === undefined && s.parts === undefined))
})

t('CRLF, byte order mark, blank lines, stray files: the same data set', async () => {
  const plain = await loadCub(await folder())
  const dir = await folder({ 'images.txt': [...FILES['images.txt']!, '', '  ', ''] }, '\r\n')
  await writeFile(join(dir, 'classes.txt'), `\uFEFF${await readFile(join(dir, 'classes.txt'), 'utf8')}`)
  await writeFile(join(dir, 'images', '003.Crow', '._a.jpg'), 'junk')
  await writeFile(join(dir, '._images.txt'), 'junk')
  const { train, test, classes, warnings } = await loadCub(dir)
  const relative = (samples: typeof train, from: string) =>
    samples.map(s => ({ ...s, file: s.file.slice(from.length) }))
  assert.equal({ classes, warnings }, { classes: plain.classes, warnings: [] })
  assert.equal(relative(train, dir), relative(plain.train, plain.dir))
  assert.equal(relative(test, dir), relative(plain.test, plain.dir))
})

t('a subset in images.txt beside whole tables', async () => {
  const d = await loadCub(await folder(edited('images.txt', '13 003.Crow/c.jpg')))
  assert.equal(
    d.train.map(s => s.id),
    [11, 31, 50],
  )
})

t('the parent of CUB_200_2011', async () => {
  const dir = await folder()
  const parent = join(scratch, 'parent')
  await mkdir(parent)
  await rename(dir, join(parent, 'CUB_200_2011'))
  await writeFile(join(parent, 'attributes.txt'), '')
  assert.is((await loadCub(parent)).dir, join(parent, 'CUB_200_2011'))
})

t('classes and limit', async () => {
  const dir = await folder()
  const two = await loadCub(dir, { classes: 2 })
  assert.equal(
    two.classes.map(c => c.id),
    [3, 7],
  )
  assert.equal(
    [...two.train, ...two.test].map(s => s.id),
    [11, 13, 31, 12, 32],
  )
  const three = await loadCub(dir, { limit: 3 })
  assert.equal(
    three.train.map(s => s.id),
    [11, 31, 50],
    'one of each class before a second of any',
  )
  assert.equal(three.warnings, [])
  const one = await loadCub(dir, { limit: 1 })
  assert.equal([one.train.length, one.test.length, one.classes.length], [1, 1, 3])
  assert.match(one.warnings[0]!, 'limit 1')
  await fails(dir, ['lists 3 classes, 4 were asked for'], { classes: 4 })
  await fails(dir, ['limit must be', 'not 0'], { limit: 0 })
  await fails(dir, ['classes must be', 'not 1.5'], { classes: 1.5 })
})

t('no such folder, a file instead, missing tables, missing images/', async () => {
  await fails(join(scratch, 'nowhere'), ['nowhere does not exist', 'images.txt'])
  await writeFile(join(scratch, 'CUB.tgz'), 'x')
  await fails(join(scratch, 'CUB.tgz'), ['is a file', 'unpack'])
  const two = await fails(await folder({ 'images.txt': undefined, 'classes.txt': undefined }), [
    'images.txt is missing; expected lines "<image id> <path>"',
    'classes.txt is missing',
    '2 problems',
  ])
  assert.not.match(two, 'image_class_labels')
  const dir = await folder()
  await rm(join(dir, 'images'), { recursive: true })
  await fails(dir, ['images/ is missing', '1 problem\n'])
  await fails(await folder({ 'train_test_split.txt': [] }), ['train_test_split.txt is empty'])
})

t('bad lines, each with its file, number and text', async () => {
  const bad = { images: '31', label: '31 seven', split: '31', class: 'Crow', box: '31 1 2 3', part: '11 1 2 3 yes' }
  const message = await fails(
    await folder({
      ...edited('images.txt', undefined, bad.images),
      ...edited('image_class_labels.txt', undefined, bad.label),
      ...edited('train_test_split.txt', undefined, bad.split),
      ...edited('classes.txt', undefined, bad.class),
      ...edited('bounding_boxes.txt', undefined, bad.box),
      ...edited('parts/part_locs.txt', undefined, bad.part),
    }),
    [
      'images.txt:8: expected "<image id> <path>", found "31"',
      'image_class_labels.txt:8: expected "<image id> <class id>", found "31 seven"',
      'classes.txt:4: expected "<class id> <name>", found "Crow"',
      'train_test_split.txt:8:',
      'bounding_boxes.txt:3:',
      'part_locs.txt:4:',
      '6 problems',
    ],
  )
  assert.is(problems(message), 6, 'all of them, and nothing that only follows from them')
})

t('ids given twice', async () => {
  await broken('images.txt', undefined, ['11 003.Crow/b.jpg'], ['images.txt:8: id 11 was already given on line 2'])
  await broken('classes.txt', undefined, ['03 Raven'], ['classes.txt:4: id 3 was already given on line 2'])
  await broken('parts/part_locs.txt', undefined, ['11 2 0 0 0'], ['part_locs.txt:4: id 11 2', 'line 2'])
})

t('image without label, without split; label without class; split not 0 or 1', async () => {
  await broken(
    'image_class_labels.txt',
    '12 3',
    [],
    ['images.txt:3: image 12 has no line in image_class_labels.txt', '"12 <class id>"'],
  )
  await broken(
    'train_test_split.txt',
    '12 0',
    [],
    ['images.txt:3: image 12 has no line in train_test_split.txt', '"12 1"'],
  )
  await broken(
    'image_class_labels.txt',
    '12 3',
    ['12 99'],
    ['image_class_labels.txt:7: image 12 has class 99, which classes.txt does not list'],
  )
  await broken(
    'train_test_split.txt',
    '12 0',
    ['12 2'],
    ['train_test_split.txt:7: expected 1 (train) or 0 (test)', '"2"'],
  )
})

t('images that are absent, empty, folders or outside', async () => {
  const dir = await folder()
  await rm(join(dir, 'images', '003.Crow', 'a.jpg'))
  await writeFile(join(dir, 'images', '003.Crow', 'b.jpg'), '')
  await rm(join(dir, 'images', '003.Crow', 'c.jpg'))
  await mkdir(join(dir, 'images', '003.Crow', 'c.jpg'))
  await fails(dir, [
    '3 problems',
    'images.txt:2: images/003.Crow/a.jpg is not there',
    'images.txt:3: images/003.Crow/b.jpg is empty',
    'images.txt:7: images/003.Crow/c.jpg is not a file',
  ])
  for (const path of ['../secret.jpg', '003.Crow/../../secret.jpg', '/etc/hostname', '.']) {
    await broken(
      'images.txt',
      '13 003.Crow/c.jpg',
      [`13 ${path}`],
      ['images.txt:7: image 13', path, 'stay inside images/'],
    )
  }
})

t('ten problems are shown, the rest counted', async () => {
  const many = Array.from({ length: 25 }, (_, i) => `${100 + i}`)
  const message = await broken('images.txt', undefined, many, ['25 problems', '… and 15 more'])
  assert.is(problems(message), 11)
})

t('empty splits', async () => {
  const all = (digit: number) =>
    folder({ 'train_test_split.txt': [11, 12, 13, 31, 32, 50, 51].map(id => `${id} ${digit}`) })
  await fails(await all(0), ['no training image', '"<image id> 1"', '1 problem\n'])
  await fails(await all(1), ['no test image'])
  const crowless = await folder({ 'train_test_split.txt': ['11 0', '12 0', '13 0', '31 1', '32 0', '50 1', '51 0'] })
  await fails(crowless, ['no training image among the first 1 classes'], { classes: 1 })
  const {
    warnings: [only, ...others],
  } = await loadCub(crowless)
  assert.match(only!, 'class 3 (003.Crow) has no training image')
  assert.equal(others, [])
})

t('a class without any image is an error, with images on one side a warning', async () => {
  await broken(
    'classes.txt',
    undefined,
    ['21 021.Raven'],
    ['classes.txt:4: class 21 (021.Raven) has no image', 'remove the line'],
  )
  const d = await loadCub(await folder(edited('train_test_split.txt', '51 0', '51 1')))
  assert.equal(d.warnings, ['class 20 (020.Cowbird) has no test image'])
  assert.is(d.classes.length, 3)
})

t('boxes and parts that cannot be', async () => {
  for (const box of ['nan 0 5 5', '0 inf 5 5', '0 0 -5 5', '0 0 5 0']) {
    await broken(
      'bounding_boxes.txt',
      undefined,
      [`12 ${box}`],
      ['bounding_boxes.txt:3: expected finite numbers', box, 'image 12'],
    )
  }
  await broken(
    'parts/part_locs.txt',
    undefined,
    ['13 9 0 0 0', '13 1 x 0 1'],
    ['part_locs.txt:4: part 9 is not in parts/parts.txt', 'part_locs.txt:5: expected finite numbers', '"x 0"'],
  )
})

t.run()
