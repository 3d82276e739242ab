/** One pixel of the sample, backwards: which pixels of the image get a gradient, and how much of it. */
import { scope } from '../../../src/engine/eager.ts'
import { noGrad } from '../../../src/engine/tape.ts'
import { constant, persistent, readAll, release } from '../../../src/engine/transfer.ts'
import { valueAndGrad } from '../../../src/ops/backward.ts'
import { sampleGrid } from '../../../src/ops/sampler.ts'
import type { Photo } from '../../../src/tasn/photo.ts'
import { photoOf } from '../../../src/tasn/photo.ts'
import { testBird } from '../page/bird.ts'
import { imagesOf, trainingNetwork } from '../page/network.ts'

/** The bird of this figure. */
const BIRD = 28

/** A pixel of the sample. */
export interface ReadingOptions {
  readonly row: number
  readonly column: number
}

export interface Reading {
  readonly image: Photo
  readonly sample: Photo
  /** The rows and columns of the image at which the sample is read, in pixels. */
  readonly rows: Float32Array
  readonly columns: Float32Array
  /** The gradient (H,W) of the chosen pixel, in one colour. */
  readonly one: Float32Array
  /** The gradient (H,W) of the sum of all pixels: how much each pixel of the image counts in the sample. */
  readonly all: Float32Array
}

/** Reads a bird by attention, and goes back from one pixel, and from all. The device must be open. */
export async function reading({ row, column }: ReadingOptions): Promise<Reading> {
  const { model } = await trainingNetwork()
  const { image } = testBird(BIRD)
  const [OH, OW] = model.config.classifierSize
  const [H, W] = model.config.imageSize
  const x = imagesOf([image])
  x.requiresGrad = true
  const pixel = new Float32Array(3 * OH * OW)
  pixel[row * OW + column] = 1
  const one = persistent([1, 3, OH, OW], pixel)
  try {
    const tensors = scope(() => {
      const { grid } = noGrad(() => model.structureView(model.attend(x).features))
      const back = [one, constant([1, 3, OH, OW], 1)].map(d => valueAndGrad(() => sampleGrid(x, grid), [x], d))
      return [grid.rows, grid.columns, back[0]!.value, ...back.map(({ grads }) => grads.get(x)!)]
    })
    const read = (await readAll(tensors).finally(() => tensors.forEach(release))) as Float32Array<ArrayBuffer>[]
    const [rows, columns, sample, oneBack, allBack] = read as [Numbers, Numbers, Numbers, Numbers, Numbers]
    return {
      image,
      sample: photoOf(sample, [OH, OW]),
      rows,
      columns,
      one: oneBack.slice(0, H * W),
      all: allBack.slice(0, H * W),
    }
  } finally {
    for (const t of [x, one]) release(t)
  }
}
type Numbers = Float32Array<ArrayBuffer>

/** A pixel of the image that has a part in a pixel of the sample. */
export interface Weight {
  readonly row: number
  readonly column: number
  readonly weight: number
}

/** The pixels that got a gradient: four, or fewer where the place is on a pixel or at the edge. */
export const weightsOf = ({ one, image: { width } }: Reading): Weight[] =>
  [...one].flatMap((weight, i) => (weight === 0 ? [] : [{ row: Math.floor(i / width), column: i % width, weight }]))

/** The share of the image's pixels that no pixel of the sample has read; and the most that one counts. */
export const coverageOf = ({ all }: Reading): { unread: number; most: number } => ({
  unread: all.filter(v => v === 0).length / all.length,
  most: all.reduce((a, b) => Math.max(a, b)),
})
