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

/**
 * Makes a batch of N slots, size × size pixels each, from `count` items, 1 to N. Each item is packed when it comes, in
 * whatever order, so that no more images are in memory than are being decoded.
 */
export async function makeBatch(
  count: number,
  N: number,
  size: number,
  item: (slot: number) => Promise<Item>,
): Promise<Batch> {
  const batch: Batch = {
    indices: new Array(N),
    pixels: new Uint32Array(N * size * size),
    labels: new Uint32Array(N),
    boxes: new Float32Array(4 * N),
    parts: new Array(N),
    count,
  }
  const fill = async (slot: number): Promise<void> => {
    const found = await item(slot)
    const slots = slot === count - 1 ? N - slot : 1
    for (let k = 0; k < slots; k++) pack(batch, slot + k, size, found)
  }
  await Promise.all(Array.from({ length: count }, (_, slot) => fill(slot)))
  return batch
}

function pack(batch: Batch, slot: number, size: number, { index, sample, image, place }: Item): void {
  const area = size * size
  const { width, height, rgb, scale = 1 } = image
  const left = Math.floor(place * (width - size + 1))
  const top = Math.floor(place * (height - size + 1))
  const pixels = batch.pixels.subarray(slot * area, (slot + 1) * area)
  packSquare({ width, channels: 3, data: rgb }, { left, top, side: size }, pixels)

  const across = (x: number) => (x * scale - left) / size
  const down = (y: number) => (y * scale - top) / size
  const { label, box, parts = [] } = sample
  batch.indices[slot] = index
  batch.labels[slot] = label
  if (box) batch.boxes.set([across(box[0]), down(box[1]), across(box[0] + box[2]), down(box[1] + box[3])], 4 * slot)
  batch.parts[slot] = parts.map(({ id, x, y }) => ({ id, x: across(x), y: down(y) }))
}
