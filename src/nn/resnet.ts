/** ResNet (He et al. 2016) with torchvision's names, shapes and initialisation. Sizes and strides are configuration. */
import type { Random } from '../engine/random.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { globalAveragePool, maxPool2d } from '../ops/pool.ts'
import { BatchNorm2d, Conv2d, convNorm, headOf, Linear } from './layers.ts'
import { Module } from './module.ts'

export interface ResNetConfig {
  /** basic: two 3x3 convolutions (ResNet-18, 34). bottleneck: 1x1, 3x3, 1x1 to four times the width (ResNet-50). */
  block: 'basic' | 'bottleneck'
  /** Blocks per stage. */
  layers: readonly number[]
  /** Channels of the 3x3 convolutions per stage. */
  widths: readonly number[]
  /** Channels of the stem. Default: those of the first stage. */
  stemWidth?: number
  /** Stride of each stage's first block. TASN's attention net has 1 where ResNet-18 has 2. */
  strides: readonly number[]
  /** Size of the stem's stride-2 filter: 7 in torchvision, 3 for small images. */
  stem: 3 | 7
  /** true: a 3x3 max-pool of stride 2 follows the stem. */
  pool: boolean
}

const standard = { widths: [64, 128, 256, 512], strides: [1, 2, 2, 2], stem: 7, pool: true } as const
/** ResNet-18, -34 and -50 (He et al. 2016), as torchvision has them. */
export const RESNET18: ResNetConfig = { ...standard, block: 'basic', layers: [2, 2, 2, 2] }
/** See RESNET18. */
export const RESNET34: ResNetConfig = { ...standard, block: 'basic', layers: [3, 4, 6, 3] }
/** See RESNET18. */
export const RESNET50: ResNetConfig = { ...standard, block: 'bottleneck', layers: [3, 4, 6, 3] }

const EXPANSION = { basic: 1, bottleneck: 4 } as const

/** relu(x' + bn2(conv2(relu(bn1(conv1(x)))))), where x' is x or its 1x1 projection. */
export class BasicBlock extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly downsample: [Conv2d, BatchNorm2d] | undefined

  constructor(random: Random, C: number, width: number, stride: number) {
    super()
    this.conv1 = new Conv2d(random, C, width, 3, { stride, padding: 1 })
    this.bn1 = new BatchNorm2d(width)
    this.conv2 = new Conv2d(random, width, width, 3, { padding: 1 })
    this.bn2 = new BatchNorm2d(width)
    this.downsample = projection(random, C, width, stride)
  }

  forward(x: Tensor): Tensor {
    const h = convNorm(this.conv1, this.bn1, x, { relu: true })
    return convNorm(this.conv2, this.bn2, h, { relu: true, residual: shortcut(this.downsample, x) })
  }
}

/**
 * A 1x1 convolution to the width, a 3x3, and a 1x1 to four times the width, added to the shortcut. The stride is on the
 * 3x3 (torchvision, "v1.5").
 */
export class Bottleneck extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly conv3: Conv2d
  readonly bn3: BatchNorm2d
  readonly downsample: [Conv2d, BatchNorm2d] | undefined

  constructor(random: Random, C: number, width: number, stride: number) {
    super()
    const out = width * EXPANSION.bottleneck
    this.conv1 = new Conv2d(random, C, width, 1)
    this.bn1 = new BatchNorm2d(width)
    this.conv2 = new Conv2d(random, width, width, 3, { stride, padding: 1 })
    this.bn2 = new BatchNorm2d(width)
    this.conv3 = new Conv2d(random, width, out, 1)
    this.bn3 = new BatchNorm2d(out)
    this.downsample = projection(random, C, out, stride)
  }

  forward(x: Tensor): Tensor {
    const h = convNorm(this.conv1, this.bn1, x, { relu: true })
    const k = convNorm(this.conv2, this.bn2, h, { relu: true })
    return convNorm(this.conv3, this.bn3, k, { relu: true, residual: shortcut(this.downsample, x) })
  }
}

const projection = (random: Random, C: number, out: number, stride: number): [Conv2d, BatchNorm2d] | undefined =>
  stride === 1 && C === out ? undefined : [new Conv2d(random, C, out, 1, { stride }), new BatchNorm2d(out)]

const shortcut = (downsample: [Conv2d, BatchNorm2d] | undefined, x: Tensor): Tensor =>
  downsample ? convNorm(...downsample, x) : x

export type Block = BasicBlock | Bottleneck

/** A stem, up to four stages of blocks, and a head on the features averaged over space. */
export class ResNet extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly layer1: Block[]
  readonly layer2: Block[]
  readonly layer3: Block[]
  readonly layer4: Block[]
  readonly fc: Linear | undefined
  readonly config: ResNetConfig

  /**
   * @param classes outputs of `fc`; 0 leaves it out, for networks that use the features.
   * @throws unless layers, widths and strides have the same 1 to 4 stages.
   */
  constructor(random: Random, config: ResNetConfig, classes = 0) {
    super()
    const { block, layers, widths, strides, stem } = config
    check(
      layers.length >= 1 && layers.length <= 4 && widths.length === layers.length && strides.length === layers.length,
      () =>
        `ResNet: layers, widths and strides must each have the same 1 to 4 stages, found ${layers}; ${widths}; ` +
        `${strides}`,
    )
    this.config = config
    let C = config.stemWidth ?? widths[0]!
    this.conv1 = new Conv2d(random, 3, C, stem, { stride: 2, padding: (stem - 1) / 2 })
    this.bn1 = new BatchNorm2d(C)
    const stage = (i: number): Block[] =>
      Array.from({ length: layers[i] ?? 0 }, (_, j) => {
        const stride = j ? 1 : strides[i]!
        const made =
          block === 'basic'
            ? new BasicBlock(random, C, widths[i]!, stride)
            : new Bottleneck(random, C, widths[i]!, stride)
        C = widths[i]! * EXPANSION[block]
        return made
      })
    this.layer1 = stage(0)
    this.layer2 = stage(1)
    this.layer3 = stage(2)
    this.layer4 = stage(3)
    this.fc = classes ? new Linear(random, C, classes) : undefined
  }

  /** Channels of the features. */
  get channels(): number {
    return this.config.widths.at(-1)! * EXPANSION[this.config.block]
  }

  /** Images (N,3,H,W) -> features (N,channels,H',W'). */
  features(x: Tensor): Tensor {
    let h = convNorm(this.conv1, this.bn1, x, { relu: true })
    if (this.config.pool) h = maxPool2d(h, 3, { stride: 2, padding: 1 })
    for (const block of [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4]) h = block.forward(h)
    return h
  }

  /** Images (N,3,H,W) -> features averaged over space (N,channels). */
  pooled(x: Tensor): Tensor {
    return globalAveragePool(this.features(x))
  }

  /** Images (N,3,H,W) -> logits (N,classes). @throws if the network was made without classes. */
  forward(x: Tensor): Tensor {
    return headOf(this.fc, 'ResNet').forward(this.pooled(x))
  }
}
