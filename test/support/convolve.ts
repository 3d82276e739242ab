/** Convolution by its definition. */
import type { ConvOptions } from '../../src/ops/conv2d.ts'
import type { Ref } from './check.ts'

/** The definition, in float64. */
export const convolve = (
  [x, w, b]: Ref[],
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions,
): Float64Array => {
  const [N, C, H, W] = x!.shape as [number, number, number, number]
  const [K, , R, S] = w!.shape as [number, number, number, number]
  const reach = (taps: number) => dilation * (taps - 1) + 1
  const zeros = (n: number, taps: number): [before: number, all: number] => {
    if (padding !== 'same') return [padding, 2 * padding]
    const all = Math.max(0, (Math.ceil(n / stride) - 1) * stride + reach(taps) - n)
    return [Math.floor(all / 2), all]
  }
  const [top, high] = zeros(H, R)
  const [left, wide] = zeros(W, S)
  const OH = Math.floor((H + high - reach(R)) / stride) + 1
  const OW = Math.floor((W + wide - reach(S)) / stride) + 1
  const y = new Float64Array(N * K * OH * OW)
  for (let n = 0, i = 0; n < N; n++)
    for (let k = 0; k < K; k++)
      for (let oh = 0; oh < OH; oh++)
        for (let ow = 0; ow < OW; ow++, i++) {
          y[i] = b?.data[k] ?? 0
          for (let c = 0; c < C / groups; c++)
            for (let r = 0; r < R; r++)
              for (let s = 0; s < S; s++) {
                const ih = oh * stride - top + r * dilation
                const iw = ow * stride - left + s * dilation
                if (ih < 0 || iw < 0 || ih >= H || iw >= W) continue
                y[i]! +=
                  x!.data[((n * C + (groups > 1 ? k : 0) + c) * H + ih) * W + iw]! *
                  w!.data[((k * (C / groups) + c) * R + r) * S + s]!
              }
        }
  return y
}
