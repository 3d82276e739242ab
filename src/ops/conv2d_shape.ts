/** The numbers of a convolution, by the names that its shaders use. */
import { check, type Shape } from '../engine/tensor.ts'
import type { ConvOptions } from './conv2d.ts'

/** x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW). */
export type ConvShape = Record<
  'N' | 'C' | 'H' | 'W' | 'K' | 'R' | 'S' | 'OH' | 'OW' | 'stride' | 'pad' | 'dilation',
  number
>
/** ADD 1: dx is added to the gradient that x has so far; 0: it is the first. */
export type InputShape = ConvShape & { ADD: number }
/** The weight's gradient is summed in G groups of rows; ops/groups.ts adds up the groups. */
export type GroupedShape = ConvShape & { G: number }

export const ceil = (n: number, by: number): number => Math.ceil(n / by)

/**
 * The numbers of a convolution of x (N,C,H,W) with w (K,C/groups,R,S).
 * @throws where they do not fit together.
 */
export function conv2dShape(
  x: Shape,
  w: Shape,
  { stride = 1, padding = 0, dilation = 1, groups = 1, algorithm }: ConvOptions,
): ConvShape {
  const [N, C, H, W] = x as [number, number, number, number]
  const [K, CW, R, S] = w as [number, number, number, number]
  check(
    groups === 1 || (groups === C && K === C && algorithm !== 'winograd'),
    () =>
      `conv2d: groups is 1, or the ${C} channels of x [${x}] with as many filters and no winograd; found groups ` +
      `${groups}, w [${w}]`,
  )
  check(C === CW * groups, () => `conv2d: x [${x}] has ${C} channels, w [${w}] expects ${CW * groups}`)
  check(
    [stride, padding === 'same' ? 0 : padding, dilation].every(Number.isInteger) &&
      stride >= 1 &&
      dilation >= 1 &&
      (padding === 'same' || padding >= 0),
    () =>
      "conv2d: stride and dilation must be whole numbers from 1, padding from 0 or 'same'; found stride " +
      `${stride}, padding ${padding}, dilation ${dilation}`,
  )
  const reach = (taps: number) => dilation * (taps - 1) + 1
  const [high, wide] = [lackOf(H, stride, reach(R)), lackOf(W, stride, reach(S))]
  check(
    padding !== 'same' || high >> 1 === wide >> 1,
    () =>
      `conv2d: padding 'same' of x [${x}] needs ${high >> 1} rows and ${wide >> 1} columns of zeros at the start; ` +
      'both must be one number: choose height and width with the same remainder by the stride, and a square filter',
  )
  const pad = padding === 'same' ? high >> 1 : padding
  const out = (n: number, taps: number, lack: number) =>
    Math.floor((n + (padding === 'same' ? lack : 2 * padding) - reach(taps)) / stride) + 1
  const OH = out(H, R, high)
  const OW = out(W, S, wide)
  check(
    OH >= 1 && OW >= 1,
    () => `conv2d: x [${x}] with padding ${padding} is smaller than w [${w}] at dilation ${dilation}`,
  )
  return { N, C, H, W, K, R, S, OH, OW, stride, pad, dilation }
}

/**
 * Zeros that must be added to n pixels to get ceil(n / stride) outputs (TensorFlow's SAME). Half of them, rounded down,
 * come first.
 */
const lackOf = (n: number, stride: number, reach: number): number =>
  Math.max(0, (ceil(n, stride) - 1) * stride + reach - n)
