/** The gradient to the map: one cell moved, the sample and the loss with it, and what the gradient foretells. */
import { scope } from '../../../src/engine/eager.ts'
import { noGrad } from '../../../src/engine/tape.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { persistent, readAll, release } from '../../../src/engine/transfer.ts'
import { valueAndGrad } from '../../../src/ops/backward.ts'
import { crossEntropy } from '../../../src/ops/loss.ts'
import { sampleGrid } from '../../../src/ops/sampler.ts'
import type { Tasn } from '../../../src/tasn/network.ts'
import { type Photo, photoOf } from '../../../src/tasn/photo.ts'
import { gridOfMap } from '../../../src/tasn/views.ts'
import { testBird } from '../page/bird.ts'
import { imagesOf, trainingNetwork } from '../page/network.ts'

/** Cells of the map each way: the size of the features of this model. */
export const CELLS = 16
/** The largest value that the reader can give a cell, in means of the map; and the points of the loss's curve. */
export const MOST = 8
const POINTS = 49
/** Half the distance of the two values between which the difference is taken, in means of the map. */
const APART = 0.004
/** A step against the gradient moves the cell of the largest gradient by so many means of the map. */
const RATE = 0.1

export interface MapOptions {
  /** A test bird, from 0 to 511. */
  readonly bird: number
  /** Steps of gradient descent that the map has made before anything else. */
  readonly steps: number
  /** The cell that is moved; that of the largest gradient if not given. */
  readonly cell?: readonly [row: number, column: number]
  /** Its value, in means of the map; its own if not given. */
  readonly value?: number
  /** `exact` lets a gradient through; `rounds` is the published cap. */
  readonly cap: 'exact' | 'rounds'
}

export interface MapSeen {
  readonly image: Photo
  readonly sample: Photo
  /** (CELLS,CELLS), in means of the map before the first step, with the cell's value in it. */
  readonly map: Float32Array
  readonly cell: readonly [row: number, column: number]
  readonly value: number
  /** The rows and columns of the image at which the sample is read, in pixels. */
  readonly rows: Float32Array
  readonly columns: Float32Array
  /** The cross-entropy of the shared head, and the probability of the species that was drawn. */
  readonly loss: number
  readonly probability: number
  readonly truth: string
  /** The loss where the cell has values from 0 to MOST. */
  readonly curve: readonly (readonly [value: number, loss: number])[]
  /** d loss / d map (CELLS,CELLS), by the engine: undefined where the sampler passes none. */
  readonly gradient: Float32Array | undefined
  /** The gradient at the cell; and the slope between two values of the cell on both sides of its own. */
  readonly slope: number | undefined
  readonly difference: number
  /** The loss of the map before each step, and after the last; before the cell is moved. */
  readonly descent: readonly number[]
}

type Cap = MapOptions['cap']
const size = CELLS * CELLS

/** Logits (N,classes) of one image, read by each of N maps; the grid and the sample. */
function throughMap(model: Tasn, x: Tensor, maps: Tensor, cap: Cap) {
  const { imageSize, classifierSize, maps: config } = model.config
  const sampler = { ...config.sampler, cap }
  const grid = gridOfMap(maps, imageSize, classifierSize, config.gamma, { mapSize: config.mapSize, sampler })
  const sample = sampleGrid(x, grid)
  return { grid, sample, logits: model.shared.forward(model.classifier.pooled(sample)) }
}

/** -log softmax(logits)[label], in double precision, for each row of logits. */
export function lossesOf(logits: Float32Array, label: number, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, n) => {
    const row = logits.subarray(n * classes, (n + 1) * classes)
    const most = row.reduce((a, b) => Math.max(a, b))
    return Math.log(row.reduce((sum, v) => sum + Math.exp(v - most), 0)) + most - row[label]!
  })
}

/** A bird on the GPU: its image once, and as often as the curve needs it; and the model's own map of it. */
interface Bird {
  readonly index: number
  readonly x: Tensor
  readonly many: Tensor
  readonly map: Float32Array
}
let held: Bird | undefined

