/** The verification of a data set: all faults at once, what is remembered, and what it says of boxes and twins. */
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadCub } from '../../src/data/cub.ts'
import { type Dataset, faultText, without } from '../../src/data/dataset.ts'
import { decode } from '../../src/data/decode.ts'
import { DataError } from '../../src/data/problems.ts'
import { type Verdict, verify } from '../../src/data/verify.ts'
import { datasetOf, verifyOnly } from '../../src/run/data.ts'
import { child } from '../support/child.ts'
import { setVariable } from '../support/variable.ts'

const t = suite('data/verify')
let scratch = ''
let made = 0
t.before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tasn-verify-'))
})
t.after(() => rm(scratch, { recursive: true, force: true }))

const [W, H, N] = [48, 32, 12]
const path = (id: number) => `${id % 2 ? 'odd' : 'even'}/${id}.jpg`

/** A data set of 12 pictures, all different, in two classes: every third is for testing. */
async function folder(lists: Record<string, string[]> = {}): Promise<string> {
  const dir = join(scratch, String(made++))
  for (const name of ['odd', 'even']) await mkdir(join(dir, 'images', name), { recursive: true })
  const ids = Array.from({ length: N }, (_, k) => k + 1)
  for (const id of ids) {
    const rgb = Uint8Array.from({ length: W * H * 3 }, (_, i) => (i * 7919 + id * 104_729) % 251)
    await sharp(rgb, { raw: { width: W, height: H, channels: 3 } })
      .jpeg()
      .toFile(join(dir, 'images', path(id)))
  }
  for (const [name, lines] of Object.entries({
    'images.txt': ids.map(id => `${id} ${path(id)}`),
    'image_class_labels.txt': ids.map(id => `${id} ${1 + (id % 2)}`),
    'train_test_split.txt': ids.map(id => `${id} ${Number(id % 3 > 0)}`),
    'classes.txt': ['1 even', '2 odd'],
    'bounding_boxes.txt': ids.map(id => `${id} 8.0 4.0 30.0 20.0`),
    ...lists,
  })) {
    await mkdir(join(dir, 'parts'), { recursive: true })
    await writeFile(join(dir, name), lines.map(l => `${l}\n`).join(''))
  }
  return dir
}
const image = (dir: string, id: number) => join(dir, 'images', path(id))
/** Verifies, and counts the files that were decoded. */
async function counting(dataset: Dataset, cache?: string): Promise<Verdict & { decoded: number }> {
  let decoded = 0
  const counted = (file: string) => {
    decoded++
    return decode(file)
  }
  const verdict = await verify(dataset, { decode: counted, workers: 3, ...(cache !== undefined && { cache }) })
  return { ...verdict, decoded }
}
const cut = async (dir: string, id: number, bytes = 400) => truncate(image(dir, id), bytes)

t('a whole data set: nothing to say, and each file is decoded once', async () => {
  const verdict = await counting(await loadCub(await folder()))
  assert.equal(verdict, { faults: [], warnings: [], lostBoxes: 0, images: N, remembered: 0, decoded: N })
})

t('all faults are named at once, in order; progress counts to the end', async () => {
  const dir = await folder()
  await cut(dir, 9)
  await writeFile(image(dir, 2), '<html>404</html>')
  await writeFile(image(dir, 4), 'version https://git-lfs.github.com/spec/v1\n')
  const steps: number[] = []
  const onProgress = (done: number, total: number) => steps.push(done, total)
  const dataset = await loadCub(dir)
  const { faults } = await verify(dataset, { decode, workers: 2, onProgress })
  assert.equal(
    faults.map(f => f.id),
    [2, 4, 9],
  )
  const texts = faults.map(f => faultText(dataset.dir, f))
  assert.match(texts[0]!, /^images\/even\/2\.jpg: expected a JPEG or PNG image, found a web page/)
  assert.match(texts[1]!, 'git lfs pull')
  assert.match(texts[2]!, /^images\/odd\/9\.jpg: cannot be decoded as JPEG/)
  assert.equal(steps.slice(-2), [N, N])
  const known = faults.slice(0, 2)
  const again = await verify(dataset, { decode, workers: 2, known })
  assert.equal([again.images, again.faults.map(f => f.id)], [N - 2, [9]])
})

