/** The image as the attention net sees it. */
import { noGrad } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { resizeArea, resizeBilinear } from '../ops/resize.ts'
import type { TasnConfig } from './config.ts'

/**
 * Images (N,3,H,W) shrunk to (N,3,h,w), h x w being `attentionSize`.
 *
 * @throws if the images are not of `imageSize`.
 */
export function attentionInput(
  x: Tensor,
  { imageSize: [H, W], attentionSize, attentionResize, maps }: TasnConfig,
): Tensor {
  check(
    x.shape.length === 4 && x.shape[1] === 3 && x.shape[2] === H && x.shape[3] === W,
    () => `Tasn: images must be [N,3,${H},${W}], found [${x.shape}]`,
  )
  return noGrad(() =>
    attentionResize === 'area'
      ? resizeArea(x, attentionSize)
      : resizeBilinear(x, attentionSize, { alignCorners: maps.sampler.mode === 'torch' }),
  )
}