async function birdOf(index: number, model: Tasn): Promise<Bird> {
  if (held?.index === index) return held
  const { image } = testBird(index)
  const x = imagesOf([image])
  const many = imagesOf(Array<Photo>(POINTS + 3).fill(image))
  const [map] = scope(() => [noGrad(() => model.structureView(model.attend(x).features).map)])
  const [read] = (await readAll([map]).finally(() => release(map))) as [Float32Array]
  const mean = read.reduce((a, b) => a + b) / size
  for (const t of held ? [held.x, held.many] : []) release(t)
  held = { index, x, many, map: read.map(v => v / mean) }
  return held
}

/** The loss of a map, and its gradient where there is one. */
async function gradientOf(model: Tasn, x: Tensor, map: Float32Array, label: number, cap: Cap) {
  const [A, y] = [persistent([1, CELLS, CELLS], map), persistent([1], Uint32Array.of(label))]
  A.requiresGrad = cap === 'exact'
  try {
    const tensors = scope(() => {
      const { value, grads } = valueAndGrad(() => crossEntropy(throughMap(model, x, A, cap).logits, y), [A])
      return [value, ...grads.values()]
    })
    const [loss, gradient] = (await readAll(tensors).finally(() => tensors.forEach(release))) as Float32Array[]
    return { loss: loss![0]!, gradient }
  } finally {
    for (const t of [A, y]) release(t)
  }
}

const largest = (gradient: Float32Array): number =>
  gradient.reduce((best, v, i) => (Math.abs(v) > Math.abs(gradient[best]!) ? i : best), 0)

/** All that the figure shows. The device must be open. */
export async function moveMap({ bird, steps, cell: asked, value: wanted, cap }: MapOptions): Promise<MapSeen> {
  const { model, classes } = await trainingNetwork()
  const { image, label } = testBird(bird)
  const { x, many, map: own } = await birdOf(bird, model)

  const map = own.slice()
  const descent: number[] = []
  for (let k = 0; k < steps; k++) {
    const { loss, gradient } = await gradientOf(model, x, map, label, cap)
    descent.push(loss)
    if (!gradient) continue
    const unit = Math.abs(gradient[largest(gradient)]!) || 1
    for (let i = 0; i < size; i++) map[i] = Math.max(0, map[i]! - (RATE * gradient[i]!) / unit)
  }
  const ended = await gradientOf(model, x, map, label, asked ? cap : 'exact')
  if (asked || cap === 'exact') descent.push(ended.loss)
  const chosen = asked ? asked[0] * CELLS + asked[1] : largest(ended.gradient!)
  const value = wanted ?? map[chosen]!
  map[chosen] = value
  const { gradient } = await gradientOf(model, x, map, label, cap)

  // The curve, the two neighbours, and the map itself: one batch.
  const values = Array.from({ length: POINTS }, (_, k) => (k * MOST) / (POINTS - 1))
  const all = [...values, Math.max(0, value - APART), value + APART, value]
  const batch = new Float32Array(all.length * size)
  for (const [k, v] of all.entries()) {
    batch.set(map, k * size)
    batch[k * size + chosen] = v
  }
  const maps = persistent([all.length, CELLS, CELLS], batch)
  const tensors = scope(() =>
    noGrad(() => {
      const { grid, sample, logits } = throughMap(model, many, maps, cap)
      return [logits, grid.rows, grid.columns, sample]
    }),
  )
  const read = (await readAll(tensors).finally(() => [...tensors, maps].forEach(release))) as Numbers[]
  const [logits, rows, columns, sample] = read as [Numbers, Numbers, Numbers, Numbers]
  const last = <T extends Float32Array>(v: T): T => v.slice(v.length - v.length / all.length) as T
  const losses = lossesOf(logits, label, classes.length)
  const [below, above, loss] = losses.slice(-3) as [number, number, number]
  return {
    image,
    sample: photoOf(last(sample), model.config.classifierSize),
    map,
    cell: [Math.floor(chosen / CELLS), chosen % CELLS],
    value,
    rows: last(rows),
    columns: last(columns),
    loss,
    probability: Math.exp(-loss),
    truth: classes[label]!,
    curve: values.map((v, k) => [v, losses[k]!] as const),
    gradient,
    slope: gradient?.[chosen],
    difference: (above - below) / (all[POINTS + 1]! - all[POINTS]!),
    descent,
  }
}
type Numbers = Float32Array<ArrayBuffer>
