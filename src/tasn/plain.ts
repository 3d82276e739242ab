/** A plain classifier to compare TASN with: the same ResNet and head, without attention net and part-net. */

import type { Random } from '../engine/random.ts'
import { noGrad } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'
import { Linear } from '../nn/layers.ts'
import { Module } from '../nn/module.ts'
import { ResNet } from '../nn/resnet.ts'
import { resizeArea } from '../ops/resize.ts'
import { sampleGrid } from '../ops/sampler.ts'
import { type Head, type Recogniser, resultOf, Tasn, type TasnConfig, type TasnResult } from './network.ts'
import { gridOfMap } from './views.ts'

/**
 * `config.look` says what it is shown: the image `shrunk` evenly (each pixel the mean of what it covers), or the sample
 * at a given `box`.
 */
export class Plain extends Module implements Recogniser {
  readonly classifier: ResNet
  readonly shared: Linear
  readonly config: TasnConfig
  readonly heads: readonly Head[] = ['sharedMaster']

  constructor(random: Random, config: TasnConfig) {
    super()
    this.config = config
    this.classifier = new ResNet(random, config.classifier)
    this.shared = new Linear(random, this.classifier.channels, config.classes)
  }

  /** What the classifier sees of images (N,3,H,W): (N,3,h,w). `map` (N,h,w), for `box`: above zero in the box. */
  view(x: Tensor, map?: Tensor): Tensor {
    const { imageSize, classifierSize, look, maps } = this.config
    return noGrad(() => {
      if (look === 'shrunk') return `${imageSize}` === `${classifierSize}` ? x : resizeArea(x, classifierSize)
      check(map !== undefined, () => 'Plain: to look at boxes it has to be given their maps')
      return sampleGrid(x, gridOfMap(map, imageSize, classifierSize, maps.gamma, maps), maps.sampler.mode)
    })
  }

  #logits(x: Tensor, map?: Tensor): Tensor {
    return this.shared.forward(this.classifier.pooled(this.view(x, map)))
  }

  /** Logits (N,classes). */
  predict(x: Tensor, map?: Tensor): Tensor {
    return noGrad(() => this.#logits(x, map))
  }

  forward(x: Tensor, labels: Tensor, _u?: Tensor, map?: Tensor): TasnResult {
    return resultOf(this.config, labels, { sharedMaster: this.#logits(x, map) }, constant([labels.size], 0))
  }
}

/** The recogniser that a configuration describes. */
export const makeRecogniser = (random: Random, config: TasnConfig): Tasn | Plain =>
  (config.look ?? 'attention') === 'attention' ? new Tasn(random, config) : new Plain(random, config)
