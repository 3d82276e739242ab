/**
 * The attention network (paper section 3.1): a backbone whose feature maps stay large and see far, with a head of its
 * own.
 */
import type { Random } from '../engine/random.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { type Backbone, type BackboneConfig, makeBackbone } from '../nn/backbone.ts'
import { BatchNorm2d, Conv2d, Linear } from '../nn/layers.ts'
import { Module } from '../nn/module.ts'
import { add } from '../ops/elementwise.ts'
import { globalAveragePool } from '../ops/pool.ts'

/**
 * One 3x3 kernel run at several dilation rates: y = sum over rates d of relu(conv(x; w, b, dilation d)), (N,C,H,W) ->
 * (N,C,H,W). The rates share the kernel, so one pattern is looked for at several sizes (researchmm/tasn, model.py).
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
   * The network below. Strides of 1 where ResNet-18 has 2 keep its maps large. Published: strides [1, 1, 2, 1], which
   * give maps of 28x28 from images of 224x224. A MobileNet has an output stride for that.
   */
  backbone: BackboneConfig
  /**
   * Dilation rates of each multi-dilation layer. Published: [[1, 2], [1, 2, 3]]. []: the features are those of the
   * backbone's last block, for one that was trained elsewhere and is not to learn: no file has weights for such layers.
   */
  dilations: readonly (readonly number[])[]
}

/**
 * Images (N,3,H,W) -> features X (N,C,h,w), none below zero, and logits (N,classes).
 *
 * It has a head and a loss of its own because nothing else trains it. Its maps only choose the places that the sampler
 * reads, and in the published code no gradient comes back through that choice. (TasnConfig.samplerGradient lets one.)
 * So it learns to find the features that tell the classes apart, and those are where to look closely.
 */
export class AttentionNet extends Module {
  readonly backbone: Backbone
  readonly dilated: MultiDilation[]
  readonly bn: BatchNorm2d | undefined
  readonly fc: Linear | undefined

  /** @param classes outputs of the head; 0 leaves it out, for a trained network of which only the features matter. */
  constructor(random: Random, { backbone, dilations }: AttentionNetConfig, classes = 0) {
    super()
    this.backbone = makeBackbone(random, backbone)
    const C = this.backbone.channels
    this.dilated = dilations.map(rates => new MultiDilation(random, C, rates))
    this.bn = classes ? new BatchNorm2d(C) : undefined
    this.fc = classes ? new Linear(random, C, classes) : undefined
  }

  /** Images (N,3,H,W) -> features (N,C,h,w). */
  features(x: Tensor): Tensor {
    return this.dilated.reduce((h, layer) => layer.forward(h), this.backbone.features(x))
  }

  /**
   * Images (N,3,H,W) -> features (N,C,h,w) and logits (N,classes).
   *
   * @throws if the network was made without a head.
   */
  forward(x: Tensor): { features: Tensor; logits: Tensor } {
    check(
      this.bn !== undefined && this.fc !== undefined,
      () => 'AttentionNet: this network was made without classes, so it has features() but no logits',
    )
    const features = this.features(x)
    return { features, logits: this.fc.forward(globalAveragePool(this.bn.forward(features, { relu: true }))) }
  }
}
