/** The kernels of conv2d: three ladders, one for each pass. A shader's head says what its rung improves. */
import { type Grid, type LadderOptions, ladder } from '../gpu/kernel.ts'
import { backwardInputBlocks, backwardWeightBlocks, forwardBlocks } from './conv2d_blocks.ts'
import { backwardInputRows, backwardWeightRows, forwardRows } from './conv2d_rows.ts'
import { byFourToo, isWorthAVariant, onCpu, otherTiles, shuffles } from './conv2d_rungs.ts'
import { type ConvShape, ceil, type GroupedShape, type InputShape } from './conv2d_shape.ts'
import { tiledForward, tiledInput, tiledWeight } from './conv2d_tiles.ts'
import type { EpilogueParams } from './winograd.ts'

/** Constants of the tiled shaders. A lane owns CHANNELS x PIXELS, a workgroup has WG lanes side by side. */
type Tile = Record<'WG' | 'CHANNELS' | 'PIXELS', number>
/** Constants of the weight's gradient: an octet owns ROWS output channels x COLUMNS of the C R S taps. */
type WeightTile = Record<'WG' | 'ROWS' | 'COLUMNS', number>
/** A workgroup owns TILE x TILE: lib/tile.wgsl. */
type Square = Record<'TILE', number>

const eachOutput = ({ N, K, OH, OW }: ConvShape): number => N * K * OH * OW
const forwardTiles = ({ N, K, OH, OW }: ConvShape, { WG, CHANNELS, PIXELS }: Tile): Grid => [
  ceil(K, CHANNELS),
  ceil(N * OH * OW, WG * PIXELS),
  1,
]
/**
 * Pixels whose row and column leave the same remainders by the stride are of one phase; a tile has pixels of one phase.
 */
const inputTiles = ({ N, C, H, W, stride }: ConvShape, { WG, CHANNELS, PIXELS }: Tile): Grid => [
  ceil(C, CHANNELS),
  ceil(N * ceil(H, stride) * ceil(W, stride), WG * PIXELS),
  stride ** 2,
]
const weightTiles = ({ K, C, R, S, G }: GroupedShape, { WG, ROWS, COLUMNS }: WeightTile): Grid => [
  ceil(ceil(K, ROWS) * ceil(C * R * S, COLUMNS), WG / 8),
  G,
  1,
]
const forwardSquares = (p: ConvShape, { TILE }: Square): Grid =>
  forwardTiles(p, { WG: TILE, CHANNELS: TILE, PIXELS: 1 })
const inputSquares = (p: ConvShape, { TILE }: Square): Grid => inputTiles(p, { WG: TILE, CHANNELS: TILE, PIXELS: 1 })

/** On a GPU squares pay from 32 of them on (a guess until the tuner has measured). */
const onGpu = <P extends ConvShape>(grid: (p: P, c: Square) => Grid) =>
  ({ grid, on: 'gpu', pays: (p: P, c: Square): boolean => grid(p, c).reduce((a, b) => a * b) >= 32 }) as const

/** Four lanes that hand registers round, for subgroups too small for octets (SwiftShader). */
const quartet = { name: 'quartet', needs: { subgroup: 4 }, on: 'cpu' } as const

/** Workgroups of one octet: a CPU has no lanes to fill, and small maps leave less of a tile empty. */
const octet = { name: 'octet 16', ...onCpu, consts: { WG: 8 } }
const octetForward = { ...octet, file: 'conv2d/forward/3_subgroup.wgsl', grid: forwardTiles }
const octetInput = { ...octet, file: 'conv2d/backward_input/3_subgroup.wgsl', grid: inputTiles }

const options: LadderOptions<ConvShape> = {
  flop: ({ N, K, OH, OW, C, R, S }) => 2 * N * K * OH * OW * C * R * S,
  text: p => {
    const { AFFINE, RELU } = p as Partial<EpilogueParams>
    return (
      `${[p.N, p.C, p.H, p.W].join('x')} -> ${p.K}, ${p.R}x${p.S}` +
      `${p.stride > 1 ? ` /${p.stride}` : ''}${p.dilation > 1 ? ` dilated ${p.dilation}` : ''}` +
      `${AFFINE ? (AFFINE === 2 ? ' + norm' : ' + bias') : ''}${RELU ? ` + relu${RELU === 6 ? 6 : ''}` : ''}`
    )
  },
  batch: { axis: 'N', tensors: ['x', 'y', 'dx', 'dy', 'so_far', 'residual'] },
}

// The rules take the last rung that suits (gpu/ladder.ts). So a file may come twice: with the workgroups of a GPU, and
// further down with those of a CPU. File numbers are the order in which rungs were written, not that of the ladder.

