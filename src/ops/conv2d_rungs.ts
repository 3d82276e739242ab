/** Terms that the rungs of conv2d's ladders share: what a machine must have, and which sizes of tiles fit. */
import type { Rung } from '../gpu/kernel.ts'
import { type ConvShape, ceil } from './conv2d_shape.ts'

/** An octet is eight neighbouring lanes within a subgroup of eight or more. They hand registers round. */
export const shuffles = { needs: { subgroup: 8 } } as const
/** By rule on CPUs only; needs subgroups of eight. */
export const onCpu = { ...shuffles, on: 'cpu' } as const

/** A rung whose workgroup is one octet; and with four of them, for a GPU: one alone leaves lanes of a subgroup idle. */
export const byFourToo = <P extends ConvShape>(rung: Rung<P>): Rung<P>[] => [
  rung,
  { ...rung, name: `${rung.name} by four`, on: 'gpu', consts: { WG: 32 } },
]

/**
 * True if tiles of this size leave fewer channels empty than tiles of 16 do. Where they leave as many, tiles of 16 are
 * 10 % faster.
 */
export const fitsBetterThan16 = (tile: number, channels: number): boolean =>
  tile * ceil(channels, tile) < 16 * ceil(channels, 16)

/**
 * True from 2 million multiply-adds a launch. A variant takes a CPU 0.05 to 0.2 seconds to compile, and a large one up
 * to a second, so better tiles pay only in work that is repeated. Large launches are taken for that: a batch in
 * training, not one small photo.
 */
export const isWorthAVariant = ({ N, K, C, R, S, OH, OW }: ConvShape): boolean => N * K * C * R * S * OH * OW >= 2 ** 21

/** The rung with tiles of other sizes than 16 channels, where they fit better and the launch is large. */
export const otherTiles = <P extends ConvShape>(
  rung: Omit<Rung<P>, 'name'>,
  tile: 'CHANNELS' | 'ROWS',
  channels: 'C' | 'K',
  sizes: readonly number[],
): Rung<P>[] =>
  sizes.map(size => ({
    ...rung,
    name: `octet ${size}`,
    consts: { ...rung.consts, [tile]: size },
    // Several tiles of 8 never pay: each load serves only 8 channels.
    pays: p => isWorthAVariant(p) && (size === 8 ? p[channels] <= 8 : fitsBetterThan16(size, p[channels])),
  }))
