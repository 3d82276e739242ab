/**
 * Trilinear attention (paper section 3.1): every feature channel becomes an attention map by borrowing from channels
 * like it.
 */
import { axes, type Tensor } from '../engine/tensor.ts'
import { reshape } from '../ops/elementwise.ts'
import { matmul } from '../ops/matmul.ts'
import { softmax } from '../ops/softmax.ts'

export interface TrilinearConfig {
  /**
   * Factor on X inside the inner softmax, which sets how sharp N(X) is. The published MXNet code has 7, the PyTorch
   * code 2. The right value goes with the size of the features. 2 is the default here because the backbone is that of
   * the PyTorch code, a ResNet with a ReLU at the end of each block. For rectified unit Gaussians in 14 x 14 places, a
   * row of N(X) spreads over 145 places at 1, 45 at 2 and 2.5 at 7 (the exponential of its entropy).
   */
  innerScale: number
  /**
   * The inner N of N(N(X) Xᵀ) X, a softmax over space. It normalises the left factor only, the queries: there every
   * channel counts alike however strong it is. The keys and the values, which are the other two factors, stay raw. So a
   * strong channel still draws more weight in every row, and adds larger values.
   */
  innerSoftmax: boolean
  /** The outer N, a softmax over the channels that a channel borrows from. */
  outerSoftmax: boolean
  /** false, for comparison: no product at all, every channel is its own map. Default true. */
  product?: boolean
}

/**
 * Attention maps M(X) = N(N(X) Xᵀ) X (N,C,HW) of features (N,C,H,W), taken as X (N,C,HW).
 *
 * One channel responds to one pattern, but in scattered places and not on the whole part. X Xᵀ says of every pair of
 * channels how far they respond in the same places. The softmax of its rows gives weights, and a row of weights times X
 * is a mean of the channels that respond where this one does. Places on which they agree make a part; places that only
 * one of them saw are averaged away.
 *
 * All in float32, because the softmax of large features would overflow or saturate in half precision. (F16=1 lets a GPU
 * keep the tiles of a matmul in half precision.)
 */
export function trilinearAttention(
  features: Tensor,
  { innerScale, innerSoftmax, outerSoftmax, product = true }: TrilinearConfig,
): Tensor {
  const [N, C, H, W] = axes('trilinearAttention', 'features', features, 'N C H W') as [number, number, number, number]
  const X = reshape(features, [N, C, H * W])
  if (!product) return X
  const NX = innerSoftmax ? softmax(X, 2, innerScale) : X
  // (N,C,C): in row i how far each channel responds in the places of channel i.
  const relations = matmul(NX, X, { transposeB: true })
  return matmul(outerSoftmax ? softmax(relations) : relations, X)
}
