/** A batch: decoded images, cropped to squares and packed, with labels, boxes and parts. */
import { packSquare } from '../ops/pixels.ts'
import type { Sample } from './dataset.ts'
import type { Image } from './decode.ts'

/** N slots, each with one image. All arrays are the consumer's to keep. */
export interface Batch {
  /** The sample in each slot, as an index into the loader's samples. */
  indices: number[]
  /** N × size × size pixels, each r | g << 8 | b << 16 | 255 << 24. */
  pixels: Uint32Array
  /** N labels. */
  labels: Uint32Array
  /** N × 4: left, top, right and bottom of the bird's box, as shares of the square. Zeros where no box is known. */
  boxes: Float32Array
  /** The visible parts in each slot, as shares of the square. */
  parts: { id: number; x: number; y: number }[][]
  /** Number of real samples. Slots from here on repeat the last of them, in the last batch of a test epoch only. */
  count: number
}

/** One sample with its decoded image, whose short side is the batch's size. */
export interface Item {
  index: number
  sample: Sample
  image: Image
  /** Place of the crop on the long side: 0 is the left or upper end, 0.5 the middle; below 1. */
  place: number
}

/** Makes a batch of N slots, size × size pixels each, from 1 to N items. */
export function makeBatch(items: readonly Item[], N: number, size: number): Batch {
  const area = size * size
  const batch: Batch = {
    indices: [],
    pixels: new Uint32Array(N * area),
    labels: new Uint32Array(N),
    boxes: new Float32Array(4 * N),
    parts: [],
    count: items.length,
  }
  for (let slot = 0; slot < N; slot++) {
    const { index, sample, image, place } = items[Math.min(slot, items.length - 1)]!
    const { width, height, rgb, scale = 1 } = image
    const left = Math.floor(place * (width - size + 1))
    const top = Math.floor(place * (height - size + 1))
    const pixels = batch.pixels.subarray(slot * area, (slot + 1) * area)
    packSquare({ width, channels: 3, data: rgb }, { left, top, side: size }, pixels)

    const across = (x: number) => (x * scale - left) / size
    const down = (y: number) => (y * scale - top) / size
    const { label, box, parts = [] } = sample
    batch.indices.push(index)
    batch.labels[slot] = label
    if (box) batch.boxes.set([across(box[0]), down(box[1]), across(box[0] + box[2]), down(box[1] + box[3])], 4 * slot)
    batch.parts.push(parts.map(({ id, x, y }) => ({ id, x: across(x), y: down(y) })))
  }
  return batch
}
