/**
 * Rungs of conv2d for CPUs and 1x1 filters, as those of MobileNets: with few channels the loads and stores are most of
 * the work, and these move whole vec4s. conv2d_ladders.ts takes them up.
 */
import type { Rung } from '../gpu/kernel.ts'
import type { Consts } from '../gpu/shader.ts'
import { type ConvShape, ceil, type GroupedShape, onCpu } from './conv2d_shape.ts'

const pointwise = ({ R, S, stride, pad, H, W }: ConvShape): boolean =>
  R === 1 && S === 1 && stride === 1 && pad === 0 && (H * W) % 4 === 0

/** The same rung with tiles of 16 channels, and of 8 where half of the last 16 would be empty. */
const bothTiles = <P extends ConvShape>(rung: Rung<P>, tile: 'CHANNELS' | 'ROWS', channels: 'C' | 'K'): Rung<P>[] => [
  { ...rung, name: `${rung.name} 16`, consts: { [tile]: 16 } },
  {
    ...rung,
    name: `${rung.name} 8`,
    consts: { [tile]: 8 },
    pays: p => 8 * ceil(p[channels], 8) < 16 * ceil(p[channels], 16),
  },
]

/** Octets for all pixels: 32 each. */
const octets = ({ N, H, W }: ConvShape): number => ceil(N * H * W, 32)

export const forwardPointwise = bothTiles<ConvShape>(
  {
    name: 'pointwise octet',
    file: 'conv2d/forward/11_pointwise_octet.wgsl',
    grid: (p, c: Consts) => [ceil(p.K, c.CHANNELS!), octets(p), 1],
    right: p => pointwise(p) && p.C % 4 === 0,
    ...onCpu,
  },
  'CHANNELS',
  'K',
)

export const backwardInputPointwise = bothTiles<ConvShape>(
  {
    name: 'pointwise octet',
    file: 'conv2d/backward_input/13_pointwise_octet.wgsl',
    grid: (p, c: Consts) => [ceil(p.C, c.CHANNELS!), octets(p), 1],
    right: p => pointwise(p) && p.K % 4 === 0,
    ...onCpu,
  },
  'CHANNELS',
  'C',
)

export const backwardWeightPointwise = bothTiles<GroupedShape>(
  {
    name: 'pointwise octet',
    file: 'conv2d/backward_weight/10_pointwise_octet.wgsl',
    grid: ({ K, C, G }, c: Consts) => [ceil(K, c.ROWS!) * ceil(C, 8), G, 1],
    // A group's rows begin with a whole vec4.
    right: p => pointwise(p) && (p.W % 4 === 0 || (ceil(p.N * p.OH, p.G) * p.W) % 4 === 0),
    ...onCpu,
  },
  'ROWS',
  'K',
)
