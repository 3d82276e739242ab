/**
 * MobileNets of any width: V1 (Howard et al. 2017, arXiv 1704.04861) by timm's names, V2 (Sandler et al. 2018, arXiv
 * 1801.04381) by torchvision's. What both have in common is in ./mobilenet_parts.ts.
 */
import type { Random } from '../engine/random.ts'
import type { Tensor } from '../engine/tensor.ts'
import { globalAveragePool } from '../ops/pool.ts'
import { type BatchNorm2d, type Conv2d, convNorm, headOf, Linear } from './layers.ts'
import { channelsAt, inputOf, type MobileNetOptions, Parts } from './mobilenet_parts.ts'
import { Module } from './module.ts'

/** V1. Defaults are of TensorFlow's weights: padding `same`, eps 1e-3, normalise `half`. */
export interface MobileNetV1Config extends MobileNetOptions {
  /** A depthwise 3x3 convolution, then a 1x1. */
  block: 'separable'
}

/** V2. Defaults are of torchvision's weights: padding `symmetric`, eps 1e-5, normalise `imagenet`. */
export interface MobileNetV2Config extends MobileNetOptions {
  /** A 1x1 convolution to six times the channels, a depthwise 3x3, and a 1x1 back to few; added to what went in. */
  block: 'inverted'
}

export const V1 = { padding: 'same', eps: 1e-3, normalise: 'half' } as const
export const V2 = { padding: 'symmetric', eps: 1e-5, normalise: 'imagenet' } as const

/** Channels and stride of the first block, and how many blocks there are, of each stage of V1. */
export const V1_STAGES = [
  [64, 1, 1],
  [128, 2, 2],
  [256, 2, 2],
  [512, 2, 6],
  [1024, 2, 2],
] as const

/** The same of V2, and by what the blocks widen their input (table 2 of the paper). */
export const V2_STAGES = [
  [16, 1, 1, 1],
  [24, 2, 2, 6],
  [32, 2, 3, 6],
  [64, 2, 4, 6],
  [96, 1, 3, 6],
  [160, 2, 3, 6],
  [320, 1, 1, 6],
] as const

/** Channels of V2's features: a width below 1 does not narrow its last convolution. */
export const v2Channels = (width: number): number => channelsAt(1280, Math.max(1, width))

/** relu6(bn2(conv_pw(relu6(bn1(conv_dw(x)))))): a filter for each channel, then a mixture of channels. */
export class Separable extends Module {
  readonly conv_dw: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv_pw: Conv2d
  readonly bn2: BatchNorm2d

  constructor(parts: Parts, C: number, K: number, stride: number) {
    super()
    this.conv_dw = parts.depthwise(C, stride)
    this.bn1 = parts.norm(C)
    this.conv_pw = parts.pointwise(C, K)
    this.bn2 = parts.norm(K)
  }

  forward(x: Tensor): Tensor {
    const h = convNorm(this.conv_dw, this.bn1, x, { relu: 6 })
    return convNorm(this.conv_pw, this.bn2, h, { relu: 6 })
  }
}

/** MobileNet V1: a stem, 13 separable blocks, and a head on the features averaged over space. */
export class MobileNetV1 extends Module {
  readonly conv_stem: Conv2d
  readonly bn1: BatchNorm2d
  readonly blocks: readonly Separable[][]
  readonly classifier: Linear | undefined
  readonly config: MobileNetV1Config
  /** Channels of the features. */
  readonly channels: number

  /** @param classes outputs of `classifier`; 0 leaves it out, for networks that use the features. */
  constructor(random: Random, config: MobileNetV1Config, classes = 0) {
    super()
    this.config = config
    const parts = new Parts(random, { ...V1, ...config })
    let C = channelsAt(32, config.width)
    this.conv_stem = parts.stem(C)
    this.bn1 = parts.norm(C)
    this.blocks = V1_STAGES.map(([full, stride, count]) =>
      Array.from({ length: count }, (_, i) => {
        const K = channelsAt(full, config.width)
        const block = new Separable(parts, C, K, i ? 1 : stride)
        C = K
        return block
      }),
    )
    this.channels = C
    this.classifier = classes ? new Linear(random, C, classes) : undefined
  }

  /** Images (N,3,H,W), normalised by augment(), -> features (N,channels,H',W'), from 0 to 6. */
  features(x: Tensor): Tensor {
    const h = convNorm(this.conv_stem, this.bn1, inputOf(x, this.config.normalise ?? V1.normalise), { relu: 6 })
    return this.blocks.flat().reduce((h, block) => block.forward(h), h)
  }

