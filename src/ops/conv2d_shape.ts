/** The numbers of a convolution, by the names that its shaders use. */

/** x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW). */
export type ConvShape = Record<
  'N' | 'C' | 'H' | 'W' | 'K' | 'R' | 'S' | 'OH' | 'OW' | 'stride' | 'pad' | 'dilation',
  number
>
/** The gradient of x may be added to the one that x has so far. */
export type InputShape = ConvShape & { ADD: number }
/** The weight's gradient is summed in G groups of rows apart. */
export type GroupedShape = ConvShape & { G: number }
