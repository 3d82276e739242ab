/** Batches: packing, order, crops, padding, reproducibility, files that fail, and consumers that leave early. */
import { mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Batch } from '../../src/data/batch.ts'
import type { Sample } from '../../src/data/dataset.ts'
import type { Image } from '../../src/data/decode.ts'
import { ImageCache } from '../../src/data/feed/image_cache.ts'
import { decodePool } from '../../src/data/feed/pool.ts'
import { Loader, type LoaderOptions } from '../../src/data/loader.ts'
import { DataError } from '../../src/data/problems.ts'

const t = suite('data/loader')
let scratch = ''
let samples: Sample[] = []
const stray: unknown[] = []
const strayed = (error: unknown) => stray.push(error)

const SIZE = 16
const WIDTH = 28
const COUNT = 21
/** Images that say where their pixels are: pixel (x, y) of image i is (i, x, y). Every third is upright. */
t.before(async () => {
  process.on('unhandledRejection', strayed)
  scratch = await mkdtemp(join(tmpdir(), 'tasn-loader-'))
  samples = await Promise.all(
    Array.from({ length: COUNT }, async (_, i) => {
      const [width, height] = i % 3 === 2 ? [SIZE, WIDTH] : [WIDTH, SIZE]
      const p = new PNG({ width, height })
      for (let k = 0; k < width * height; k++) p.data.set([i, k % width, Math.floor(k / width), 255], k * 4)
      await writeFile(join(scratch, `${i}.png`), PNG.sync.write(p))
      return { id: 100 + i, file: join(scratch, `${i}.png`), label: i % 4 }
    }),
  )
})
t.after(async () => {
  process.off('unhandledRejection', strayed)
  await rm(scratch, { recursive: true, force: true })
})

const loader = (options: Partial<LoaderOptions> = {}, from = samples) =>
  new Loader(from, { size: SIZE, batch: 4, seed: 7, train: true, pool: decodePool, ...options })
async function all(l: Loader, e = 0): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of l.epoch(e)) batches.push(batch)
  return batches
}
/** [r, g, b, a] of one pixel of a slot. */
const pixel = ({ pixels }: Batch, slot: number, x = 0, y = 0) =>
  [0, 8, 16, 24].map(shift => (pixels[(slot * SIZE + y) * SIZE + x]! >>> shift) & 255)
/** Reads an epoch until it fails. Returns the error, if any, and the number of batches before it. */
async function failure(l: Loader): Promise<{ error: unknown; before: number }> {
  let before = 0
  try {
    for await (const _ of l.epoch(0)) before++
  } catch (error) {
    return { error, before }
  }
  return { error: undefined, before }
}

t('a test epoch: in order, centre crops, the last batch padded', async () => {
  const l = loader({ train: false })
  const batches = await all(l)
  assert.is(l.batches, 6)
  assert.equal(
    batches.map(b => b.count),
    [4, 4, 4, 4, 4, 1],
  )
  assert.equal(
    batches.flatMap(b => b.indices),
    [...samples.keys(), 20, 20, 20],
  )
  assert.equal([...batches[1]!.labels], [0, 1, 2, 3])
  assert.equal([...batches[5]!.labels], [0, 0, 0, 0])
  for (const b of batches) {
    assert.equal([b.pixels.length, b.labels.length], [4 * SIZE * SIZE, 4])
    b.indices.forEach((index, slot) => {
      const [left, top] = index % 3 === 2 ? [0, 6] : [6, 0]
      assert.equal(pixel(b, slot), [index, left, top, 255])
      assert.equal(pixel(b, slot, 15, 9), [index, left! + 15, top! + 9, 255])
    })
  }
})

t('a training epoch: whole batches, each sample at most once, crops along the long side', async () => {
  const l = loader()
  const batches = await all(l)
  const seen = batches.flatMap(b => b.indices)
  assert.is(l.batches, 5)
  assert.ok(batches.every(b => b.count === 4))
  assert.is(new Set(seen).size, 20)
  assert.not.equal(
    seen,
    [...seen].sort((a, b) => a - b),
  )
  for (const b of batches) {
    b.indices.forEach((index, slot) => {
      const [i, left, top] = pixel(b, slot)
      assert.is(i, index)
      assert.is(b.labels[slot], index % 4)
      assert.ok(index % 3 === 2 ? left === 0 && top! <= 12 : top === 0 && left! <= 12)
      assert.equal(pixel(b, slot, 15, 15), [index, left! + 15, top! + 15, 255])
    })
  }
})

