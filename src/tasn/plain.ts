/** A plain classifier to compare TASN with: the same network and head, without attention net and part-net. */

import type { Random } from '../engine/random.ts'
import { noGrad } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'
import { type Backbone, makeBackbone } from '../nn/backbone.ts'
import { Linear } from '../nn/layers.ts'
import { Module } from '../nn/module.ts'
import { resizeArea } from '../ops/resize.ts'
import { sampleGrid } from '../ops/sampler.ts'
import type { TasnConfig } from './config.ts'
import { type Head, resultOf, type TasnResult } from './heads.ts'
import type { Recogniser } from './recogniser.ts'
import { gridOfMap } from './views.ts'

/**
 * The classifier of TASN on images that are reduced without attention. With `look` set to shrunk every pixel is the
 * mean of what it covers; with box it is TASN's sampler, by a map that comes from outside.
 */
export class Plain extends Module implements Recogniser {
  readonly classifier: Backbone
  readonly shared: Linear
  readonly config: TasnConfig
  readonly heads: readonly Head[] = ['sharedMaster']

  constructor(random: Random, config: TasnConfig) {
    super()
    this.config = config
    this.classifier = makeBackbone(random, config.classifier)
    this.shared = new Linear(random, this.classifier.channels, config.classes)
  }

  /**
   * The classifier's input (N,3,h,w) from images x (N,3,H,W). The larger `map` (N,h,w) is in a
   * place, the more that place is magnified.
   *
   * @throws if `look` is box and there is no map.
   */
  input(x: Tensor, map?: Tensor): Tensor {
    const { imageSize, classifierSize, look, maps } = this.config
    return noGrad(() => {
      if (look === 'shrunk') return `${imageSize}` === `${classifierSize}` ? x : resizeArea(x, classifierSize)
      check(map !== undefined, () => 'Plain: to look at boxes it has to be given their maps')
      return sampleGrid(x, gridOfMap(map, imageSize, classifierSize, maps.gamma, maps), maps.sampler.mode)
    })
  }

  #logits(x: Tensor, map?: Tensor): Tensor {
    return this.shared.forward(this.classifier.pooled(this.input(x, map)))
  }

  /** Logits (N,classes), without a gradient. */
  predict(x: Tensor, map?: Tensor): Tensor {
    return noGrad(() => this.#logits(x, map))
  }

  forward(x: Tensor, labels: Tensor, _u?: Tensor, map?: Tensor): TasnResult {
    const logits = { sharedMaster: this.#logits(x, map) }
    return resultOf(this.config.weights, labels, logits, constant([labels.size], 0))
  }
}
