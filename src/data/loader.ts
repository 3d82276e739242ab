/** Loader: samples become batches, decoded ahead of the consumer and reproducible from a seed. */
import { Random } from '../engine/random.ts'
import { type Batch, type Item, makeBatch } from './batch.ts'
import type { Sample } from './dataset.ts'
import type { DecodeOptions, Image } from './decode.ts'
import type { ImageCache } from './feed/image_cache.ts'
import { DataError } from './problems.ts'

/** Gives decoded images: those of files (DecodePool, feed/pool.ts), or drawn ones that are in memory (birds/). */
export interface ImagePool {
  /** Number of images that keep it busy. */
  readonly slots: number
  /** Makes it ready, so that the first load() need not wait. */
  start?(): void
  /** The image of a file with a short side of `size` pixels, by way of the cache if one is given. */
  load(file: string, size: number, images?: ImageCache, options?: DecodeOptions): Promise<Image>
}

export interface LoaderOptions {
  /** Side of the square images, in pixels, and the short side that files are resized to. */
  size: number
  /** Samples in a batch. */
  batch: number
  /** Seed of the order and the crops. Not used for testing. */
  seed: number
  /** true, for training: shuffled, crops at random, whole batches only. false: in order, centre crops, all samples. */
  train: boolean
  /** Bytes of decoded images to keep between epochs. Default 1 GiB. */
  cacheBytes?: number
  /** Bytes of batches that may be ahead of the consumer; one always may. Default 512 MiB. */
  aheadBytes?: number
  /** Images that were decoded by an earlier run, on disk. Default: none. */
  images?: ImageCache | undefined
  /** Files are turned upright, as their EXIF says. Default: they are taken as they are stored. */
  upright?: boolean | undefined
  /** Gives the decoded images. */
  pool: ImagePool
}

/** Number of batches, at most, that are made while the consumer works on one. */
const AHEAD = 3
/** The epochs' streams of the seed begin here, apart from those that other parts of a training draw from. */
const STREAM = 0x64617461

/** Reads the samples of one side of a data set, epoch by epoch. */
export class Loader {
  /** Number of batches in an epoch. */
  readonly batches: number
  readonly samples: readonly Sample[]
  readonly options: Readonly<LoaderOptions>
  // First come, first kept, and nothing is evicted: every epoch visits all samples, so the least recently used image is
  // the one needed soonest.
  readonly #cache = new Map<number, Image>()
  readonly #pool: ImagePool
  readonly #ahead: number
  #room: number
  #waited = 0

  /** @throws DataError when there is nothing to read, or for training less than one batch. */
  constructor(samples: readonly Sample[], options: LoaderOptions) {
    const { size, batch, train, cacheBytes = 2 ** 30, aheadBytes = 2 ** 29, pool } = options
    for (const [name, n] of Object.entries({ size, batch })) {
      if (!(Number.isInteger(n) && n > 0)) throw new DataError(`${name} must be a whole number from 1, not ${n}`)
    }
    if (!samples.length) throw new DataError(`no ${train ? 'training' : 'test'} images to load`)
    if (train && samples.length < batch) {
      const n = samples.length
      throw new DataError(`${n} training images do not fill one batch of ${batch}; use --batch ${n} or lower`)
    }
    this.samples = samples
    this.options = options
    this.batches = train ? Math.floor(samples.length / batch) : Math.ceil(samples.length / batch)
    this.#room = cacheBytes
    this.#ahead = Math.max(1, Math.min(AHEAD, Math.floor(aheadBytes / (batch * size * size * 4))))
    this.#pool = pool
  }

  /**
   * Seconds that the consumer has spent in waiting for batches since the latest epoch began, its first batch included.
   *
   * It is the host's time. With two steps in flight the device waits for less: a step that was launched before is still
   * under way while the host waits here. It waits for more where the main thread is kept busy: packing a batch whose
   * images are in memory takes some milliseconds, falls into the time of a step, and does not count.
   */
  get waited(): number {
    return this.#waited
  }

  /**
   * The batches of epoch `e` from the batch `from` on, the same ones whatever was read before. Nothing is decoded for
   * those before `from`. Leaving the loop ends the work behind it.
   *
   * @throws DataError, from the iteration, when a file cannot be decoded.
   */
  async *epoch(e: number, from = 0): AsyncGenerator<Batch, void, undefined> {
    const { seed, train, batch: N, size } = this.options
    if (!(Number.isInteger(from) && from >= 0 && from <= this.batches)) {
      throw new RangeError(`an epoch of ${this.batches} batches cannot begin at batch ${from}`)
    }
    const random = new Random(seed, STREAM + e)
    const order = this.samples.map((_, i) => i)
    if (train) random.shuffle(order)
    const places = order.map(() => (train ? random.next() : 0.5))

    let stopped = false
    let next = from
    const atATime = limiter(this.#pool.slots)
    const pending: Promise<Batch>[] = []
    const load = (index: number) =>
      this.#cache.get(index) ??
      atATime(() => {
        if (stopped) throw new Error('the consumer has left')
        return this.#load(index)
      })
    const item = async (k: number): Promise<Item> => {
      const index = order[k]!
      return { index, sample: this.samples[index]!, image: await load(index), place: places[k]! }
    }
    const begin = () => {
      const first = next++ * N
      const batch = makeBatch(Math.min(N, order.length - first), N, size, slot => item(first + slot))
      batch.catch(() => {}) // thrown where it is awaited; a batch that never is must not end the process
      pending.push(batch)
    }
    const refill = () => {
      while (!stopped && pending.length < this.#ahead && next < this.batches) begin()
    }
    this.#waited = 0
    let asked = performance.now()
    try {
      for (let left = this.batches - from; left > 0; left--) {
        if (!pending.length) begin()
        // Not at once: where the images are in memory, the consumer gets this batch to the device before the next ones
        // are packed.
        soon(refill)
        const batch = await pending.shift()!
        this.#waited += (performance.now() - asked) / 1000
        yield batch
        asked = performance.now()
      }
    } finally {
      stopped = true
      await Promise.allSettled(pending)
    }
  }

  async #load(index: number): Promise<Image> {
    const { size, images, upright } = this.options
    const image = await this.#pool.load(this.samples[index]!.file, size, images, { upright })
    const bytes = image.rgb.byteLength
    if (bytes <= this.#room && !this.#cache.has(index)) {
      this.#room -= bytes
      this.#cache.set(index, image)
    }
    return image
  }
}

/** Calls back once what is waiting now has run; pages have no setImmediate(). */
const soon: (f: () => void) => void = typeof setImmediate === 'function' ? setImmediate : f => setTimeout(f, 0)

/** Runs at most `slots` pieces of work at a time, and the rest in the order in which they came. */
function limiter(slots: number) {
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (slots > 0) slots--
    else await new Promise<void>(go => waiting.push(go))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else slots++
    }
  }
}
