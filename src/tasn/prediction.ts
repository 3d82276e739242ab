/**
 * Recognition at test time: image -> attention -> structure sample -> classifier. The detail sample and part-net do not
 * run: what they knew has been distilled into the classifier in training.
 */
import { noGrad } from '../engine/tape.ts'
import type { Tensor } from '../engine/tensor.ts'
import { add, scale } from '../ops/elementwise.ts'
import { mirror } from '../ops/image.ts'
import { sampleGrid } from '../ops/sampler.ts'
import { attentionInput } from './attention_input.ts'
import type { AttentionNet } from './attention_net.ts'
import type { TasnConfig } from './config.ts'
import { trilinearAttention } from './trilinear.ts'
import { structureOf } from './views.ts'

/**
 * Logits (N,classes) of images x (N,3,H,W), without a gradient.
 *
 * @param classify the classifier with its shared head: samples (N,3,h,w) -> logits (N,classes).
 */
export const predict = (
  x: Tensor,
  attention: AttentionNet,
  classify: (sample: Tensor) => Tensor,
  config: TasnConfig,
): Tensor => noGrad(() => testLogits(config, structureSample(x, attention, config), classify))

/** The structure sample (N,3,h,w) of images x (N,3,H,W). The attention net's own head does not run. */
function structureSample(x: Tensor, attention: AttentionNet, config: TasnConfig): Tensor {
  const features = attention.features(attentionInput(x, config))
  const { grid } = structureOf(trilinearAttention(features, config.trilinear), features, config)
  return sampleGrid(x, grid, config.maps.sampler.mode)
}

/** The logits of a sample; with `mirrorTest` their mean with those of its mirror image. */
export const testLogits = (
  { mirrorTest }: Pick<TasnConfig, 'mirrorTest'>,
  sample: Tensor,
  classify: (sample: Tensor) => Tensor,
): Tensor => (mirrorTest ? scale(add(classify(sample), classify(mirror(sample))), 0.5) : classify(sample))
