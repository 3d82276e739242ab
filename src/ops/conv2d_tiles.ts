/** The rungs of conv2d for GPUs whose workgroups own large tiles: implicit matrix products by lib/product.wgsl. */
import type { Grid, Rung } from '../gpu/kernel.ts'
import { type ConvShape, ceil, type GroupedShape } from './conv2d_shape.ts'
import { fills, TILES, type Tile } from './matmul.ts'

type Name = keyof typeof TILES

/** The share of `n` in steps of `by`: what is left of the last step is computed in vain. */
const used = (n: number, by: number): number => n / (by * ceil(n, by))

/** One of three passes: how many results, as rows x columns, so many times over, and how much of a step is real. */
interface Pass<P> {
  readonly file: string
  readonly results: (p: P) => readonly [rows: number, columns: number, times: number]
  readonly real: (p: P, DEPTH: number) => number
  /** The axis of the grid that counts tiles of rows. */
  readonly rowsOn: 'x' | 'y'
}

function tiled<P extends ConvShape>({ file, results, real, rowsOn }: Pass<P>, name: Name, more: Partial<Rung<P>> = {}) {
  const grid = (p: P, { ROWS, COLUMNS }: Tile): Grid => {
    const [rows, columns, times] = results(p)
    const down = ceil(rows, ROWS)
    const across = ceil(columns, COLUMNS)
    return rowsOn === 'x' ? [down, across, times] : [across, down, times]
  }
  const pays = (p: P, c: Tile & Record<'DEPTH', number>): boolean => fills(c, ...results(p)) && real(p, c.DEPTH) >= 0.75
  return { name, file, grid, consts: TILES[name], on: 'gpu', pays, ...more } as Rung<P>
}

const forward: Pass<ConvShape> = {
  file: 'conv2d/forward/6_tiles.wgsl',
  results: ({ N, K, OH, OW }) => [K, N * OH * OW, 1],
  real: ({ C }, DEPTH) => used(C, DEPTH),
  rowsOn: 'x',
}
/** Pixels of an image that stand in the same place to the stride form a phase, and a tile's pixels are of one phase. */
const backwardInput: Pass<ConvShape> = {
  file: 'conv2d/backward_input/7_tiles.wgsl',
  results: ({ N, C, H, W, stride }) => [C, N * ceil(H, stride) * ceil(W, stride), stride ** 2],
  real: ({ K }, DEPTH) => used(K, DEPTH),
  rowsOn: 'x',
}
/** A step is runs of eight pixels of a row. */
const backwardWeight: Pass<GroupedShape> = {
  file: 'conv2d/backward_weight/6_tiles.wgsl',
  results: ({ K, C, R, S, G }) => [K, C * R * S, G],
  real: ({ OW }) => used(OW, 8),
  rowsOn: 'y',
}

/** Filters of one pixel, of which a load moves four numbers. */
const right = ({ C, H, W, R, S, stride, pad }: ConvShape): boolean =>
  R * S * stride === 1 && pad === 0 && C % 4 === 0 && (H * W) % 4 === 0
const pointwise = (pass: Pass<ConvShape>, file: string, name: Name): Rung<ConvShape> =>
  tiled({ ...pass, file }, name, { name: `pointwise ${name}`, right })

/** The smallest tiles first: the rules take the last that suits. */
export const tiledForward = [
  tiled(forward, '32x32'),
  tiled(forward, '64x64'),
  tiled(forward, '64x128'),
  tiled(forward, '128x128'),
  pointwise(forward, 'conv2d/forward/7_pointwise.wgsl', '64x128'),
  pointwise(forward, 'conv2d/forward/7_pointwise.wgsl', '128x128'),
]
export const tiledInput = [
  tiled(backwardInput, '32x32'),
  tiled(backwardInput, '64x64'),
  tiled(backwardInput, '64x128'),
  tiled(backwardInput, '128x128'),
  pointwise(backwardInput, 'conv2d/backward_input/8_pointwise.wgsl', '64x128'),
  pointwise(backwardInput, 'conv2d/backward_input/8_pointwise.wgsl', '128x128'),
]
/**
 * 64 pixels are added up in one float, then that joins the total: a long sum keeps its digits. Totals take as many
 * registers as the sums, so a lane has no more than 8 x 4 of both.
 */
export const tiledWeight = [
  tiled(backwardWeight, '32x32', { consts: { ...TILES['32x32'], RUN: 4 } }),
  tiled(backwardWeight, '64x64', { consts: { ...TILES['64x64'], RUN: 4 } }),
  tiled(backwardWeight, '128x64', { consts: { ...TILES['128x64'], RUN: 8 } }),
]
