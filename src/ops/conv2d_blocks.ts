/**
 * Rungs of conv2d for subgroups of four lanes whose compiler unrolls no loop, which is SwiftShader: a lane owns blocks
 * of 4x4 pixels and takes all nine taps of a 3x3 filter at once. conv2d_ladders.ts takes them up.
 */
import type { Rung } from '../gpu/kernel.ts'
import { type ConvShape, ceil, type GroupedShape } from './conv2d_shape.ts'

/** Outputs along an axis that blocks cover, those past its end among them. */
const covered = (outputs: number, dilation: number): number => 4 * dilation * ceil(outputs, 4 * dilation)
/** Pixels of all blocks of an image. */
const coveredBy = ({ OH, OW, dilation }: ConvShape): number => covered(OH, dilation) * covered(OW, dilation)
/** At least two fifths of the blocks' pixels must exist. */
const pays = (p: ConvShape): boolean => coveredBy(p) <= 2.5 * p.OH * p.OW

/** A rung for one stride, 1 or 2, whose lanes have 8 channels of K or C. */
const blocks = (file: string, channels: 'C' | 'K', stride: number): Rung<ConvShape> => ({
  name: stride === 1 ? 'blocks' : 'blocks, stride 2',
  file: `conv2d/${file}_blocks.wgsl`,
  grid: p => [ceil(p[channels], 8), ceil((p.N * coveredBy(p)) / 16, 32), 1],
  consts: { stride },
  right: p =>
    p.R === 3 && p.S === 3 && p.pad === p.dilation && p.stride === stride && (stride === 1 || p.dilation === 1),
  needs: { subgroup: 4 },
  on: 'cpu',
  pays,
})

export const forwardBlocks = [1, 2].map(stride => blocks('forward/13', 'K', stride))
export const backwardInputBlocks = blocks('backward_input/14', 'C', 1)

export const backwardWeightBlocks = [1, 2].map((stride): Rung<GroupedShape> => {
  const rung = blocks('backward_weight/11', 'K', stride)
  return {
    ...rung,
    grid: ({ K, C, G }) => [ceil(K, 8) * ceil(C, 8), G, 1],
    right(p) {
      // Groups of rows end where blocks do.
      const rows = ceil(p.N * p.OH, p.G)
      return rung.right!(p) && (rows % p.OH === 0 || (p.dilation === 1 && p.OH % 4 === 0 && rows % 4 === 0))
    },
    pays: p => p.C > 4 && pays(p), // a lane has a channel of its own
  }
})
