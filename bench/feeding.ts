/**
 * How long a device waits for data. The device is an artificial one, which takes a fixed time for a batch and no
 * processor; with --real it is the adapter, which runs the preset's training step.
 *
 *   npm run bench:feeding                     on the built-in birds
 *   npm run bench:feeding -- --data DIR       on a data set in the layout of CUB-200-2011
 *   npm run bench:feeding -- --data DIR --preset paper --ms 5 20 --real --limit 160
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { builtInBirds } from '../src/data/birds/built_in.ts'
import { loadCub } from '../src/data/cub.ts'
import type { Dataset } from '../src/data/dataset.ts'
import { ImageCache } from '../src/data/feed/image_cache.ts'
import { DecodePool, decodePool } from '../src/data/feed/pool.ts'
import { Loader } from '../src/data/loader.ts'
import { loadShortSide } from '../src/data/short_side.ts'
import { close, open } from '../src/engine/open.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { train } from '../src/train/loop.ts'
import { overlapped } from '../src/train/overlap.ts'
import { PRESETS, type Preset, type PresetName } from '../src/train/presets.ts'
import { setUp } from '../src/train/setup.ts'

const number = (text: string): number => {
  const n = Number(text)
  if (!(n > 0)) throw new InvalidArgumentError('A number above 0 is needed.')
  return n
}
const several = (text: string, before: number[] | undefined): number[] => [...(before ?? []), number(text)]
const { data, preset, ms, limit, real } = new Command('npm run bench:feeding --')
  .description('Measures the share of time that a device waits for data.')
  .option('--data <dir>', 'a data set; the built-in birds if not given')
  .addOption(new Option('--preset <name>', 'size of images and batches').choices(Object.keys(PRESETS)).default('small'))
  .addOption(new Option('--ms <n...>', "the artificial device's time for a batch").argParser(several))
  .option('--limit <n>', 'images of each side', number)
  .option('--real', "run the preset's step on the adapter, too")
  .allowExcessArguments(false)
  .parse()
  .opts<{ data?: string; preset: PresetName; ms?: number[]; limit?: number; real?: boolean }>()

const { model, training }: Preset = PRESETS[preset]
const [size] = model.imageSize
const dataset = await loadCub(data ?? (await builtInBirds()), limit ? { limit } : {})
const samples = dataset.train
const scratch = mkdtempSync(join(tmpdir(), 'tasn-feeding-'))
const cacheIn = (name: string) => new ImageCache(join(scratch, name))

const ROUNDS = 5

interface Source {
  readonly images?: ImageCache
  readonly cacheBytes?: number
}
const loaderOf = (dataset: Dataset, pool: DecodePool, source: Source): Loader =>
  new Loader(dataset.train, { size, batch: training.batch, seed: 0, train: true, pool, ...source })

/** An epoch on a device that takes `ms` a batch: seconds, those the host waited, those the device had nothing to do. */
async function epochOn(batches: AsyncIterable<unknown>, ms: number, loader?: Loader) {
  const began = performance.now()
  let free = began
  let idle = 0
  const launch = async (): Promise<void> => {
    const now = performance.now()
    idle += Math.max(0, now - free)
    free = Math.max(now, free) + ms
    await sleep(free - now)
  }
  for await (const _ of overlapped(batches, launch));
  return { seconds: (performance.now() - began) / 1000, waited: loader?.waited ?? 0, idle: idle / 1000 }
}

/** The best of several rounds: other work on the machine only adds. */
async function best(epoch: (round: number) => ReturnType<typeof epochOn>): ReturnType<typeof epochOn> {
  let least = await epoch(0)
  for (let round = 1; round < ROUNDS; round++) {
    const other = await epoch(round)
    if (other.waited < least.waited) least = other
  }
  return least
}

async function* nothing(batches: number): AsyncGenerator<undefined, void, undefined> {
  for (let i = 0; i < batches; i++) yield undefined
}

/** Starts the threads and waits for them: in a training they start while the steps are compiled. */
async function started(pool: DecodePool): Promise<void> {
  pool.start()
  await Promise.all(samples.slice(0, pool.slots).map(s => pool.load(s.file, size)))
}

const percent = (share: number): string => `${(100 * share).toFixed(1).padStart(5)} %`
const row = (name: string, { seconds, waited, idle }: Awaited<ReturnType<typeof epochOn>>): void =>
  console.log(
    `  ${name.padEnd(44)} ${seconds.toFixed(2).padStart(7)} s  ${percent(waited / seconds)} ${percent(idle / seconds)}`,
  )

/** Milliseconds an image, and of those the milliseconds in which the main thread was busy. */
async function pace(name: string, load: (file: string) => Promise<unknown>): Promise<void> {
  const files = samples.slice(0, 600).map(s => s.file)
  const n = files.length
  const began = performance.now()
  const before = performance.eventLoopUtilization()
  const worker = async () => {
    for (let file = files.pop(); file; file = files.pop()) await load(file)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  const all = (performance.now() - began) / n
  const busy = performance.eventLoopUtilization(before).active / n
  console.log(`  ${name.padEnd(44)} ${all.toFixed(2).padStart(7)} ms  ${busy.toFixed(2).padStart(5)} ms`)
}

try {
  console.log(`${samples.length} images at ${size}, batches of ${training.batch}, ${availableParallelism()} processors`)
  console.log(`\n  ${'an image'.padEnd(44)} ${'time'.padStart(10)}  main thread`)
  {
    const pool = new DecodePool()
    const images = cacheIn('pace')
    await started(pool)
    await pace('decoded without threads', file => loadShortSide(file, size))
    await pace('decoded on threads', file => pool.load(file, size))
    await pace('decoded, and added to the disk cache', file => pool.load(file, size, images))
    await pace('read from the disk cache', file => pool.load(file, size, images))
    await pool.close()
  }
  for (const time of ms ?? [10, 20, 50]) {
    console.log(`\n  ${`${time} ms a batch`.padEnd(44)} ${'epoch'.padStart(9)}  host waited, device idle`)
    const pool = new DecodePool()
    await started(pool)
    const loader = loaderOf(dataset, pool, { images: cacheIn(`${time}`) })
    row('nothing to load, for comparison', await epochOn(nothing(loader.batches), time))
    row('epoch 1, nothing decoded yet', await epochOn(loader.epoch(0), time, loader))
    row('later epochs, from memory', await best(e => epochOn(loader.epoch(1 + e), time, loader)))
    // As in a new process.
    const other = loaderOf(dataset, pool, { images: cacheIn(`${time}`), cacheBytes: 0 })
    row('epoch 1 of another run, from the disk cache', await best(e => epochOn(other.epoch(e), time, other)))
    await pool.close()
  }
  if (real) {
    await open()
    console.log(`\n  the step of ${preset} on ${adapterInfo.description || adapterInfo.device}`)
    const config = { ...model, classes: dataset.classes.length }
    const settings = { ...training, epochs: 2, attentionEpochs: 0, attentionAfter: 'joint' } as const
    const t = await setUp({ config, settings, dataset, seed: 0, pool: decodePool })
    let epoch = -1
    let report = ''
    for await (const event of train(t, { evaluateEvery: 2 })) {
      if (event.kind === 'step') report = `${event.seconds.toFixed(2)} s, waited ${t.loaders.train.waited.toFixed(3)} s`
      if (event.kind === 'step' && event.epoch !== epoch) epoch = event.epoch
      if (event.kind === 'epoch') console.log(`  epoch ${epoch + 1}: ${report}`)
    }
    await close()
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
