/** Recogniser: the common face of TASN and of the plain classifiers that it is compared with. */
import type { Random } from '../engine/random.ts'
import type { Tensor } from '../engine/tensor.ts'
import type { Backbone } from '../nn/backbone.ts'
import type { Linear } from '../nn/layers.ts'
import type { Module } from '../nn/module.ts'
import { hasAttention, type TasnConfig } from './config.ts'
import type { Head, TasnResult } from './heads.ts'
import { Tasn } from './network.ts'
import { Plain } from './plain.ts'

/** A network that can be trained and tested on birds. */
export interface Recogniser extends Module {
  readonly config: TasnConfig
  readonly classifier: Backbone
  /** The head that predicts. */
  readonly shared: Linear
  /** The heads that it has. A result is zero for all others. */
  readonly heads: readonly Head[]
  /**
   * Classifies images x (N,3,H,W) and compares the answers with labels (N).
   *
   * @param u (N) in [0,1): picks the channel of each image's detail map.
   * @param map (N,h,w): attention from outside, for recognisers with `look` set to box.
   */
  forward(x: Tensor, labels: Tensor, u?: Tensor, map?: Tensor): TasnResult
  /** Logits (N,classes) of the head that predicts, without a gradient. */
  predict(x: Tensor, map?: Tensor): Tensor
}

/** Makes the recogniser that a configuration describes. */
export const makeRecogniser = (random: Random, config: TasnConfig): Tasn | Plain =>
  hasAttention(config) ? new Tasn(random, config) : new Plain(random, config)
