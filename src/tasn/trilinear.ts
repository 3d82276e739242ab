/**
 * Trilinear attention (paper section 3.1): every feature channel becomes an attention map by borrowing from channels
 * like it.
 */

import { axes, type Tensor } from '../engine/tensor.ts'
import { reshape, scale } from '../ops/elementwise.ts'
import { matmul } from '../ops/matmul.ts'
import { softmax } from '../ops/softmax.ts'

export interface TrilinearConfig {
  /**
   * Factor inside the inner softmax: it fits the softmax to the scale of the features (7 in the MXNet code, 2 in the
   * PyTorch code).
   */
  innerScale: number
  /** N in N(X) Xᵀ X: softmax over space, so that every channel counts alike however strong it is. */
  innerSoftmax: boolean
  /** N in N(... Xᵀ) X: softmax over the channels that a channel borrows from. */
  outerSoftmax: boolean
  /** false: no product at all; every channel is its own map, as it is (for comparison). */
  product?: boolean
}

/**
 * M(X) = N(N(X) Xᵀ) X for features (N,C,H,W) taken as X (N,C,HW): maps (N,C,HW).
 *
 * Why this gives attention maps: one channel responds to one pattern, but in scattered places and not on the whole
 * part. X Xᵀ says for every pair of channels how far they respond in the same places; the rows of its softmax are
 * weights, and each row times X is a mean of the channels that look where this one looks. What they agree on is a part;
 * what only one of them saw is averaged away. Tensors are float32 throughout (only F16=1 lets a GPU keep a matmul's
 * tiles in half precision): the inner softmax of large features would saturate.
 */
export function trilinearAttention(
  features: Tensor,
  { innerScale, innerSoftmax, outerSoftmax, product = true }: TrilinearConfig,
): Tensor {
  const [N, C, H, W] = axes('trilinearAttention', 'features', features, 'N C H W') as [number, number, number, number]
  const X = reshape(features, [N, C, H * W])
  if (!product) return X
  const NX = innerSoftmax ? softmax(innerScale === 1 ? X : scale(X, innerScale)) : X
  // (N,C,C): how much channel i and channel j look at the same places.
  const relations = matmul(NX, X, { transposeB: true })
  return matmul(outerSoftmax ? softmax(relations) : relations, X)
}