t('an error that is not about an image ends the verification', async () => {
  const dataset = await loadCub(await folder())
  const error = await verify(dataset, { decode: () => Promise.reject(new RangeError('a bug')), workers: 2 }).catch(
    e => e,
  )
  assert.instance(error, RangeError)
})

t('what was found whole is remembered by path, size and time; damaged files are looked at again', async () => {
  const dir = await folder()
  const cache = join(scratch, 'cache', 'deep')
  await cut(dir, 5)
  const dataset = await loadCub(dir)
  assert.equal((({ decoded, remembered }) => [decoded, remembered])(await counting(dataset, cache)), [N, 0])
  const second = await counting(dataset, cache)
  assert.equal([second.decoded, second.remembered, second.faults.map(f => f.id)], [1, N - 1, [5]])
  await utimes(image(dir, 7), 1e9, 1e9)
  assert.is((await counting(dataset, cache)).decoded, 2)
  await cut(dir, 7)
  assert.equal(
    (await counting(dataset, cache)).faults.map(f => f.id),
    [5, 7],
  )
  assert.equal(await readdir(cache), ['verified.json'], 'no part file is left')
})

t('a memory that is broken, of another form, or cannot be written costs no more than the decoding', async () => {
  const dataset = await loadCub(await folder())
  const cache = join(scratch, 'broken')
  await mkdir(cache)
  for (const text of [
    '',
    '{"format": 1, "ima',
    '[]',
    'null',
    '{"format":1,"images":{"a":[1],"b":null}}',
    '{"format":0}',
  ]) {
    await writeFile(join(cache, 'verified.json'), text)
    const { decoded, warnings } = await counting(dataset, cache)
    assert.equal([decoded, warnings], [N, []], text)
  }
  await writeFile(join(scratch, 'file'), '')
  const { faults, warnings } = await counting(dataset, join(scratch, 'file', 'cache'))
  assert.is(faults.length, 0)
  assert.match(warnings.join(), /cannot be kept .* it will be done again/)
})

t('the memory of two data sets is one file; entries of files that are gone go', async () => {
  const cache = join(scratch, 'shared')
  const [first, second] = [await folder(), await folder()]
  await Promise.all([counting(await loadCub(first), cache), counting(await loadCub(second), cache)])
  // Of two that write at once, one may lose what it has found: it is found again, and kept beside the other's.
  for (const folder of [first, second]) await counting(await loadCub(folder), cache)
  assert.is(
    (await counting(await loadCub(second), cache)).decoded + (await counting(await loadCub(first), cache)).decoded,
    0,
  )
  await rm(first, { recursive: true })
  await counting(await loadCub(await folder()), cache)
  const { images } = JSON.parse(await readFile(join(cache, 'verified.json'), 'utf8')) as { images: object }
  assert.is(Object.keys(images).length, 2 * N)
  assert.not(Object.keys(images).some(file => file.startsWith(first)))
})

t('oddities of files are counted, with examples', async () => {
  const dir = await folder()
  for (const id of [1, 2, 3, 4, 5]) {
    const bytes = await readFile(image(dir, id))
    await writeFile(image(dir, id), bytes.subarray(0, -2))
  }
  const cache = join(scratch, 'odd')
  const wanted = '5 images with no end marker, but all pixels are there (images/odd/1.jpg; images/even/2.jpg; '
  for (const _ of [1, 2]) {
    const { warnings, faults } = await counting(await loadCub(dir), cache)
    assert.is(faults.length, 0)
    assert.is(warnings.length, 1)
    assert.ok(warnings[0]!.startsWith(wanted) && warnings[0]!.endsWith('; and 2 more)'), warnings[0])
  }
})

