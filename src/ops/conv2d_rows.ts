/**
 * Rungs of conv2d for CPUs that load four neighbouring pixels at once, and serve all taps of a 3x3 filter from them.
 * conv2d_ladders.ts takes them up.
 */
import type { Rung } from '../gpu/kernel.ts'
import { fitsBetterThan16, isWorthAVariant, onCpu } from './conv2d_rungs.ts'
import { type ConvShape, ceil, type GroupedShape } from './conv2d_shape.ts'

/** 3x3, and as many outputs as pixels. */
const same = ({ R, S, stride, pad, dilation, W }: ConvShape): boolean =>
  R === 3 && S === 3 && stride === 1 && pad === dilation && dilation <= 4 && W % 4 === 0
/** 3x3, and half as many columns of outputs as of pixels. */
const halving = ({ R, S, stride, pad, dilation, W, OW }: ConvShape): boolean =>
  R === 3 && S === 3 && stride === 2 && pad === 1 && dilation === 1 && W === 2 * OW && OW % 4 === 0
/** 3x3 on maps of 2x2. */
const twoByTwo = ({ R, S, stride, pad, dilation, H, W, C }: ConvShape): boolean =>
  R === 3 && S === 3 && stride === 1 && pad === 1 && dilation === 1 && H === 2 && W === 2 && C % 4 === 0

/** 1x1, on images of whole vec4s. */
const pointwise = ({ R, S, stride, pad, H, W }: ConvShape): boolean =>
  R === 1 && S === 1 && stride === 1 && pad === 0 && (H * W) % 4 === 0

/** An octet has whole rows of outputs. */
const wholeRows = ({ OW }: ConvShape): boolean => 32 % OW === 0
/** Octets for so many rows of outputs of an image: 32 outputs each. */
const octets = ({ N, OW }: ConvShape, rows: number): number => ceil(N * rows * OW, 32)

type Channels = Record<'CHANNELS', number>

/** The same rung with tiles of 16 channels, and with tiles of `others` where they fit better. */
const bothTiles = <P extends ConvShape>(
  rung: Rung<P>,
  tile: 'CHANNELS' | 'ROWS',
  channels: 'C' | 'K',
  others: 8 | 24 = 24,
): Rung<P>[] => [
  { ...rung, name: `${rung.name} 16`, consts: { [tile]: 16 } },
  {
    ...rung,
    name: `${rung.name} ${others}`,
    consts: { [tile]: others },
    pays: (p, c) => isWorthAVariant(p) && fitsBetterThan16(others, p[channels]) && (rung.pays?.(p, c) ?? true),
  },
]

export const forwardRows: Rung<ConvShape>[] = [
  ...bothTiles(
    {
      name: 'rows',
      file: 'conv2d/forward/8_rows.wgsl',
      grid: (p, c) => [ceil(p.K, (c as Channels).CHANNELS), octets(p, p.OH), 1],
      right: p => (same(p) || halving(p)) && wholeRows(p),
      ...onCpu,
    },
    'CHANNELS',
    'K',
  ),
  {
    name: 'two by two',
    file: 'conv2d/forward/9_two_by_two.wgsl',
    grid: p => [ceil(p.K, 8), ceil(p.N, 8), 1],
    right: twoByTwo,
    ...onCpu,
  },
  ...bothTiles<ConvShape>(
    {
      name: 'pointwise octet',
      file: 'conv2d/forward/11_pointwise_octet.wgsl',
      grid: (p, c) => [ceil(p.K, (c as Channels).CHANNELS), octets(p, p.OH), 1],
      right: p => pointwise(p) && p.C % 4 === 0,
      ...onCpu,
    },
    'CHANNELS',
    'K',
    8, // where half of the last 16 would be empty
  ),
]

export const backwardInputRows: Rung<ConvShape>[] = [
  ...bothTiles(
    {
      name: 'rows',
      file: 'conv2d/backward_input/9_rows.wgsl',
      grid: (p, c) => [ceil(p.C, (c as Channels).CHANNELS), octets(p, p.H), 1],
      right: p => same(p) && wholeRows(p),
      ...onCpu,
    },
    'CHANNELS',
    'C',
  ),
  {
    name: 'two by two',
    file: 'conv2d/backward_input/10_two_by_two.wgsl',
    grid: p => [ceil(p.C, 32), ceil(p.N, 8), 1],
    right: twoByTwo,
    ...onCpu,
  },
  ...bothTiles(
    {
      name: 'halving',
      file: 'conv2d/backward_input/11_halving.wgsl',
      // Even rows of dx, and odd ones.
      grid: (p, c) => [ceil(p.C, (c as Channels).CHANNELS), octets(p, ceil(p.H, 2)), 2],
      right: p => halving(p) && wholeRows(p) && p.H > 1,
      ...onCpu,
    },
    'CHANNELS',
    'C',
  ),
  ...bothTiles<ConvShape>(
    {
      name: 'pointwise octet',
      file: 'conv2d/backward_input/13_pointwise_octet.wgsl',
      grid: (p, c) => [ceil(p.C, (c as Channels).CHANNELS), octets(p, p.H), 1],
      right: p => pointwise(p) && p.K % 4 === 0,
      ...onCpu,
    },
    'CHANNELS',
    'C',
    8, // where half of the last 16 would be empty
  ),
]

export const backwardWeightRows: Rung<GroupedShape>[] = [
  ...bothTiles<GroupedShape>(
    {
      name: 'rows',
      file: 'conv2d/backward_weight/7_rows.wgsl',
      grid: ({ K, C, G }, c) => [ceil(K, (c as Record<'ROWS', number>).ROWS) * ceil(C, 8), G, 1],
      right: p => same(p) || halving(p),
      pays: p => p.C > 4, // a lane has a channel of its own
      ...onCpu,
    },
    'ROWS',
    'K',
  ),
  {
    name: 'two by two',
    file: 'conv2d/backward_weight/8_two_by_two.wgsl',
    grid: ({ C, K }, c) => [ceil(C, 32), ceil(K, (c as Record<'ROWS', number>).ROWS), 1],
    // More images would be too many terms for one float: 0_tile.wgsl has RUN for that.
    right: p => twoByTwo(p) && p.G === 1 && p.N <= 64,
    ...onCpu,
  },
  ...bothTiles<GroupedShape>(
    {
      name: 'pointwise octet',
      file: 'conv2d/backward_weight/10_pointwise_octet.wgsl',
      grid: ({ K, C, G }, c) => [ceil(K, (c as Record<'ROWS', number>).ROWS) * ceil(C, 8), G, 1],
      // The rows of a group begin with a whole vec4.
      right: p => pointwise(p) && (ceil(p.N * p.OH, p.G) * p.OW) % 4 === 0,
      pays: p => p.K % 32 !== 0 || p.C % 32 !== 0, // else octet 32 has no empty lane
      ...onCpu,
    },
    'ROWS',
    'K',
    8, // where half of the last 16 would be empty
  ),
]