  /** Images (N,3,H,W) -> features averaged over space (N,channels). */
  pooled(x: Tensor): Tensor {
    return globalAveragePool(this.features(x))
  }

  /** Images (N,3,H,W) -> logits (N,classes). @throws if the network was made without classes. */
  forward(x: Tensor): Tensor {
    return headOf(this.classifier, 'MobileNetV1').forward(this.pooled(x))
  }
}

export type ConvNorm = readonly [Conv2d, BatchNorm2d]

/** Widens, filters each channel, narrows without an activation; where the shape is kept, x is added. */
export class InvertedResidual extends Module {
  readonly conv: readonly [...ConvNorm[], Conv2d, BatchNorm2d]
  readonly adds: boolean

  constructor(parts: Parts, C: number, K: number, stride: number, factor: number) {
    super()
    const wide = C * factor
    const widening: ConvNorm[] = factor === 1 ? [] : [[parts.pointwise(C, wide), parts.norm(wide)]]
    const filtering: ConvNorm = [parts.depthwise(wide, stride), parts.norm(wide)]
    this.conv = [...widening, filtering, parts.pointwise(wide, K), parts.norm(K)]
    this.adds = stride === 1 && C === K
  }

  forward(x: Tensor): Tensor {
    const [narrowing, norm] = this.conv.slice(-2) as [Conv2d, BatchNorm2d]
    const inner = this.conv.slice(0, -2) as ConvNorm[]
    const h = inner.reduce((h, [conv, norm]) => convNorm(conv, norm, h, { relu: 6 }), x)
    return convNorm(narrowing, norm, h, this.adds ? { residual: x } : {})
  }
}

/** MobileNet V2: a stem, 17 inverted residuals, a 1x1 convolution, and a head on the features averaged over space. */
export class MobileNetV2 extends Module {
  /** torchvision's `features`, which is a method here. */
  readonly layers: readonly [ConvNorm, ...InvertedResidual[], ConvNorm]
  readonly classifier: Linear | undefined
  readonly config: MobileNetV2Config
  /** Channels of the features. */
  readonly channels: number

  /** @param classes outputs of `classifier`; 0 leaves it out, for networks that use the features. */
  constructor(random: Random, config: MobileNetV2Config, classes = 0) {
    super()
    this.config = config
    const parts = new Parts(random, { ...V2, ...config })
    let C = channelsAt(32, config.width)
    const stem: ConvNorm = [parts.stem(C), parts.norm(C)]
    const blocks = V2_STAGES.flatMap(([full, stride, count, factor]) =>
      Array.from({ length: count }, (_, i) => {
        const K = channelsAt(full, config.width)
        const block = new InvertedResidual(parts, C, K, i ? 1 : stride, factor)
        C = K
        return block
      }),
    )
    this.channels = v2Channels(config.width)
    this.layers = [stem, ...blocks, [parts.pointwise(C, this.channels), parts.norm(this.channels)]]
    this.classifier = classes ? new Linear(random, this.channels, classes) : undefined
  }

  /** By torchvision's names: `features.0.0.weight`, `classifier.1.weight`. */
  override state(prefix = ''): Map<string, Tensor> {
    const named = (name: string) => name.replace(/^layers\./, 'features.').replace(/^classifier\./, 'classifier.1.')
    return new Map([...super.state()].map(([name, t]) => [prefix + named(name), t]))
  }

  /** Images (N,3,H,W), normalised by augment(), -> features (N,channels,H',W'), from 0 to 6. */
  features(x: Tensor): Tensor {
    return this.layers.reduce(
      (h: Tensor, layer) =>
        layer instanceof InvertedResidual ? layer.forward(h) : convNorm(layer[0], layer[1], h, { relu: 6 }),
      inputOf(x, this.config.normalise ?? V2.normalise),
    )
  }

  /** Images (N,3,H,W) -> features averaged over space (N,channels). */
  pooled(x: Tensor): Tensor {
    return globalAveragePool(this.features(x))
  }

  /** Images (N,3,H,W) -> logits (N,classes). @throws if the network was made without classes. */
  forward(x: Tensor): Tensor {
    return headOf(this.classifier, 'MobileNetV2').forward(this.pooled(x))
  }
}