t('crops reach both ends and everything between', async () => {
  const l = loader({ batch: 1 }, [samples[0]!])
  const lefts = new Set<number>()
  for (let e = 0; e < 200; e++) for await (const b of l.epoch(e)) lefts.add(pixel(b, 0)[1]!)
  assert.equal(
    [...lefts].sort((a, b) => a - b),
    Array.from({ length: 13 }, (_, i) => i),
  )
})

t('an epoch depends on its number and the seed alone', async () => {
  const warm = loader()
  const [zero, one, two] = [await all(warm, 0), await all(warm, 1), await all(warm, 2)]
  assert.equal(await all(loader(), 2), two, 'from a fresh loader')
  assert.equal(await all(loader({ cacheBytes: 0 }), 2), two, 'without a cache')
  assert.equal(await all(warm, 1), one, 'again, and backwards')
  assert.not.equal(
    zero.map(b => b.indices),
    one.map(b => b.indices),
  )
  assert.not.equal(
    (await all(loader({ seed: 8 }), 0)).map(b => b.indices),
    zero.map(b => b.indices),
  )
})

t('two epochs at a time do not disturb each other', async () => {
  const l = loader()
  const [a, b] = await Promise.all([all(l, 3), all(l, 4)])
  assert.equal(a, await all(loader(), 3))
  assert.equal(b, await all(loader(), 4))
})

t('the cache spares the files, up to its size', async () => {
  const copies = await Promise.all(
    samples.slice(0, 8).map(async (s, i) => {
      const file = join(scratch, `copy${i}.png`)
      const p = new PNG({ width: WIDTH, height: SIZE })
      await writeFile(file, PNG.sync.write(p))
      return { ...s, file }
    }),
  )
  const bytes = WIDTH * SIZE * 3
  const whole = loader({}, copies)
  const part = loader({ cacheBytes: 5 * bytes, train: false }, copies)
  await all(whole)
  await all(part)
  for (const { file } of copies) await unlink(file)
  assert.is((await all(whole, 1)).length, 2)
  const { error, before } = await failure(part)
  assert.instance(error, DataError, 'images beyond the cache come from the files')
  assert.ok(before < 2, 'which five of the eight were kept depends on which were decoded first')
})

t('a file that is no image stops its batch with its name, promptly, and the batches before it arrive', async () => {
  const bad = join(scratch, 'bad.jpg')
  await writeFile(bad, 'not a bird')
  const broken = samples.map((s, i) => (i === 9 ? { ...s, file: bad } : s))
  const start = performance.now()
  const { error, before } = await failure(loader({ train: false }, broken))
  assert.instance(error, DataError)
  assert.match((error as Error).message, `${bad}: expected a JPEG or PNG image`)
  assert.is(before, 2)
  assert.ok(performance.now() - start < 2000)

  const iterator = loader(
    { train: false },
    samples.map(s => ({ ...s, file: bad })),
  ).epoch(0)
  assert.instance(
    await iterator.next().then(
      () => undefined,
      e => e,
    ),
    DataError,
    'every file bad',
  )
  assert.equal(await iterator.next(), { value: undefined, done: true }, 'and then it is over')
})

t('leaving the loop ends the work', async () => {
  let reads = 0
  const counted = (s: Sample): Sample => ({
    ...s,
    get file() {
      reads++
      return s.file
    },
  })
  const many = Array.from({ length: 20 }, () => samples.map(counted)).flat()
  const l = loader({ batch: 40, train: false }, many)
  for await (const _ of l.epoch(0)) break
  const then = reads
  assert.ok(then >= 40 && then < 160, `${then} of ${many.length} files read for one batch and three to come`)
  await new Promise(done => setTimeout(done, 50))
  assert.is(reads, then)
  await l.epoch(0).return(undefined) // never started
  assert.is(reads, then)
})

t('a consumer that leaves while later batches fail is not disturbed', async () => {
  const broken = samples.map((s, i) => (i >= 4 ? { ...s, file: join(scratch, 'nowhere.png') } : s))
  for await (const batch of loader({ train: false }, broken).epoch(0)) {
    assert.is(batch.count, 4)
    await new Promise(done => setTimeout(done, 30))
    break
  }
})

