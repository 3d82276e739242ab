/** The numbers of a convolution, by the names that its shaders use, and the terms in which its rungs speak of them. */

/** x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW). */
export type ConvShape = Record<
  'N' | 'C' | 'H' | 'W' | 'K' | 'R' | 'S' | 'OH' | 'OW' | 'stride' | 'pad' | 'dilation',
  number
>
/** The gradient of x may be added to the one that x has so far. */
export type InputShape = ConvShape & { ADD: number }
/** The weight's gradient is summed in G groups of rows apart. */
export type GroupedShape = ConvShape & { G: number }

export const ceil = (n: number, by: number): number => Math.ceil(n / by)

/** An octet is eight neighbouring lanes within a subgroup of eight or more. They hand registers round. */
export const shuffles = { needs: { subgroup: 8 } } as const
/** Workgroups of one octet: a CPU has no lanes to fill, and small maps leave less of a tile empty. */
export const onCpu = { ...shuffles, on: 'cpu' } as const

/** Tiles of so many channels pay where they fit better than tiles of 16; at equal fit those of 16 are 10 % faster. */
export const fitsIn = (tile: number, channels: number): boolean => tile * ceil(channels, tile) < 16 * ceil(channels, 16)