export const forward = ladder<ConvShape & EpilogueParams>(
  'conv2d forward',
  [
    { name: 'naive', file: 'conv2d/forward/1_naive.wgsl', grid: eachOutput },
    { name: 'register', file: 'conv2d/forward/2_register.wgsl', grid: forwardTiles },
    { ...quartet, file: 'conv2d/forward/5_quartet.wgsl', grid: forwardTiles },
    ...forwardBlocks,
    { name: 'subgroup', file: 'conv2d/forward/3_subgroup.wgsl', grid: forwardTiles, ...shuffles },
    { name: 'workgroup', file: 'conv2d/forward/4_workgroup.wgsl', ...onGpu(forwardSquares) },
    ...tiledForward,
    { name: 'workgroup f16', file: 'conv2d/forward/4_workgroup.wgsl', ...onGpu(forwardSquares), needs: { f16: true } },
    octetForward,
    ...otherTiles(octetForward, 'CHANNELS', 'K', [8, 24]),
    {
      name: 'octet 32',
      file: 'conv2d/forward/10_wide.wgsl',
      grid: forwardTiles,
      ...onCpu,
      right: p => p.C % 2 === 0,
      pays: p => p.K % 32 === 0 && p.C * p.R * p.S >= 64,
    },
    ...forwardRows,
    {
      name: 'one photo',
      file: 'conv2d/forward/12_one_photo.wgsl',
      grid: eachOutput,
      on: 'cpu',
      pays: p => p.N === 1 && !isWorthAVariant(p),
    },
  ],
  options,
)

/** At most four channels: the gradient of an image. */
const few = { file: 'conv2d/backward_input/5_few_channels.wgsl', right: (p: ConvShape) => p.C <= 4 }

export const backwardInput = ladder<InputShape>(
  'conv2d backward input',
  [
    { name: 'naive', file: 'conv2d/backward_input/1_naive.wgsl', grid: ({ N, C, H, W }) => N * C * H * W },
    { name: 'register', file: 'conv2d/backward_input/2_register.wgsl', grid: inputTiles },
    { ...quartet, file: 'conv2d/backward_input/6_quartet.wgsl', grid: inputTiles },
    backwardInputBlocks,
    { name: 'subgroup', file: 'conv2d/backward_input/3_subgroup.wgsl', grid: inputTiles, ...shuffles },
    { name: 'workgroup', file: 'conv2d/backward_input/4_workgroup.wgsl', ...onGpu(inputSquares) },
    ...tiledInput,
    {
      name: 'workgroup f16',
      file: 'conv2d/backward_input/4_workgroup.wgsl',
      ...onGpu(inputSquares),
      needs: { f16: true },
    },
    octetInput,
    ...otherTiles(octetInput, 'CHANNELS', 'C', [24]),
    {
      name: 'octet 32',
      file: 'conv2d/backward_input/12_wide.wgsl',
      grid: inputTiles,
      ...onCpu,
      right: p => p.K % 2 === 0,
      pays: p => p.C % 32 === 0,
    },
    ...backwardInputRows,
    { name: 'few channels', grid: inputTiles, ...few, ...shuffles },
    { name: 'few channels octet', grid: inputTiles, ...few, ...onCpu, consts: { WG: 8 } },
  ],
  options,
)

/** Octet tiles of 16 are the rung `subgroup` here: its workgroup is one octet already. */
const octetWeight = { file: 'conv2d/backward_weight/3_subgroup.wgsl', grid: weightTiles, ...onCpu }

export const backwardWeight = ladder<GroupedShape>(
  'conv2d backward weight',
  [
    { name: 'naive', file: 'conv2d/backward_weight/1_naive.wgsl', grid: ({ G, K, C, R, S }) => G * K * C * R * S },
    ...byFourToo({ name: 'register', file: 'conv2d/backward_weight/2_register.wgsl', grid: weightTiles }),
    { ...quartet, file: 'conv2d/backward_weight/5_quartet.wgsl', grid: weightTiles },
    ...backwardWeightBlocks,
    ...byFourToo({
      name: 'subgroup',
      file: 'conv2d/backward_weight/3_subgroup.wgsl',
      grid: weightTiles,
      ...shuffles,
    }),
    ...tiledWeight,
    ...otherTiles(octetWeight, 'ROWS', 'K', [8, 24]),
    {
      name: 'octet 32',
      file: 'conv2d/backward_weight/9_wide.wgsl',
      grid: weightTiles,
      ...onCpu,
      right: p => p.OW % 2 === 0,
      pays: p => p.K % 32 === 0 && p.OW >= 4,
    },
    ...backwardWeightRows,
  ],
  { ...options, batch: { ...options.batch!, groups: { axis: 'G', tensor: 'dw' } } } as LadderOptions<GroupedShape>,
)
