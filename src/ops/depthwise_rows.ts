/**
 * Rungs of depthwise convolution for CPUs, whose lanes own whole rows, or large parts of them. depthwise.ts takes them
 * up.
 */
import type { Rung } from '../gpu/kernel.ts'
import type { Consts } from '../gpu/shader.ts'
import { type ConvShape, ceil, type GroupedShape, type InputShape } from './conv2d_shape.ts'
import type { EpilogueParams } from './winograd.ts'

/** The columns of outputs that a lane owns, and 1 where several lanes share a row. */
export type TileParams = Record<'COLUMNS' | 'EDGES', number>

/** Numbers of a row that are loaded at once, and the longest row in such vectors that a compiler keeps in registers. */
const vectorOf = (W: number): readonly [per: number, most: number] =>
  W % 4 === 0 ? [4, 32] : W % 2 === 0 ? [2, 28] : [1, 24]

/** The widest tiles that cut a row of outputs into equal parts: a whole row needs no pixel of a neighbour. */
export function tileOf({ W, OW, stride }: ConvShape): TileParams {
  const [per, most] = vectorOf(W)
  const step = ceil(per, stride)
  let COLUMNS = step
  for (let n = step; n * stride <= most; n += step) if (OW % n === 0) COLUMNS = n
  return { COLUMNS, EDGES: Number(COLUMNS < OW) }
}

/** 3x3, and as many outputs as pixels. */
const same = ({ R, S, stride, pad, dilation, W, OW, H, OH, COLUMNS }: ConvShape & TileParams): boolean =>
  R === 3 && S === 3 && stride === 1 && pad === dilation && W === OW && H === OH && OW % COLUMNS === 0
/** 3x3, and half as many columns of outputs as of pixels. */
const halves = ({ R, S, stride, pad, dilation, W, OW, COLUMNS }: ConvShape & TileParams): boolean =>
  R === 3 && S === 3 && stride === 2 && pad <= 1 && dilation === 1 && W === 2 * OW && OW % COLUMNS === 0

/** The same rung for each vector of x that a row may be made of, with stride 1 and with stride 2. */
function rungs<P extends ConvShape & TileParams>(
  folder: string,
  first: number,
  rung: Pick<Rung<P>, 'grid' | 'consts'>,
  halving: (p: P) => boolean = halves,
): Rung<P>[] {
  const files: [name: string, per: number, right: (p: P) => boolean][] = [
    ['rows', 1, same],
    ['rows vec2', 2, same],
    ['rows vec4', 4, same],
    ['halving vec2', 2, halving],
    ['halving vec4', 4, halving],
  ]
  return files.map(([name, per, right], i) => ({
    name,
    file: `depthwise/${folder}/${first + i}_${name.replace(' ', '_')}.wgsl`,
    right: p => right(p) && p.W % per === 0 && (p.COLUMNS * p.stride) % per === 0,
    on: 'cpu',
    // Narrow tiles load as many pixels of their neighbours as of their own.
    pays: p => !p.EDGES || p.COLUMNS >= 4,
    ...rung,
  }))
}

/** Strips of ROWS rows: a lane begins with rows that its neighbour has, too. */
const strips = {
  grid: ({ N, C, OH, OW, dilation, COLUMNS }: ConvShape & TileParams, c: Consts): number =>
    N * C * dilation * ceil(ceil(OH, dilation), c.ROWS!) * (OW / COLUMNS),
  consts: { WG: 8, ROWS: 32 },
} as const

export const forwardRows = rungs<ConvShape & EpilogueParams & TileParams>('forward', 4, strips)
export const backwardInputRows = rungs<InputShape & TileParams>(
  'backward_input',
  5,
  strips,
  p => halves(p) && p.H === 2 * p.OH,
)
export const backwardWeightRows = rungs<GroupedShape & TileParams>('backward_weight', 4, {
  grid: ({ G, C }) => G * C,
  consts: { WG: 8 },
})