t('boxes and parts outside their images', async () => {
  const box = (rest: string) => (_: unknown, k: number) => `${k + 1} ${k ? '0.0 0.0 48.0 32.0' : rest}`
  const given = async (rest: string) => {
    const dir = await folder({ 'bounding_boxes.txt': Array.from({ length: N }, box(rest)) })
    return counting(await loadCub(dir))
  }
  for (const inside of ['0 0 48 32', '-1 -1 50 34', '47 31 1 1'])
    assert.equal((await given(inside)).warnings, [], inside)
  for (const beyond of ['-3 0 20 20', '0 -3 20 20', '40 0 20 20', '0 20 20 20']) {
    const { warnings, lostBoxes } = await given(beyond)
    assert.match(warnings.join(), '1 of 12 boxes reach beyond their images', beyond)
    assert.is(lostBoxes, 0)
  }
  for (const lost of ['48 0 9 9', '0 32 9 9', '-9 0 9 9', '0 -9 9 9', '300 240 150 120']) {
    const { warnings, lostBoxes } = await given(lost)
    assert.match(warnings.join(), `1 of 12 boxes lie wholly outside their images (${lost} of images/odd/1.jpg, 48 × 32`)
    assert.is(lostBoxes, 1)
  }
  const parts = { 'parts/part_locs.txt': ['1 1 47.0 31.0 1', '2 1 60.0 5.0 1', '3 1 99.0 99.0 0'] }
  const { warnings } = await counting(await loadCub(await folder(parts)))
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, 'parts of 1 image lie outside (part 1 at 60 5 of images/even/2.jpg')
})

t('the same bytes under two names, across the split or with two labels', async () => {
  const dir = await folder()
  await writeFile(image(dir, 1), await readFile(image(dir, 3))) // odd both; training and test
  await writeFile(image(dir, 2), await readFile(image(dir, 5))) // even and odd; both training
  await writeFile(image(dir, 7), await readFile(image(dir, 11))) // odd both, training both: harmless
  const { warnings } = await counting(await loadCub(dir))
  assert.is(warnings.length, 2)
  assert.match(warnings[0]!, /^1 image .* two labels: .*images\/even\/2\.jpg = images\/odd\/5\.jpg/)
  assert.match(warnings[1]!, /^1 image .* for training and for testing: .*odd\/1\.jpg = images\/odd\/3\.jpg/)
})

t('without(): the images go, are listed, and neither side may be empty', async () => {
  const dir = await folder()
  const dataset = await loadCub(dir)
  const fault = (id: number) => ({ file: image(dir, id), id, reason: 'is damaged' })
  const fewer = without(dataset, [fault(1), fault(3), fault(99)])
  assert.equal([fewer.train.length, fewer.test.length], [dataset.train.length - 1, dataset.test.length - 1])
  assert.equal(
    fewer.skipped?.map(f => f.id),
    [1, 3],
  )
  assert.is(without(dataset, []), dataset)
  const odd = without(dataset, [1, 3, 5, 7, 9, 11].map(fault))
  assert.equal(odd.warnings, ['no image is left of 1 class: 2 (odd)'])
  assert.throws(() => without(dataset, [3, 6, 9, 12].map(fault)), /without 4 images no test image is left/)
})

const flags = (data: string) => ({ data, preset: 'tiny', arm: 'tasn', seed: 0 }) as const
const messageOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    e => e as Error,
  )
  assert.instance(error, DataError)
  return error!.message
}

