/** The figure's half in the worker: a map, its marginals, densities, integrals and positions, and the sample. */
import { drawBird } from '../../../src/data/birds/draw.ts'
import { scope } from '../../../src/engine/eager.ts'
import { noGrad } from '../../../src/engine/tape.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { constant, persistent, readAll, release } from '../../../src/engine/transfer.ts'
import { reshape } from '../../../src/ops/elementwise.ts'
import { sum } from '../../../src/ops/reduce.ts'
import { resizeBilinear } from '../../../src/ops/resize.ts'
import { densities, invert, marginals, type SamplerOptions, sampleGrid } from '../../../src/ops/sampler.ts'
import type { Photo } from '../../../src/tasn/photo.ts'
import type { Handlers } from '../../browser/panel.ts'

/** Cells of the map each way, as published. */
export const CELLS = 512
/** Pixels of the sample each way: 192 times the published 224 / 512. */
export const OUT = 84
/** The published number of rounds. */
export const ROUNDS = 5
/** Standard deviation of the long weak branch, in cells. */
const BRANCH = 12
/** A bird that no training of the built-in birds has seen. */
const BIRD = 3100

export type Shape = 'spot' | 'cell' | 'pixel' | 'branch' | 'stripe' | 'nothing'

export interface MapOptions {
  readonly shape: Shape
  /** Standard deviation of a spot or a stripe, in cells. */
  readonly sigma: number
  /** The middle of the spot, as a share of width and height. */
  readonly x: number
  readonly y: number
  /** The attention that all cells have, before the spot. */
  readonly floor: number
}

export interface Options extends MapOptions, Required<Pick<SamplerOptions, 'dense' | 'cap' | 'coupled'>> {
  readonly rounds: number
}

/** One axis: magnifications (L) and the integral's inverse (O) in pixels of the image. */
export interface AxisSeen {
  readonly magnification: Float32Array
  readonly positions: Float32Array
}

/** The way from a map to a sample, by marginals of one kind. */
export interface Seen {
  readonly rows: AxisSeen
  readonly columns: AxisSeen
  /** Largest magnification of rows and columns after 0, 1, ... ROUNDS rounds. */
  readonly peaks: readonly (readonly [rows: number, columns: number])[]
  /** The magnification in the middle of the spot. */
  readonly atSpot: readonly [rows: number, columns: number]
  /** (3,OUT,OUT), red, green, blue from 0 to 255. */
  readonly sample: Float32Array
  readonly fallback: boolean
}

export interface Magnified {
  /** (CELLS,CELLS). */
  readonly map: Float32Array
  readonly max: Seen
  readonly sum: Seen
}

/** The image of the figure, and the eye of the bird in it as shares of width and height. */
export interface Scene {
  readonly image: Photo
  readonly eye: { readonly x: number; readonly y: number }
}

let made: Scene | undefined

/** The drawn bird that the figure looks at. */
export function scene(): Scene {
  if (made) return made
  const { rgb, parts } = drawBird(0, BIRD)
  const size = Math.sqrt(rgb.length / 3)
  const { x, y } = parts.find(({ name }) => name === 'eye')!
  made = { image: { width: size, height: size, data: rgb }, eye: { x: x / size, y: y / size } }
  return made
}

