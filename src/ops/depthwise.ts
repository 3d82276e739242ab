/**
 * Depthwise convolution: every channel has a filter of its own (MobileNets, arXiv 1704.04861, section 3.1). It moves
 * more bytes than it multiplies, so its rungs save loads.
 */
import { empty, launch } from '../engine/launch.ts'
import { InGroups } from '../engine/tape.ts'
import type { Tensor } from '../engine/tensor.ts'
import { machine } from '../gpu/device.ts'
import { type LadderOptions, ladder } from '../gpu/kernel.ts'
import type { Consts } from '../gpu/shader.ts'
import { byFourToo } from './conv2d_rungs.ts'
import { type ConvShape, ceil, type GroupedShape, type InputShape } from './conv2d_shape.ts'
import { backwardInputRows, backwardWeightRows, forwardRows, type TileParams, tileOf } from './depthwise_rows.ts'
import { put } from './put.ts'
import type { EpilogueParams } from './winograd.ts'

/** 3x3 filters, by which lanes walk. */
const walks = ({ R, S, dilation, stride }: ConvShape): boolean => R === 3 && S === 3 && dilation === 1 && stride <= 2
/** The same in whole vec4s. With stride 2 the padding stands at the beginning, or is the end's alone. */
const inFours = (p: ConvShape): boolean =>
  walks(p) &&
  p.W % 4 === 0 &&
  p.OW % 4 === 0 &&
  (p.stride === 1 ? p.pad === 1 && p.W === p.OW : p.pad <= 1 && p.W === 2 * p.OW)

/** A lane's column of a strip of ROWS rows: long ones on a CPU, for a lane begins with rows that its neighbour has. */
const strips =
  (per: number, of: (p: ConvShape) => readonly [planes: number, rows: number, columns: number]) =>
  (p: ConvShape, c: Consts): number => {
    const [planes, rows, columns] = of(p)
    return planes * ceil(rows, c.ROWS!) * (columns / per)
  }
const outputs = ({ N, K, OH, OW }: ConvShape) => [N * K, OH, OW] as const
const inputs = ({ N, C, H, W }: ConvShape) => [N * C, H, W] as const
const cpu = { on: 'cpu', consts: { WG: 8, ROWS: 32 } } as const

const options: LadderOptions<ConvShape> = {
  flop: ({ N, K, OH, OW, R, S }) => 2 * N * K * OH * OW * R * S,
  memory: true,
  text: p => `${[p.N, p.C, p.H, p.W].join('x')}, ${p.R}x${p.S}${p.stride > 1 ? ` /${p.stride}` : ''}`,
  batch: { axis: 'N', tensors: ['x', 'y', 'dx', 'dy', 'so_far', 'residual'] },
}

export const depthwiseForward = ladder<ConvShape & EpilogueParams & TileParams>(
  'depthwise forward',
  [
    { name: 'naive', file: 'depthwise/forward/1_naive.wgsl', grid: ({ N, K, OH, OW }) => N * K * OH * OW },
    { name: 'walk', file: 'depthwise/forward/2_walk.wgsl', grid: strips(1, outputs), right: walks },
    {
      name: 'walk far',
      file: 'depthwise/forward/2_walk.wgsl',
      grid: strips(1, outputs),
      right: walks,
      ...cpu,
    },
    { name: 'vec4', file: 'depthwise/forward/3_vec4.wgsl', grid: strips(4, outputs), right: inFours },
    ...forwardRows,
    {
      name: 'vec4 far',
      file: 'depthwise/forward/3_vec4.wgsl',
      grid: strips(4, outputs),
      right: inFours,
      ...cpu,
      pays: p => p.stride === 2 && p.EDGES === 1, // it stores whole vec4s, and `halving` halves
    },
  ],
  options,
)

const one = (p: ConvShape): boolean => p.stride === 1

export const depthwiseBackwardInput = ladder<InputShape & TileParams>(
  'depthwise backward input',
  [
    { name: 'naive', file: 'depthwise/backward_input/1_naive.wgsl', grid: ({ N, C, H, W }) => N * C * H * W },
    {
      name: 'walk',
      file: 'depthwise/backward_input/2_walk.wgsl',
      grid: strips(1, inputs),
      right: p => walks(p) && one(p),
    },
    {
      name: 'walk far',
      file: 'depthwise/backward_input/2_walk.wgsl',
      grid: strips(1, inputs),
      right: p => walks(p) && one(p),
      ...cpu,
    },
    {
      name: 'vec4',
      file: 'depthwise/backward_input/3_vec4.wgsl',
      grid: strips(4, inputs),
      right: p => inFours(p) && one(p),
    },
    {
      name: 'spread',
      file: 'depthwise/backward_input/4_spread.wgsl',
      grid: ({ N, C, OH, OW }) => N * C * OH * (OW / 4),
      right: p => inFours(p) && p.stride === 2 && p.H === 2 * p.OH,
    },
    ...backwardInputRows,
  ],
  options,
)

const octets = { needs: { subgroup: 8 }, grid: ({ G, C }: GroupedShape): number => G * C * 8 } as const
export const depthwiseBackwardWeight = ladder<GroupedShape & TileParams>(
  'depthwise backward weight',
  [
    { name: 'naive', file: 'depthwise/backward_weight/1_naive.wgsl', grid: ({ G, C, R, S }) => G * C * R * S },
    ...byFourToo({ name: 'octet', file: 'depthwise/backward_weight/2_octet.wgsl', ...octets, right: walks }),
    ...byFourToo({ name: 'octet vec4', file: 'depthwise/backward_weight/3_vec4.wgsl', ...octets, right: inFours }),
    ...backwardWeightRows,
  ],
  { ...options, batch: { ...options.batch!, groups: { axis: 'G', tensor: 'dw' } } } as LadderOptions<
    GroupedShape & TileParams
  >,
)

/** y, of which the caller says what is done to the sums before they are written. */
export function depthwise(tensors: Record<string, Tensor>, shape: ConvShape, epilogue: EpilogueParams): void {
  launch(depthwiseForward, tensors, { ...shape, ...epilogue, ...tileOf(shape) })
}

/** dx, with the gradient that x has so far added to it. */
export function depthwiseGradInput(dy: Tensor, w: Tensor, shape: ConvShape, soFar?: Tensor): Tensor {
  const dx = empty([shape.N, shape.C, shape.H, shape.W])
  const { so_far, ADD } = put(soFar)
  launch(depthwiseBackwardInput, { dy, w, dx, so_far }, { ...shape, ...tileOf(shape), ADD })
  return dx
}

/** Rows of dy in groups of at most 4,096 pixels; and of fewer where channels alone do not fill a GPU. */
function groupsOf({ N, C, OH, OW }: ConvShape): number {
  const pixels = N * OH * OW
  const forGpu = machine() === 'gpu' ? Math.min(Math.floor(2048 / C), Math.floor(pixels / 256)) : 1
  return Math.min(N * OH, Math.max(forGpu, Math.ceil(pixels / 4096)))
}

export function depthwiseGradWeight(x: Tensor, dy: Tensor, shape: ConvShape): Tensor | InGroups {
  const { C, R, S } = shape
  const G = groupsOf(shape)
  const dw = empty(G === 1 ? [C, 1, R, S] : [G, C, 1, R, S])
  launch(depthwiseBackwardWeight, { x, dy, dw }, { ...shape, ...tileOf(shape), G })
  return G === 1 ? dw : new InGroups(dw)
}
