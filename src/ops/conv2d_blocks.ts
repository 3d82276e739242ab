/**
 * Rungs of conv2d for subgroups of four lanes whose compiler unrolls no loop, which is SwiftShader: a lane owns blocks
 * of 4x4 pixels and takes all nine taps of a 3x3 filter at once. conv2d_ladders.ts takes them up.
 */
import type { Rung } from '../gpu/kernel.ts'
import { type ConvShape, ceil, type GroupedShape } from './conv2d_shape.ts'

/** Outputs along an axis that blocks cover, those past its end among them. */
const covered = (outputs: number, dilation: number): number => 4 * dilation * ceil(outputs, 4 * dilation)

const blocksOf = ({ N, OH, OW, dilation }: ConvShape): number =>
  (N * covered(OH, dilation) * covered(OW, dilation)) / 16

const onFour = {
  needs: { subgroup: 4 },
  on: 'cpu',
  /** At least two fifths of the blocks' pixels must exist. */
  pays: ({ OH, OW, dilation }: ConvShape) => covered(OH, dilation) * covered(OW, dilation) <= 2.5 * OH * OW,
} as const

const fits = ({ R, S, stride, pad, dilation }: ConvShape): boolean =>
  R === 3 && S === 3 && pad === dilation && (stride === 1 || (stride === 2 && dilation === 1))

/** The rung twice: for stride 1, and for stride 2. */
const forBothStrides = <P extends ConvShape>(rung: Rung<P>): Rung<P>[] =>
  [1, 2].map(stride => ({
    ...rung,
    name: stride === 1 ? rung.name : `${rung.name}, stride 2`,
    consts: { stride },
    right: (p: P) => p.stride === stride && fits(p) && (rung.right?.(p) ?? true),
  }))

export const forwardBlocks: Rung<ConvShape>[] = forBothStrides({
  name: 'blocks',
  file: 'conv2d/forward/13_blocks.wgsl',
  grid: p => [ceil(p.K, 8), ceil(blocksOf(p), 32), 1],
  ...onFour,
})

export const backwardInputBlocks: Rung<ConvShape> = {
  name: 'blocks',
  file: 'conv2d/backward_input/14_blocks.wgsl',
  grid: p => [ceil(p.C, 8), ceil(blocksOf(p), 32), 1],
  right: p => p.stride === 1 && fits(p),
  ...onFour,
}

/** Groups of rows end where blocks do. */
const groupsOfBlocks = ({ N, OH, G, dilation }: GroupedShape): boolean => {
  const rows = ceil(N * OH, G)
  return rows % OH === 0 || (dilation === 1 && OH % 4 === 0 && rows % 4 === 0)
}

export const backwardWeightBlocks: Rung<GroupedShape>[] = forBothStrides({
  name: 'blocks',
  file: 'conv2d/backward_weight/11_blocks.wgsl',
  grid: ({ K, C, G }) => [ceil(K, 8) * ceil(C, 8), G, 1],
  right: groupsOfBlocks,
  ...onFour,
  pays: p => p.C > 4 && onFour.pays(p), // a lane has a channel of its own
})
