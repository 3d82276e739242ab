/** What is left of TASN at test time: the attention net without its head, the structure sample, and master-net. */

import type { Random } from '../engine/random.ts'
import { noGrad } from '../engine/tape.ts'
import type { Tensor } from '../engine/tensor.ts'
import { Module } from '../nn/module.ts'
import { ResNet } from '../nn/resnet.ts'
import { AttentionNet } from './attention_net.ts'
import { structureSample, type Tasn, type TasnConfig, testLogits } from './network.ts'

/**
 * Tasn.predict() with the weights that it needs and no others. Its `classifier` has torchvision's names throughout:
 * what training calls the shared head is its `fc`; `attention.backbone` has them too.
 */
export class TasnInference extends Module {
  readonly attention: AttentionNet
  readonly classifier: ResNet
  readonly config: TasnConfig

  constructor(random: Random, config: TasnConfig) {
    super()
    this.config = config
    this.attention = new AttentionNet(random, config.attention)
    this.classifier = new ResNet(random, config.classifier, config.classes)
    this.train(false)
  }

  /** Images (N,3,H,W) -> logits (N,classes). */
  forward(x: Tensor): Tensor {
    return noGrad(() =>
      testLogits(this.config, structureSample(this.attention, x, this.config), s => this.classifier.forward(s)),
    )
  }
}

/**
 * The tensors of a trained model that TasnInference needs, under its names: part-net's and master-net's own heads, and
 * the attention net's, stay behind.
 */
export function inferenceState(model: Tasn): Map<string, Tensor> {
  return new Map(
    [...model.state()].flatMap(([name, t]): [string, Tensor][] =>
      /^(part|master|attention\.(bn|fc))\./.test(name) ? [] : [[name.replace(/^shared\./, 'classifier.fc.'), t]],
    ),
  )
}
