/** Convolution by its definition. */
import type { ConvOptions } from '../../src/ops/conv2d.ts'
import type { Ref } from './check.ts'

/** The definition, in float64. */
export const convolve = ([x, w, b]: Ref[], { stride = 1, padding = 0, dilation = 1 }: ConvOptions): Float64Array => {
  const [N, C, H, W] = x!.shape as [number, number, number, number]
  const [K, , R, S] = w!.shape as [number, number, number, number]
  const OH = Math.floor((H + 2 * padding - dilation * (R - 1) - 1) / stride) + 1
  const OW = Math.floor((W + 2 * padding - dilation * (S - 1) - 1) / stride) + 1
  const y = new Float64Array(N * K * OH * OW)
  for (let n = 0, i = 0; n < N; n++)
    for (let k = 0; k < K; k++)
      for (let oh = 0; oh < OH; oh++)
        for (let ow = 0; ow < OW; ow++, i++) {
          y[i] = b?.data[k] ?? 0
          for (let c = 0; c < C; c++)
            for (let r = 0; r < R; r++)
              for (let s = 0; s < S; s++) {
                const ih = oh * stride - padding + r * dilation
                const iw = ow * stride - padding + s * dilation
                if (ih < 0 || iw < 0 || ih >= H || iw >= W) continue
                y[i]! += x!.data[((n * C + c) * H + ih) * W + iw]! * w!.data[((k * C + c) * R + r) * S + s]!
              }
        }
  return y
}