t('an epoch that begins at a batch goes on as the whole one does, and decodes nothing before it', async () => {
  for (const options of [{}, { train: false }]) {
    const whole = await all(loader(options), 3)
    for (let from = 0; from <= whole.length; from++) {
      const rest: Batch[] = []
      for await (const batch of loader(options).epoch(3, from)) rest.push(batch)
      assert.equal(rest, whole.slice(from), `from ${from}`)
    }
  }
  const order = (await all(loader(), 3)).flatMap(b => b.indices)
  const gone = new Set(order.slice(0, 8))
  const rest = samples.map((s, i) => (gone.has(i) ? { ...s, file: join(scratch, 'nowhere.png') } : s))
  let batches = 0
  for await (const _ of loader({}, rest).epoch(3, 2)) batches++
  assert.is(batches, 3)
  for (const bad of [-1, 6, 0.5, NaN]) {
    const error = await loader()
      .epoch(0, bad)
      .next()
      .catch(e => e)
    assert.instance(error, RangeError)
    assert.match(error.message, `an epoch of 5 batches cannot begin at batch ${bad}`)
  }
})

/** A pool whose images take `ms` each, all at once, and that counts them. */
function slowPool(ms: number) {
  const counts = { begun: 0 }
  const load = async (): Promise<Image> => {
    counts.begun++
    await new Promise(done => setTimeout(done, ms))
    return { width: SIZE, height: SIZE, rgb: new Uint8Array(SIZE * SIZE * 3) }
  }
  return { pool: { slots: 1000, load }, counts }
}

t('no more than three batches are ahead, nor more bytes than are allowed', async () => {
  const many = Array.from({ length: 10 }, () => samples).flat()
  const bytes = 4 * SIZE * SIZE * 4
  for (const [aheadBytes, ahead] of [
    [undefined, 3],
    [3 * bytes, 3],
    [3 * bytes - 1, 2],
    [bytes, 1],
    [1, 1],
  ]) {
    const { pool, counts } = slowPool(1)
    const options = aheadBytes ? { aheadBytes } : {}
    let taken = 0
    for await (const _ of loader({ pool, cacheBytes: 0, ...options }, many).epoch(0)) {
      taken++
      await new Promise(done => setTimeout(done, 15))
      assert.is(counts.begun, 4 * (taken + ahead!), `${aheadBytes} bytes, batch ${taken}`)
      if (taken === 4) break
    }
  }
})

t('the time that the consumer waited is measured from the beginning of the epoch', async () => {
  const { pool } = slowPool(50)
  const l = loader({ pool }, samples.slice(0, 20))
  assert.is(l.waited, 0)
  const seen: number[] = []
  for await (const _ of l.epoch(0)) {
    seen.push(l.waited)
    await new Promise(done => setTimeout(done, 200))
  }
  assert.ok(seen[0]! >= 0.049, 'the first batch counts')
  assert.ok(l.waited - seen[0]! < 0.04, `then they are ready: ${seen}`)
  await all(l, 1)
  assert.ok(l.waited < 0.049, `from memory: ${l.waited}`)

  const slow = loader({ pool, cacheBytes: 0, aheadBytes: 1 })
  const began = performance.now()
  await all(slow)
  assert.ok(slow.waited >= 0.149 && slow.waited <= (performance.now() - began) / 1000, `${slow.waited}`)
})

t('images from the disk cache give the same batches, also where it cannot be used', async () => {
  const birds = await Promise.all(
    samples.map(async (s, i) => {
      const p = new PNG({ width: 60, height: 50 })
      for (let k = 0; k < p.data.length; k++) p.data[k] = k % 4 === 3 ? 255 : (k * k * (i + 3)) >> 4
      const file = join(scratch, `bird${i}.png`)
      await writeFile(file, PNG.sync.write(p))
      return { ...s, file }
    }),
  )
  const want = await all(loader({}, birds))
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const folder = join(scratch, 'images')
  const no = join(scratch, 'no folder')
  await writeFile(no, '')
  for (const at of [folder, folder, no]) {
    assert.equal(await all(loader({ images: new ImageCache(at, { warn }) }, birds)), want)
    assert.is((await readdir(folder, { recursive: true })).filter(f => f.length > 60).length, 20)
    assert.is(warnings.length, at === no ? 1 : 0)
  }
})

t('arguments', () => {
  assert.throws(() => loader({ batch: 22 }), /21 training images do not fill one batch of 22; use --batch 21/)
  assert.is(loader({ batch: 22, train: false }).batches, 1)
  assert.throws(() => loader({ train: false }, []), /no test images/)
  assert.throws(() => loader({}, []), /no training images/)
  for (const bad of [0, -1, 2.5, NaN]) {
    assert.throws(() => loader({ batch: bad }), /batch must be/)
    assert.throws(() => loader({ size: bad }), /size must be/)
  }
})

t('no rejection went unhandled', async () => {
  await new Promise(done => setTimeout(done, 20))
  assert.equal(stray, [])
})

t.run()