/** A map (1,CELLS,CELLS). */
function mapOf({ shape, sigma, x, y, floor }: MapOptions): Tensor {
  if (shape === 'nothing') return constant([1, CELLS, CELLS], 0)
  const [cx, cy] = [x * CELLS - 0.5, y * CELLS - 0.5]
  if (shape === 'cell') {
    // One of 28 x 28 cells, as the attention net has them, enlarged as the maps are.
    const small = new Float32Array(28 * 28).fill(floor)
    small[Math.floor(y * 27.99) * 28 + Math.floor(x * 27.99)]! += 1
    const enlarged = resizeBilinear(persistentOnce([1, 1, 28, 28], small), [CELLS, CELLS])
    return reshape(enlarged, [1, CELLS, CELLS])
  }
  const bell = (distance: number): number => Math.exp(-0.5 * (distance / sigma) ** 2)
  const branch = (cy + CELLS / 2) % CELLS // as far from the spot as can be
  const map = new Float32Array(CELLS * CELLS)
  for (let h = 0; h < CELLS; h++)
    for (let w = 0; w < CELLS; w++) {
      let value = 0
      if (shape === 'pixel') value = Number(h === Math.round(cy) && w === Math.round(cx))
      else if (shape === 'stripe') value = bell(w - cx)
      else value = bell(w - cx) * bell(h - cy)
      if (shape === 'branch') value += 0.25 * Math.exp(-0.5 * ((h - branch) / BRANCH) ** 2)
      map[h * CELLS + w] = floor + value
    }
  return persistentOnce([1, CELLS, CELLS], map)
}

const held: Tensor[] = []
/** Numbers of the host on the GPU until the figure has been computed. */
function persistentOnce(shape: readonly number[], data: Float32Array<ArrayBuffer>): Tensor {
  const t = persistent(shape, data)
  held.push(t)
  return t
}

/** The image as (1,3,size,size), from 0 to 255. */
function imageOf({ image: { width, height, data } }: Scene): Tensor {
  const n = width * height
  const planes = new Float32Array(3 * n)
  for (let i = 0; i < n; i++) for (let c = 0; c < 3; c++) planes[c * n + i] = data[3 * i + c]!
  return persistentOnce([1, 3, height, width], planes)
}

/** All that the figure shows. The device must be open. */
export async function magnify({ dense, cap, coupled, rounds, ...options }: Options): Promise<Magnified> {
  const size = scene().image.width
  const out = [OUT, OUT] as const
  try {
    const tensors = scope(() =>
      noGrad(() => {
        const [A, image] = [mapOf(options), imageOf(scene())]
        const bySum = { rows: sum(A, [2]), columns: sum(A, [1]) }
        return [
          A,
          ...[marginals(A), bySum].flatMap(({ rows, columns }) => {
            const after = (iterations: number) => {
              const { dy, dx, fallback } = densities(rows, columns, out, { dense, cap, coupled, iterations })
              return [dy, dx, fallback] as const
            }
            const [dy, dx, fallback] = after(rounds)
            const grid = { rows: invert(dy, OUT, size), columns: invert(dx, OUT, size) }
            const each = Array.from({ length: ROUNDS + 1 }, (_, k) => after(k).slice(0, 2)).flat()
            return [dy, dx, fallback, grid.rows, grid.columns, sampleGrid(image, grid), ...each]
          }),
        ]
      }),
    )
    const read = (await readAll(tensors).finally(() => tensors.forEach(release))) as Float32Array[]
    const [map, ...numbers] = read
    const half = numbers.length / 2
    return {
      map: map!,
      max: seen(numbers.slice(0, half), options),
      sum: seen(numbers.slice(half), options),
    }
  } finally {
    for (const t of held.splice(0)) release(t)
  }
}

/** From output pixels per cell to times the uniform density. */
const times = (density: Float32Array): Float32Array => density.map(d => (d * CELLS) / OUT)

function seen([dy, dx, fallback, rows, columns, sample, ...each]: Float32Array[], { x, y }: MapOptions): Seen {
  const at = (density: Float32Array, share: number): number =>
    times(density)[Math.min(CELLS - 1, Math.floor(share * CELLS))]!
  const largest = (density: Float32Array): number => times(density).reduce((a, b) => Math.max(a, b))
  return {
    rows: { magnification: times(dy!), positions: rows! },
    columns: { magnification: times(dx!), positions: columns! },
    peaks: Array.from({ length: ROUNDS + 1 }, (_, k) => [largest(each[2 * k]!), largest(each[2 * k + 1]!)] as const),
    atSpot: [at(dy!, y), at(dx!, x)],
    sample: sample!,
    fallback: fallback![0] === 1,
  }
}

export const handlers: Handlers = { scene, magnify }
