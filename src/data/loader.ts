/** Turns samples into batches of packed pixels, decoded ahead of the consumer and reproducible from a seed. */
import { Random } from '../engine/random.ts'
import { packSquare } from '../ops/pixels.ts'
import { DataError, type Sample } from './dataset.ts'
import { type Image, loadShortSide } from './decode.ts'

export interface LoaderOptions {
  /** Side of the square images, in pixels: also the short side that files are resized to. */
  size: number
  /** Samples in a batch. */
  batch: number
  /** Of the order and the crops; not used for testing. */
  seed: number
  /** Training: shuffled, crops at random, whole batches only. Otherwise: in order, centre crops, all samples. */
  train: boolean
  /** Bytes of decoded images to keep between epochs. Default 1 GiB. */
  cacheBytes?: number
}

/** All arrays are the consumer's to keep. */
export interface Batch {
  /** Which sample each slot holds, as positions in the loader's samples. */
  indices: number[]
  /** batch × size × size pixels, each r | g << 8 | b << 16 | 255 << 24. */
  pixels: Uint32Array
  /** batch labels. */
  labels: Uint32Array
  /**
   * Of each slot the left, top, right and bottom of the bird's box, as shares of the square; four zeros where no box is
   * known.
   */
  boxes: Float32Array
  /** Of each slot the visible parts, as shares of the square. */
  parts: { id: number; x: number; y: number }[][]
  /** Real samples. Slots from here on repeat the last of them (last batch of a test epoch only). */
  count: number
}

/** Batches being made while the consumer works on one. */
const AHEAD = 3
/** Files being read and decoded at a time: enough for every thread, far from the limit on open files. */
const DECODES = 8
/** Streams of the seed from here on belong to the epochs, apart from those that other parts of a training draw from. */
const STREAM = 0x64617461

/** Reads the samples of one side of a data set, epoch by epoch. */
export class Loader {
  /** Batches an epoch. */
  readonly batches: number
  readonly samples: readonly Sample[]
  readonly options: Readonly<LoaderOptions>
  // First come, first kept, and nothing is evicted: every epoch visits all samples, so the least recently used image is
  // the one needed soonest.
  readonly #cache = new Map<number, Image>()
  #room: number

  /** @throws DataError when there is nothing to read, or for training less than one batch. */
  constructor(samples: readonly Sample[], options: LoaderOptions) {
    const { size, batch, train, cacheBytes = 2 ** 30 } = options
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
  }

  /**
   * The batches of epoch `e`, the same ones whatever was read before. Leaving the loop ends the work behind it.
   * @throws DataError, from the iteration, when a file cannot be decoded.
   */
  async *epoch(e: number): AsyncGenerator<Batch, void, undefined> {
    const { seed, train } = this.options
    const random = new Random(seed, STREAM + e)
    const order = this.samples.map((_, i) => i)
    if (train) random.shuffle(order)
    const places = order.map(() => (train ? random.next() : 0.5))

    let stopped = false
    let next = 0
    const atATime = limiter(DECODES)
    const pending: Promise<Batch>[] = []
    const read = (index: number) =>
      this.#cache.get(index) ??
      atATime(() => {
        if (stopped) throw new Error('the consumer has left')
        return this.#load(index)
      })
    const fill = () => {
      while (pending.length < AHEAD && next < this.batches) {
        const made = this.#make(next++, order, places, read)
        made.catch(() => {}) // thrown where it is awaited; a batch that never is must not end the process
        pending.push(made)
      }
    }
    try {
      fill()
      for (let first = pending.shift(); first; first = pending.shift()) {
        const batch = await first
        fill()
        yield batch
      }
    } finally {
      stopped = true
      await Promise.allSettled(pending)
    }
  }

  async #make(
    n: number,
    order: number[],
    places: number[],
    read: (index: number) => Image | Promise<Image>,
  ): Promise<Batch> {
    const { size, batch } = this.options
    const from = n * batch
    const count = Math.min(batch, order.length - from)
    const area = size * size
    const images = await Promise.all(order.slice(from, from + count).map(read))
    const indices: number[] = []
    const pixels = new Uint32Array(batch * area)
    const labels = new Uint32Array(batch)
    const boxes = new Float32Array(4 * batch)
    const parts: Batch['parts'] = []
    for (let slot = 0; slot < batch; slot++) {
      const k = Math.min(slot, count - 1)
      const index = order[from + k]!
      indices.push(index)
      labels[slot] = this.samples[index]!.label
      const image = images[k]!
      const place = places[from + k]!
      const { box, parts: seen = [] } = this.samples[index]!
      const { left, top } = corner(image, place, size)
      packSquare(
        { width: image.width, channels: 3, data: image.rgb },
        { left, top, side: size },
        pixels.subarray(slot * area, (slot + 1) * area),
      )
      const across = (x: number) => (x * (image.scale ?? 1) - left) / size
      const down = (y: number) => (y * (image.scale ?? 1) - top) / size
      boxes.set(
        box ? [across(box[0]), down(box[1]), across(box[0] + box[2]), down(box[1] + box[3])] : [0, 0, 0, 0],
        4 * slot,
      )
      parts.push(seen.map(({ id, x, y }) => ({ id, x: across(x), y: down(y) })))
    }
    return { indices, pixels, labels, boxes, parts, count }
  }

  async #load(index: number): Promise<Image> {
    const image = await loadShortSide(this.samples[index]!.file, this.options.size)
    const bytes = image.rgb.byteLength
    if (bytes <= this.#room && !this.#cache.has(index)) {
      this.#room -= bytes
      this.#cache.set(index, image)
    }
    return image
  }
}

/** The upper left pixel of the square window at `place`. */
const corner = ({ width, height }: Image, place: number, size: number) => ({
  left: Math.floor(place * (width - size + 1)),
  top: Math.floor(place * (height - size + 1)),
})

/** Runs at most `slots` pieces of work at a time, the rest in the order they came. */
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
