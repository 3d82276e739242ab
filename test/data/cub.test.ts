/** Reading a data set, from small generated folders: joining, choosing, and every way a folder can be broken. */
import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
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
  await fails(join(scratch, 'nowhere'), ['nowhere does not exist: give the folder that holds images.txt, or the one'])
  await writeFile(join(scratch, 'CUB.tgz'), 'x')
  await fails(join(scratch, 'CUB.tgz'), ['CUB.tgz is a file: if it is an archive, unpack it; give the folder'])
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

t('two classes are needed, and a class or an image that is not used may be at fault', async () => {
  const one = {
    'classes.txt': ['3 003.Crow'],
    'images.txt': ['11 003.Crow/a.jpg', '12 003.Crow/b.jpg'],
  }
  await fails(await folder(one), ['classes.txt: lists 1 class, 2 are needed', '1 problem\n'])
  const dir = await folder(edited('classes.txt', undefined, '21 021.Raven'))
  for (const path of ['003.Crow/c.jpg', '020.Cowbird/e.jpg']) await rm(join(dir, 'images', path))
  await fails(dir, ['classes.txt:4: class 21 (021.Raven) has no image'])
  await fails(dir, ['images.txt:7: images/003.Crow/c.jpg is not there', '1 problem\n'], { classes: 2 })
  assert.is((await loadCub(dir, { classes: 2, limit: 2 })).train.length, 2)
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

t('two classes of one name are a warning', async () => {
  const d = await loadCub(await folder(edited('classes.txt', '7 007.Least Auklet', '7 003.Crow')))
  assert.equal(d.warnings, ['classes 3 and 7 have one name (003.Crow)'])
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

/** Rewrites the lists of a data set as bytes. */
async function encoded(dir: string, encode: (text: string) => Uint8Array, names = Object.keys(FILES)): Promise<string> {
  for (const name of names) await writeFile(join(dir, name), encode(await readFile(join(dir, name), 'utf8')))
  return dir
}
const utf16 = (text: string) => Buffer.from(text, 'utf16le')

t('lists in UTF-16, of either order, with and without a byte order mark', async () => {
  const plain = await loadCub(await folder())
  for (const encode of [
    (text: string) => utf16(`\ufeff${text}`),
    (text: string) => utf16(`\ufeff${text}`).swap16(),
    utf16,
    (text: string) => utf16(text).swap16(),
  ]) {
    const d = await loadCub(await encoded(await folder({}, '\r\n'), encode))
    assert.equal([d.classes, d.train.length, d.test.length], [plain.classes, 4, 3])
    assert.equal(d.train[2]!.box, [1.5, 2, 30, 40])
  }
})

t('lists in other encodings say which line, and what to do', async () => {
  const names = { 'classes.txt': ['3 003.Crow', '7 007.Least Auklet', '20 020.Häher'] }
  const latin = await encoded(await folder(names), text => Buffer.from(text, 'latin1'), ['classes.txt'])
  await fails(latin, ['classes.txt cannot be read (line 3 is not UTF-8; save the file as UTF-8)'])
  const utf32 = await folder()
  await writeFile(join(utf32, 'classes.txt'), Buffer.from('fffe000033000000', 'hex'))
  await fails(utf32, ['classes.txt cannot be read (it is in UTF-32; save it as UTF-8)'])
})

t('paths with backslashes, and paths that begin with images/', async () => {
  const { train } = await loadCub(await folder())
  const paths = async (change: (path: string) => string) => {
    const dir = await folder({
      'images.txt': FILES['images.txt']!.map(l => l.replace(/ (.*)/, (_, p) => ` ${change(p)}`)),
    })
    return (await loadCub(dir)).train.map(s => s.file.slice(dir.length))
  }
  const wanted = train.map(s => s.file.slice(s.file.indexOf('/images/')))
  assert.equal(await paths(p => p.replaceAll('/', '\\')), wanted)
  assert.equal(await paths(p => `images/${p}`), wanted)
  assert.equal(await paths(p => `images\\${p.replaceAll('/', '\\')}`), wanted)
  assert.equal(await paths(p => `./images/../images/${p}`), wanted)
  await broken('images.txt', '13 003.Crow/c.jpg', ['13 ..\\..\\secret.jpg'], ['stay inside images/'])
  // Where images/ has a folder of that name, it is that folder.
  const nested = await folder({ 'images.txt': FILES['images.txt']!.map(l => l.replace(' ', ' images/')) })
  await mkdir(join(nested, 'images', 'images'))
  await fails(nested, ['images/images/003.Crow/a.jpg is not there'])
})

t('a file in another spelling is named', async () => {
  const dir = await folder()
  const rename_ = (from: string, to: string) => rename(join(dir, 'images', from), join(dir, 'images', to))
  await rename_('003.Crow/a.jpg', '003.Crow/a.JPG')
  await rename_('003.Crow/b.jpg', '003.Crow/b.jpeg')
  await rename_('020.Cowbird', '020.cowbird')
  await fails(dir, [
    '4 problems',
    'images/003.Crow/a.jpg is not there, but "images/003.Crow/a.JPG" is',
    'images/003.Crow/b.jpg is not there, but "images/003.Crow/b.jpeg" is',
    'images/020.Cowbird/e.jpg is not there, but "images/020.cowbird/e.jpg" is',
  ])
})

t('one file under two ids', async () => {
  const given = (path: string, label: string, side: string) =>
    folder({
      ...edited('images.txt', undefined, `60 ${path}`),
      ...edited('image_class_labels.txt', undefined, `60 ${label}`),
      ...edited('train_test_split.txt', undefined, `60 ${side}`),
    })
  const at = 'images.txt:8: image 60 is the file of image 11 on line 2'
  await fails(await given('003.Crow/a.jpg', '7', '1'), [`${at}, with another label; remove the wrong one`])
  await fails(await given('003.Crow/../003.Crow/a.jpg', '3', '0'), [`${at}, and one is for training, the other for`])
  assert.equal((await loadCub(await given('003.Crow//a.jpg', '3', '1'))).warnings, [`${at}: it counts twice`])
  // The same file in another case, as on a disk that takes no notice of it; and another file in another case.
  const same = await given('003.Crow/A.jpg', '7', '1')
  await link(join(same, 'images/003.Crow/a.jpg'), join(same, 'images/003.Crow/A.jpg'))
  await fails(same, [`${at}, with another label`])
  const other = await given('003.Crow/A.jpg', '7', '1')
  await writeFile(join(other, 'images/003.Crow/A.jpg'), 'another bird')
  assert.equal((await loadCub(other)).warnings, [])
})

t('links: images/ may be one, and links within it are followed; none may lead out', async () => {
  const dir = await folder()
  const elsewhere = join(scratch, `disk-${made}`)
  await rename(join(dir, 'images'), elsewhere)
  await symlink(elsewhere, join(dir, 'images'))
  await rm(join(dir, 'images/003.Crow/a.jpg'))
  await symlink('b.jpg', join(dir, 'images/003.Crow/a.jpg'))
  assert.is((await loadCub(dir)).train.length, 4)

  await writeFile(join(scratch, 'secret'), 'secret')
  await rm(join(dir, 'images/003.Crow/a.jpg'))
  await symlink(join(scratch, 'secret'), join(dir, 'images/003.Crow/a.jpg'))
  await rename(join(elsewhere, '020.Cowbird'), join(scratch, `out-${made}`))
  await symlink(join(scratch, `out-${made}`), join(elsewhere, '020.Cowbird'))
  await fails(dir, [
    '3 problems',
    'images.txt:2: images/003.Crow/a.jpg is a link that leads out of images/',
    'images/020.Cowbird/e.jpg is a link that leads out',
  ])
})

t('pipes and devices instead of lists and images are not waited for', async () => {
  if (process.platform === 'win32') return
  const dir = await folder()
  for (const file of ['images/003.Crow/a.jpg', 'bounding_boxes.txt']) {
    await rm(join(dir, file))
    execFileSync('mkfifo', [join(dir, file)])
  }
  await fails(dir, ['bounding_boxes.txt cannot be read (it is not a file)'])
  await rm(join(dir, 'bounding_boxes.txt'))
  await fails(dir, ['images/003.Crow/a.jpg is not a file'])
})

t('names with control characters are refused, and shown escaped', async () => {
  const found = await broken(
    'classes.txt',
    '3 003.Crow',
    ['3 \u001b[2J\u001b]0;owned\u0007'],
    ['classes.txt:3: control characters in "3 \\u001b[2J'],
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none.
  assert.not.match(found, /[\0-\x09\x0b-\x1f\x7f-\x9f]/)
  await broken('images.txt', undefined, ['60 003.Crow/\u009b31m.jpg'], ['images.txt:8: control characters', '\\u009b'])
  await broken('images.txt', undefined, ['60 003.Crow/\u202egpj.jpg'], ['images.txt:8: control characters', '\\u202e'])
  await fails(join(scratch, '\u001b[31mred'), ['\\u001b[31mred does not exist'])
})

t('a list with a line of a million blanks is read at once', async () => {
  const started = performance.now()
  const bad = `60 ${' x'.repeat(5e5)}${' '.repeat(5e5)}`
  await broken('bounding_boxes.txt', undefined, [bad], ['bounding_boxes.txt:3: expected'])
  assert.ok(performance.now() - started < 2000)
})

t.run()
