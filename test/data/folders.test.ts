/** Photographs in folders by class, as a data set: which are for training, and all that can be wrong. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CubOptions, whole } from '../../src/data/cub.ts'
import type { Dataset, Sample } from '../../src/data/dataset.ts'
import { decode } from '../../src/data/decode.ts'
import { decodePool } from '../../src/data/feed/pool.ts'
import { Loader } from '../../src/data/loader.ts'
import { readData } from '../../src/data/read.ts'
import { verify } from '../../src/data/verify.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-class-folders-'))
const t = suite('data/folders')
t.after(async () => {
  await decodePool.close()
  rmSync(dir, { recursive: true })
})

let made = 0
/** A folder with these files, which nobody opens here. A name that ends in a slash is a folder. */
function folder(...files: string[]): string {
  const root = join(dir, `${made++}`)
  for (const file of files) {
    const path = join(root, file)
    mkdirSync(file.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!file.endsWith('/')) writeFileSync(path, 'x')
  }
  return root
}
const photos = (name: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${name}/${i + 1}.jpg`)
const rows = ({ dir: root, classes }: Dataset, samples: readonly Sample[]): string[] =>
  samples.map(s => `${s.id} ${classes[s.label]!.name} ${s.file.slice(root.length + 1)}`)
const loadData = async (root: string): Promise<Dataset> => whole(await readData(root))
async function problemsOf(root: string, options?: CubOptions): Promise<string[]> {
  const { dataset, problems, faults } = await readData(root, options)
  return [...problems, ...faults.map(f => `${f.file.slice(dataset.dir.length + 1)} ${f.reason}`)]
}

t('train/ and test/ are the two sides', async () => {
  for (const side of ['test', 'val', 'valid', 'validation']) {
    const root = folder(
      'train/wren/b.JPG',
      'train/wren/a.png',
      'train/robin/.x.jpg',
      'train/robin/c.jpeg',
      `${side}/wren/d.jpg`,
    )
    const d = await loadData(root)
    assert.equal(rows(d, d.train), ['1 robin train/robin/c.jpeg', '2 wren train/wren/a.png', '3 wren train/wren/b.JPG'])
    assert.equal(rows(d, d.test), [`4 wren ${side}/wren/d.jpg`])
    assert.equal(
      d.classes.map(c => [c.id, c.name]),
      [
        [1, 'robin'],
        [2, 'wren'],
      ],
    )
    assert.equal(d.warnings, [`${side}/ tests the model`, 'class 1 (robin) has no test image'])
  }
})

t('photographs from a phone are turned upright, in training as in its verification', async () => {
  const both = [...photos('a', 3), ...photos('b', 3)]
  const root = folder(...both)
  // Stored with red above blue. Orientation 6 turns that by a right angle: red comes to the right.
  const rgb = Buffer.from(Array.from({ length: 60 * 60 }, (_, i) => (i < 30 * 60 ? [255, 0, 0] : [0, 0, 255])).flat())
  const tagged = sharp(rgb, { raw: { width: 60, height: 60, channels: 3 } }).withMetadata({ orientation: 6 })
  for (const photo of both)
    await tagged
      .clone()
      .png()
      .toFile(join(root, photo.replace('jpg', 'png')))
  for (const photo of both) rmSync(join(root, photo))
  const dataset = await loadData(root)
  const { upright } = dataset
  const cache = join(dir, 'cache')
  const decodeIt = (file: string) => decode(file, { upright })
  const { warnings, faults } = await verify(dataset, { decode: decodeIt, workers: 2, cache })
  assert.is(warnings.filter(w => /EXIF/.test(w)).length, 0)
  assert.equal(faults, [])
  assert.equal(readdirSync(cache), ['verified-upright.json'])
  const loader = new Loader(dataset.test, { size: 60, batch: 1, seed: 1, train: false, pool: decodePool, upright })
  for await (const { pixels } of loader.epoch(0))
    assert.equal(
      [pixels[0]! & 0xffffff, pixels[59]! & 0xffffff, pixels[59 * 60]! & 0xffffff],
      [0xff0000, 0xff, 0xff0000],
    )
})

t('without them the third of every five photographs tests, class by class', async () => {
  for (const inside of ['', 'images/']) {
    const d = await loadData(folder(...photos(`${inside}wren`, 8), ...photos(`${inside}robin`, 3)))
    assert.equal(rows(d, d.test), [
      `3 robin ${inside}robin/3.jpg`,
      `6 wren ${inside}wren/3.jpg`,
      `11 wren ${inside}wren/8.jpg`,
    ])
    assert.is(d.train.length, 8)
    assert.equal(
      [...d.train, ...d.test].map(s => s.id).sort((a, b) => a - b),
      Array.from({ length: 11 }, (_, i) => i + 1),
    )
    assert.equal(d.warnings, [
      'there are no lists: classes are the folders, and the third of every five photographs, by name, tests the model',
    ])
  }
})

t('classes and limit keep a part', async () => {
  const root = folder(...photos('a', 5), ...photos('b', 5), ...photos('c', 5))
  const two = (await readData(root, { classes: 2 })).dataset
  assert.equal(
    two.classes.map(c => c.name),
    ['a', 'b'],
  )
  assert.is(two.train.length, 8)
  const few = (await readData(root, { limit: 3 })).dataset
  assert.is(few.train.length, 3)
  assert.is(few.test.length, 3)
  const testOf = async (d: string, options = {}) =>
    (await readData(d, options)).dataset.test.map(s => `${s.id} ${s.file}`)
  const sides = folder(...['train', 'test'].flatMap(side => ['a', 'b', 'c'].map(name => `${side}/${name}/1.jpg`)))
  assert.equal(
    await testOf(sides, { classes: 2 }),
    (await testOf(sides)).slice(0, 2),
    'the same ids with fewer classes',
  )
  assert.match((await problemsOf(folder(...photos('a', 5))))[0]!, /^1 class found, at least 2 are needed/)
  assert.equal(await problemsOf(root, { classes: 4 }), ['3 classes found, 4 were asked for'])
})

t('what is no photograph is passed over, and said', async () => {
  const d = await loadData(
    folder(...photos('a', 3), 'a/x.heic', 'a/more/y.jpg', 'a/.DS_Store', ...photos('b', 3), 'notes.txt'),
  )
  assert.is(d.train.length + d.test.length, 6)
  assert.is(d.warnings[1], 'neither .jpg nor .png, so passed over: a/more; a/x.heic')
})

t('all that is wrong comes at once', async () => {
  const root = folder(...photos('a', 3), 'empty/', 'z.jpg', 'b/1.jpg')
  writeFileSync(join(root, 'a/2.jpg'), '')
  mkdirSync(join(dir, 'elsewhere'))
  writeFileSync(join(dir, 'elsewhere/c.jpg'), 'x')
  symlinkSync(join(dir, 'elsewhere/c.jpg'), join(root, 'b/2.jpg'))
  symlinkSync('1.jpg', join(root, 'b/3.jpg'))
  symlinkSync('gone.jpg', join(root, 'b/4.jpg'))
  const problems = await problemsOf(root)
  assert.equal(problems.slice(0, 4), [
    'empty/ has no .jpg or .png in it: put photographs there, or remove the folder',
    '1 photograph beside the folders: put each into that of its class',
    'a/2.jpg is empty (0 bytes); copy it again or remove it',
    'b/2.jpg is a link that leads out of the folder; put the file itself there or remove it',
  ])
  assert.match(problems[4]!, /^b\/4\.jpg cannot be read \(ENOENT/)
  assert.is(problems.length, 5)
  assert.equal(await problemsOf(folder('train/a/1.jpg', 'train/b/1.jpg', 'test/', 'test/a/')), [
    'test/a/ has no .jpg or .png in it: put photographs there, or remove the folder',
    'no test photograph: both sides are needed',
  ])
  assert.equal(await problemsOf(folder('a/1.jpg', 'b/1.jpg')), ['no test photograph: both sides are needed'])
  const both = folder('train/a/1.jpg', 'train/b/1.jpg', 'train/2.jpg', 'test/a/3.jpg', 'val/a/4.jpg')
  assert.equal(await problemsOf(both), ['train/ has 1 photograph beside the folders: put each into that of its class'])
  assert.equal((await readData(both)).dataset.warnings, ['test/ tests the model; passed over: val'])
})

t('a folder for training alone says what is missing', async () => {
  for (const files of [['train/a/1.jpg'], ['Train/a/1.jpg', 'Test/a/1.jpg']]) {
    const message = await readData(folder(...files)).then(
      () => 'it was read',
      (error: Error) => error.message,
    )
    assert.match(
      message,
      /has a folder for training, and it needs one for testing beside it: train\/ and test\/ \(or val, /,
    )
  }
})

t('links: a side may be one; a class or a photograph may not lead out, and none gets lost', async () => {
  const elsewhere = folder('side/a/1.jpg', 'side/b/1.jpg', 'c/1.jpg')
  const root = folder('train/a/1.jpg', 'train/b/1.jpg', 'all/2.jpg')
  symlinkSync(join(elsewhere, 'side'), join(root, 'test'))
  symlinkSync('../../all/2.jpg', join(root, 'train/a/2.jpg')) // to a photograph of the same data set
  assert.equal(await problemsOf(root), [])
  symlinkSync(join(elsewhere, 'c'), join(root, 'train/c'))
  symlinkSync('gone', join(root, 'train/d'))
  mkdirSync(join(root, 'train/b/2.jpg'))
  const [lost, ...others] = await problemsOf(root)
  assert.match(lost!, /^train\/d cannot be read \(ENOENT.*: mend or remove it$/)
  assert.equal(others, [
    'train/b/2.jpg is not a file; copy it again or remove it',
    'train/c/1.jpg is a link that leads out of the folder; put the file itself there or remove it',
  ])
})

t('faults of what is not used are none: of other classes, and beyond a limit', async () => {
  const root = folder(...photos('a', 8), ...photos('b', 8), 'c/', 'd/1.jpg')
  for (const file of ['a/5.jpg', 'd/1.jpg']) writeFileSync(join(root, file), '')
  assert.is((await problemsOf(root)).length, 3)
  assert.equal(await problemsOf(root, { classes: 2 }), ['a/5.jpg is empty (0 bytes); copy it again or remove it'])
  assert.equal(await problemsOf(root, { classes: 2, limit: 4 }), [])
})

const refusal = (root: string): Promise<string> =>
  readData(root).then(
    () => 'it was read',
    (error: Error) => error.message,
  )

t('a folder with a list is read by its lists', async () => {
  const message = await refusal(folder(...photos('images/a', 3), 'images.txt'))
  assert.match(message, /has not the whole layout of CUB_200_2011: 4 problems\n/)
  assert.match(message, /classes\.txt is missing/)
})

t('where no data set is, both forms are said, and what is there', async () => {
  const root = folder('a/notes.txt', 'b/', 'x.jpg', 'y.pdf')
  const forms = ': a data set is a folder that holds a folder of photographs (.jpg, .png) for each class, or it is CUB-'
  const has = `${root} has 2 folders (a; b), 1 photograph (x.jpg), 1 other file (y.pdf)`
  const said = async (path: string, text: string) => {
    const message = await refusal(path)
    assert.is(message.slice(0, text.length + forms.length), text + forms)
  }
  await said(root, `no data set is in ${root}; ${has}`)
  await said(join(root, 'b'), `no data set is in ${join(root, 'b')}; ${join(root, 'b')} is empty`)
  await said(join(root, 'bb', 'c'), `there is no folder ${join(root, 'bb', 'c')}; ${has}`)
  await said(join(root, 'y.pdf'), `${join(root, 'y.pdf')} is a file; if it is an archive, unpack it`)
})

t.run()
