/**
 * The attention network (paper section 3.1): a ResNet whose feature maps stay large and see far, with a classifier of
 * its own.
 */

import type { Random } from '../engine/random.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { BatchNorm2d, Conv2d, Linear } from '../nn/layers.ts'
import { Module } from '../nn/module.ts'
import { ResNet, type ResNetConfig } from '../nn/resnet.ts'
import { add } from '../ops/elementwise.ts'
import { globalAveragePool } from '../ops/pool.ts'

/**
 * One 3x3 kernel run at several dilation rates: y = sum over d of relu(conv(x; w, b, dilation d)).
 * The kernel is shared, so the same pattern is looked for at several sizes (researchmm/tasn model.py; giving every rate
 * a kernel of its own is a common error in ports).
 */
export class MultiDilation extends Module {
  readonly conv: Conv2d
  readonly rates: readonly number[]

  constructor(random: Random, channels: number, rates: readonly number[]) {
    super()
    this.conv = new Conv2d(random, channels, channels, 3, { bias: true, fan: 'in' })
    this.rates = rates
  }

  forward(x: Tensor): Tensor {
    return this.rates.map(d => this.conv.forward(x, { padding: d, dilation: d, relu: true })).reduce(add)
  }
}

export interface AttentionNetConfig {
  /**
   * The ResNet. Strides of 1 where ResNet-18 has 2 keep the maps large: TASN's are [1, 1, 2, 1], 28x28 from 224x224.
   */
  backbone: ResNetConfig
  /** Dilation rates of each multi-dilation layer: TASN has [[1, 2], [1, 2, 3]]. */
  dilations: readonly (readonly number[])[]
}

/**
 * x (N,3,H,W) -> feature maps X (N,C,h,w), all >= 0, and class logits.
 * Why a classifier of its own: nothing else trains this network. Its maps only choose where the sampler looks, and as
 * published no gradient comes back through that choice (here one can: TasnConfig.samplerGradient); so it learns to find
 * what tells the classes apart, which is where one wants to look.
 */
export class AttentionNet extends Module {
  readonly backbone: ResNet
  readonly dilated: MultiDilation[]
  readonly bn: BatchNorm2d | undefined
  readonly fc: Linear | undefined

  /** @param classes outputs of the classifier; 0 leaves it away: once trained, only the features matter. */
  constructor(random: Random, { backbone, dilations }: AttentionNetConfig, classes = 0) {
    super()
    this.backbone = new ResNet(random, backbone)
    const C = this.backbone.channels
    this.dilated = dilations.map(rates => new MultiDilation(random, C, rates))
    this.bn = classes ? new BatchNorm2d(C) : undefined
    this.fc = classes ? new Linear(random, C, classes) : undefined
  }

  /** (N,3,H,W) -> (N,C,h,w). */
  features(x: Tensor): Tensor {
    return this.dilated.reduce((h, layer) => layer.forward(h), this.backbone.features(x))
  }

  forward(x: Tensor): { features: Tensor; logits: Tensor } {
    check(
      this.bn !== undefined && this.fc !== undefined,
      () => 'AttentionNet: this network was made without classes, so it has features() but no logits',
    )
    const features = this.features(x)
    return { features, logits: this.fc.forward(globalAveragePool(this.bn.forward(features, { relu: true }))) }
  }
}