t('a run: one error for all images before it begins; --skip-damaged, --no-verify, --verify', async () => {
  const putBack = setVariable('XDG_CACHE_HOME', join(scratch, 'xdg'))
  try {
    const dir = await folder()
    await cut(dir, 9)
    await cut(dir, 10, 0)
    await rm(image(dir, 1))
    const message = await messageOf(datasetOf(flags(dir)))
    for (const part of [
      '3 problems with images',
      'images.txt:1: images/odd/1.jpg is not there',
      'odd/9.jpg: cannot be',
    ])
      assert.match(message, part)
    assert.match(message, 'images/even/10.jpg is empty')
    assert.match(message, '--skip-damaged')
    const { train, test, skipped, warnings } = await datasetOf({ ...flags(dir), skipDamaged: true })
    assert.equal([train.length + test.length, skipped?.length], [N - 3, 3])
    assert.match(
      warnings.join('\n'),
      /going on without 3 of 12 images:\n {2}images.txt:1: .*\n.*\n {2}images\/odd\/9.jpg/,
    )
    await rm(image(dir, 9))
    await writeFile(image(dir, 9), 'x')
    assert.match(await messageOf(datasetOf({ ...flags(dir), verify: false })), '2 problems with images')
    const unverified = await datasetOf({ ...flags(dir), skipDamaged: true, verify: false }, true)
    assert.equal([unverified.train, unverified.test], [train, test]) // what a run began with, it goes on with
    assert.match(await messageOf(datasetOf(flags(dir), true)), 'mend them: the run began with them')
    const { report, sound } = await verifyOnly({ ...flags(dir), verify: true })
    assert.is(sound, false)
    for (const part of ['2 classes', '3 problems:', 'odd/9.jpg: expected a JPEG']) assert.match(report, part)
    assert.match(report, / test images \(9 known to be good from an earlier check\)\n/)
    assert.match(report, /\ntrain without these images: the same command with --skip-damaged instead of --verify$/)
    const without = await verifyOnly({ ...flags(dir), skipDamaged: true })
    assert.is(without.sound, true)
    assert.match(without.report, '3 problems:')
    assert.match(without.report, /\n3 of 12 images would be left out: the same command without --verify trains on /)
    const other = await folder()
    const whole = await verifyOnly(flags(other))
    assert.ok(whole.sound)
    assert.match(
      whole.report,
      / and 4 test images\nno warnings\nno problems: all images can be read\nall is well: the same .* --verify trains$/,
    )
    // What no flag leaves out: all of one side, and faults of the lists.
    for (const id of [3, 6, 9, 12]) await cut(other, id)
    const sideless = await verifyOnly({ ...flags(other), skipDamaged: true })
    assert.is(sideless.sound, false)
    assert.match(sideless.report, /\nmend or replace them: .*: without 4 images no test image is left$/)
    const unlisted = await verifyOnly({ ...flags(await folder({ 'classes.txt': ['1 even'] })), skipDamaged: true })
    assert.is(unlisted.sound, false)
    assert.match(unlisted.report, /\nmend these first: /)

    const lost = await folder({ 'bounding_boxes.txt': ['1 300 240 150 120'] })
    assert.match((await datasetOf(flags(lost))).warnings.join(), '1 of 1 box lie wholly outside')
    assert.match(await messageOf(datasetOf({ ...flags(lost), arm: 'true-box' })), '--arm true-box needs boxes inside')
  } finally {
    putBack()
  }
})

t('npm run train -- --verify ends with 0 or 1, and trains nothing', async () => {
  const dir = await folder()
  const argv = ['node', 'train-cub', '--data', dir, '--verify', '--run', join(scratch, 'none')]
  const code = () => `process.argv = ${JSON.stringify(argv)}; await import('./examples/train-cub.ts')`
  const run = () => child(code(), { XDG_CACHE_HOME: join(scratch, 'xdg') })
  const good = await run()
  assert.is(good.code, 0, good.out)
  assert.match(good.out, 'no problems')
  await cut(dir, 9)
  const bad = await run()
  assert.is(bad.code, 1, bad.out)
  assert.match(bad.out, 'images/odd/9.jpg')
  argv.push('--skip-damaged')
  const less = await run()
  assert.is(less.code, 0, less.out)
  assert.match(less.out, '1 of 12 images would be left out')
  assert.not((await readdir(scratch)).includes('none'))
})

t.run()
