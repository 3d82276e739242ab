/** The layers that MobileNets are made of, and the conventions in which their published weights differ. */
import type { Random } from '../engine/random.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'
import { batchNorm } from '../ops/batch_norm.ts'
import type { ConvOptions } from '../ops/conv2d.ts'
import { IMAGENET_MEAN, IMAGENET_STD } from '../ops/image.ts'
import { BatchNorm2d, Conv2d } from './layers.ts'

export interface MobileNetOptions {
  /** Factor on all channels, which are rounded to multiples of 8: 0.25 to 1 have published weights. */
  width: number
  /**
   * Pixels of the image for one of the features: 32 as published, unless given. With 16 or 8 the strides beyond are
   * left out and the depthwise filters behind them are dilated instead, so that they see what they saw (DeepLab, arXiv
   * 1606.00915, section 3.1).
   */
  outputStride?: 8 | 16 | 32
  /** `same`: TensorFlow's, at stride 2 and an even size the zeros are right and below. `symmetric`: PyTorch's. */
  padding?: 'same' | 'symmetric'
  /** Added to the variances of batch norms. */
  eps?: number
  /**
   * The input that the weights expect: `imagenet`, (RGB / 255 - mean) / std, as augment() makes it; or `half`,
   * RGB / 127.5 - 1, into which features() then turns its input.
   */
  normalise?: 'half' | 'imagenet'
}

/** That in which weights differ that have the same names and shapes. */
export type Conventions = Required<Pick<MobileNetOptions, 'padding' | 'eps' | 'normalise'>>

/** `full` channels at a width, rounded to a multiple of 8, but not by more than a tenth downwards: as everywhere. */
export function channelsAt(full: number, width: number): number {
  const wanted = full * width
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8)
  return rounded < 0.9 * wanted ? rounded + 8 : rounded
}

/** Images in the normalisation of augment(), or turned from it into `half`. Zeros of a padding are grey there. */
export function inputOf(x: Tensor, normalise: 'half' | 'imagenet'): Tensor {
  if (normalise === 'imagenet') return x
  // 2 (std x + mean) - 1 by the kernels of batch norm, which have a factor and a summand for each channel.
  const weight = constant(
    [3],
    IMAGENET_STD.map(s => 2 * s),
  )
  const bias = constant(
    [3],
    IMAGENET_MEAN.map(m => 2 * m - 1),
  )
  const still = { running_mean: constant([3], 0), running_var: constant([3], 1) }
  return batchNorm(x, { weight, bias, ...still }, { training: false, eps: 0 })
}

/** For each stride of a network in turn, the one that an output stride leaves of it: 1 beyond. */
export function strideKeeper(outputStride = 32): (stride: number) => number {
  let reached = 1
  return stride => {
    if (reached * stride > outputStride) return 1
    reached *= stride
    return stride
  }
}

/** Options of which only the output stride may be missing. */
export type Settled = Conventions & MobileNetOptions

/** Makes layers in their order in the network, and keeps account of its strides. */
export class Parts {
  #dilation = 1
  readonly #kept: (stride: number) => number
  readonly #random: Random
  readonly #options: Settled

  /** @throws where a width or an output stride makes no sense. */
  constructor(random: Random, options: Settled) {
    const { width, outputStride = 32 } = options
    check(width > 0 && width <= 4, () => `MobileNet: width must be above 0, and at most 4; found ${width}`)
    check(
      [8, 16, 32].includes(outputStride),
      () => `MobileNet: the output stride must be 8, 16 or 32; found ${outputStride}`,
    )
    this.#kept = strideKeeper(outputStride)
    this.#random = random
    this.#options = options
  }

  /** The first convolution, 3x3 with stride 2. */
  stem(K: number): Conv2d {
    return new Conv2d(this.#random, 3, K, 3, this.#place(2))
  }

  /** A 3x3 convolution of each channel alone. Kaiming over fan-in, which is 9: as fan-out, divided by the groups. */
  depthwise(C: number, stride: number): Conv2d {
    return new Conv2d(this.#random, C, C, 3, { groups: C, fan: 'in', ...this.#place(stride) })
  }

  pointwise(C: number, K: number): Conv2d {
    return new Conv2d(this.#random, C, K, 1)
  }

  norm(C: number): BatchNorm2d {
    return new BatchNorm2d(C, { eps: this.#options.eps })
  }

  /** A filter where a stride is left out keeps the dilation from before it: what it sees has not yet changed. */
  #place(stride: number): ConvOptions {
    const { padding } = this.#options
    const dilation = this.#dilation
    const kept = this.#kept(stride)
    this.#dilation *= stride / kept
    return { stride: kept, dilation, padding: padding === 'same' ? padding : dilation }
  }
}
