/** The figure's half in the worker: channels, how they are related, and the maps that they become. */
import { scope } from '../../../src/engine/eager.ts'
import { noGrad } from '../../../src/engine/tape.ts'
import { persistent, readAll, release } from '../../../src/engine/transfer.ts'
import type { HostTensor } from '../../../src/io/safetensors.ts'
import { matmul } from '../../../src/ops/matmul.ts'
import { softmax } from '../../../src/ops/softmax.ts'
import type { Explanation } from '../../../src/tasn/explanation.ts'
import type { Photo } from '../../../src/tasn/photo.ts'
import { type TrilinearConfig, trilinearAttention } from '../../../src/tasn/trilinear.ts'
import type { Handlers } from '../../browser/panel.ts'
import { testBird } from '../page/bird.ts'
import { bookModel } from '../page/model.ts'

/** Maps whose cosine is above this count as one and the same. */
const SAME = 0.99

export interface Options extends Required<Pick<TrilinearConfig, 'innerScale' | 'innerSoftmax' | 'outerSoftmax'>> {
  /** A test bird, from 0 to 511. */
  readonly bird: number
}

/** A rectangle of the image: left, top, width, height in its pixels. */
export type Box = readonly [x: number, y: number, width: number, height: number]

/** How scattered maps (C,h,w) are. A map that is zero everywhere has a share of 0 and no spots. */
export interface Scatter {
  /** The share of each map's sum that lies in the bird's box (C). */
  readonly inBox: readonly number[]
  /** The number of each map's separate spots above the middle between its smallest and its largest value (C). */
  readonly spots: readonly number[]
  /** How many different maps there are, but for a factor. */
  readonly kinds: number
}

export interface Related {
  readonly image: Photo
  readonly box: Box
  /** The features X (C,h,w), the left factor N(X) (C,h,w), and the attention maps M (C,h,w). */
  readonly features: HostTensor
  readonly left: HostTensor
  readonly maps: HostTensor
  /** N(X) Xᵀ (C,C), and what weighs the channels: its softmax, or itself without the outer softmax. */
  readonly relations: Float32Array
  readonly weights: Float32Array
  /** Over how many places each row of N(X) spreads, and over how many channels each row of weights (C). */
  readonly places: readonly number[]
  readonly channels: readonly number[]
  readonly scattered: { readonly features: Scatter; readonly maps: Scatter }
}

type Attended = Pick<Explanation, 'image' | 'features'> & { readonly bird: number; readonly box: Box }
let attended: Attended | undefined

/** A bird as the attention net sees it; the last one is kept. */
async function attend(bird: number): Promise<Attended> {
  const model = await bookModel()
  if (attended?.bird === bird) return attended
  const { image: photo, box } = testBird(bird)
  const { image, features } = await model.explain(photo)
  attended = { bird, box, image, features }
  return attended
}

/** All that the figure shows. The device must be open. */
export async function relate({ bird, ...config }: Options): Promise<Related> {
  const { image, box, features } = await attend(bird)
  const [C, h, w] = features.shape as [number, number, number]
  const X = persistent([1, C, h, w], features.data)
  const rows = persistent([1, C, h * w], features.data)
  const tensors = scope(() =>
    noGrad(() => {
      const left = config.innerSoftmax ? softmax(rows, 2, config.innerScale) : rows
      const relations = matmul(left, rows, { transposeB: true })
      const weights = config.outerSoftmax ? softmax(relations) : relations
      return [left, relations, weights, trilinearAttention(X, config)]
    }),
  )
  const [left, relations, weights, maps] = (await readAll(tensors).finally(() => {
    for (const t of new Set([...tensors, X, rows])) release(t)
  })) as [Float32Array<ArrayBuffer>, Float32Array, Float32Array, Float32Array<ArrayBuffer>]
  const shape = features.shape
  return {
    image,
    box,
    features,
    left: { shape, data: left },
    maps: { shape, data: maps },
    relations,
    weights,
    places: rowsOf(left, C).map(spread),
    channels: rowsOf(weights, C).map(spread),
    scattered: {
      features: scatterOf({ shape, data: features.data }, box, image.width),
      maps: scatterOf({ shape, data: maps }, box, image.width),
    },
  }
}

const rowsOf = (values: Float32Array, count: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) =>
    values.subarray((i * values.length) / count, ((i + 1) * values.length) / count),
  )

/** Over how many elements a row is spread: the exponential of its entropy; 1 is a single one. */
function spread(row: Float32Array): number {
  const total = row.reduce((a, b) => a + b, 0)
  return Math.exp(row.reduce((H, v) => (v > 0 ? H - (v / total) * Math.log(v / total) : H), 0))
}

function scatterOf({ shape, data }: HostTensor, [left, top, width, height]: Box, size: number): Scatter {
  const [C, h, w] = shape as [number, number, number]
  const inside = (i: number): boolean => {
    const [x, y] = [(((i % w) + 0.5) * size) / w, ((Math.floor(i / w) + 0.5) * size) / h]
    return x >= left && x < left + width && y >= top && y < top + height
  }
  const rows = rowsOf(data as Float32Array, C)
  const different: Float32Array[] = []
  for (const row of rows) if (!different.some(other => cosine(row, other) > SAME)) different.push(row)
  return {
    inBox: rows.map(row => row.reduce((a, v, i) => a + (inside(i) ? v : 0), 0) / (row.reduce((a, v) => a + v, 0) || 1)),
    spots: rows.map(row => spotsOf(row, w)),
    kinds: different.length,
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((s, v, i) => s + v * y[i]!, 0)
  return dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1)
}

/** Separate spots of a map: places above the middle of its range that touch each other are one. */
function spotsOf(map: Float32Array, w: number): number {
  const [low, high] = [map.reduce((a, b) => Math.min(a, b)), map.reduce((a, b) => Math.max(a, b))]
  const open = new Set(high > low ? [...map.keys()].filter(i => map[i]! >= (low + high) / 2) : [])
  let count = 0
  for (const start of open) {
    count++
    for (const found = [start]; found.length; ) {
      const i = found.pop()!
      open.delete(i)
      const beside = [i - w, i + w, ...(i % w ? [i - 1] : []), ...((i + 1) % w ? [i + 1] : [])]
      found.push(...beside.filter(j => open.has(j)))
    }
  }
  return count
}

export const handlers: Handlers = { relate }
