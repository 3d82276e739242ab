/** The part of TASN that runs at test time, as a network of its own with weights of its own. */
import type { Random } from '../engine/random.ts'
import type { Tensor } from '../engine/tensor.ts'
import { type Backbone, headName, makeBackbone } from '../nn/backbone.ts'
import { Module } from '../nn/module.ts'
import { AttentionNet } from './attention_net.ts'
import type { TasnConfig } from './config.ts'
import type { Tasn } from './network.ts'
import { predict } from './prediction.ts'

/**
 * Tasn.predict() with no weights but those it needs: the attention net without its head, the classifier, and the shared
 * head. The heads of the attention net, of part-net and of master-net stay behind in training.
 *
 * `classifier` has its own names throughout, as `attention.backbone` has: the shared head is its head.
 */
export class TasnInference extends Module {
  readonly attention: AttentionNet
  readonly classifier: Backbone
  readonly config: TasnConfig

  constructor(random: Random, config: TasnConfig) {
    super()
    this.config = config
    this.attention = new AttentionNet(random, config.attention)
    this.classifier = makeBackbone(random, config.classifier, config.classes)
    this.train(false)
  }

  /** Images (N,3,H,W) -> logits (N,classes). */
  forward(x: Tensor): Tensor {
    return predict(x, this.attention, sample => this.classifier.forward(sample), this.config)
  }
}

/**
 * The tensors of a trained model that TasnInference needs, under its names. The shared head becomes the classifier's,
 * which is `classifier.fc` for a ResNet; the other three heads are left out.
 */
export function inferenceState(model: Tasn): Map<string, Tensor> {
  const head = `classifier.${headName(model.config.classifier)}.`
  return new Map(
    [...model.state()].flatMap(([name, t]): [string, Tensor][] =>
      /^(part|master|attention\.(bn|fc))\./.test(name) ? [] : [[name.replace(/^shared\./, head), t]],
    ),
  )
}
