/** A TASN that is small enough to run in milliseconds, with a batch for it. */

import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent } from '../../src/engine/transfer.ts'
import { TASN_DEFAULTS, type TasnConfig } from '../../src/tasn/config.ts'

/** Images in the batch. */
export const N = 3

export const CONFIG: TasnConfig = {
  ...TASN_DEFAULTS,
  classes: 5,
  imageSize: [24, 20],
  attentionSize: [16, 16],
  classifierSize: [12, 14],
  attention: {
    backbone: { block: 'basic', layers: [1], widths: [8], strides: [2], stem: 3, pool: false },
    dilations: [
      [1, 2],
      [1, 2, 3],
    ],
  },
  classifier: { block: 'basic', layers: [1, 1], widths: [4, 8], strides: [1, 2], stem: 3, pool: false },
}

/** Uniform random numbers. */
export const draw = (seed: number, n: number, from = -1, to = 1): Float32Array => {
  const random = new Random(seed)
  return Float32Array.from({ length: n }, () => random.uniform(from, to))
}

export const images = (): Tensor => persistent([N, 3, 24, 20], draw(1, N * 3 * 24 * 20))
export const labels = (): Tensor => persistent([N], new Uint32Array([0, 3, 4]))
/** One number for each image, to pick its detail map by. */
export const picks = (): Tensor => persistent([N], new Float32Array([0.1, 0.5, 0.9]))
