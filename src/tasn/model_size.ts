/** The tensors of TasnInference and the size of its work on an image, from its configuration alone, with no memory. */
import { type BackboneConfig, channelsOf, headName } from '../nn/backbone.ts'
import { type MobileNetV1Config, type MobileNetV2Config, V1, V1_STAGES, V2, V2_STAGES } from '../nn/mobilenet.ts'
import { channelsAt, strideKeeper } from '../nn/mobilenet_parts.ts'
import type { ResNetConfig } from '../nn/resnet.ts'
import type { TasnConfig } from './config.ts'

export interface ModelSize {
  /** The shape of each tensor of TasnInference, by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  /** Numbers in all of them. */
  readonly weights: number
  /** Numbers in all tensors on an image's way: outside of a plan they stay until its answer is there. */
  readonly activations: number
  /** Multiplications for an image. */
  readonly products: number
}

/** C channels of h x w. */
type Extent = readonly [C: number, h: number, w: number]

/** Walks through the network as AttentionNet and its backbones build it. */
export function modelSize(config: TasnConfig): ModelSize {
  const { attention, classifier, classes, imageSize, attentionSize, classifierSize, maps, mirrorTest } = config
  const walk = new Walk()
  for (const size of [imageSize, attentionSize, classifierSize, maps.mapSize ?? imageSize]) walk.tensor([3, ...size])
  let X = walk.backbone('attention.backbone', attention.backbone, attentionSize)
  attention.dilations.forEach((rates, i) => {
    const name = `attention.dilated.${i}.conv`
    for (const dilation of rates) X = walk.conv(name, X, X[0], 3, { padding: dilation, dilation })
    walk.shapes.set(`${name}.bias`, [X[0]])
  })
  const [C, h, w] = X
  walk.products += 2 * C * C * h * w // trilinear attention
  walk.tensor([C, C, 1])
  // The mirror image is a second sample: the same weights, and all work once more.
  if (mirrorTest) walk.backbone('classifier', classifier, classifierSize)
  const pooled = walk.backbone('classifier', classifier, classifierSize)
  const head = `classifier.${headName(classifier)}`
  walk.shapes.set(`${head}.weight`, [classes, pooled[0]]).set(`${head}.bias`, [classes])
  const weights = [...walk.shapes.values()].reduce((n, shape) => n + shape.reduce((a, b) => a * b, 1), 0)
  return { shapes: walk.shapes, weights, activations: walk.activations, products: walk.products }
}

class Walk {
  readonly shapes = new Map<string, readonly number[]>()
  activations = 0
  products = 0

  tensor(extent: Extent): Extent {
    this.activations += extent[0] * extent[1] * extent[2]
    return extent
  }

  conv(
    name: string,
    [C, h, w]: Extent,
    K: number,
    size: number,
    { stride = 1, padding = 0, dilation = 1, groups = 1 },
  ): Extent {
    const out = (n: number) => Math.floor((n + 2 * padding - dilation * (size - 1) - 1) / stride) + 1
    this.shapes.set(`${name}.weight`, [K, C / groups, size, size])
    this.products += K * (C / groups) * size * size * out(h) * out(w)
    return this.tensor([K, out(h), out(w)])
  }

  convNorm(conv: string, norm: string, x: Extent, K: number, size: number, stride = 1, groups = 1): Extent {
    for (const name of ['weight', 'bias', 'running_mean', 'running_var']) this.shapes.set(`${norm}.${name}`, [K])
    return this.conv(conv, x, K, size, { stride, padding: (size - 1) / 2, groups })
  }

  backbone(name: string, config: BackboneConfig, size: readonly [number, number]): Extent {
    if (config.block === 'separable') return this.mobileNetV1(name, config, size)
    if (config.block === 'inverted') return this.mobileNetV2(name, config, size)
    return this.resNet(name, config, size)
  }

  /**
   * An image as a MobileNet takes it, and the strides that its output stride leaves. Dilation and kind of padding do
   * not matter: a stride makes ceil(n / stride) of n pixels.
   */
  mobileNet(
    { outputStride }: MobileNetV1Config | MobileNetV2Config,
    [h, w]: readonly [number, number],
    normalise: 'half' | 'imagenet',
  ): { x: Extent; kept: (stride: number) => number } {
    return { x: normalise === 'half' ? this.tensor([3, h, w]) : [3, h, w], kept: strideKeeper(outputStride) }
  }

  mobileNetV1(name: string, config: MobileNetV1Config, size: readonly [number, number]): Extent {
    const { x, kept } = this.mobileNet(config, size, config.normalise ?? V1.normalise)
    let h = this.convNorm(`${name}.conv_stem`, `${name}.bn1`, x, channelsAt(32, config.width), 3, kept(2))
    V1_STAGES.forEach(([full, stride, count], s) => {
      for (let i = 0; i < count; i++) {
        const block = `${name}.blocks.${s}.${i}`
        h = this.convNorm(`${block}.conv_dw`, `${block}.bn1`, h, h[0], 3, kept(i ? 1 : stride), h[0])
        h = this.convNorm(`${block}.conv_pw`, `${block}.bn2`, h, channelsAt(full, config.width), 1)
      }
    })
    return h
  }

  mobileNetV2(name: string, config: MobileNetV2Config, size: readonly [number, number]): Extent {
    const { x, kept } = this.mobileNet(config, size, config.normalise ?? V2.normalise)
    const feature = (n: number) => `${name}.features.${n}`
    let h = this.convNorm(`${feature(0)}.0`, `${feature(0)}.1`, x, channelsAt(32, config.width), 3, kept(2))
    let n = 1
    for (const [full, stride, count, factor] of V2_STAGES)
      for (let i = 0; i < count; i++, n++) {
        const wide = h[0] * factor
        let layer = 0
        const next = () => `${feature(n)}.conv.${layer++}`
        const inner = (K: number, size: number, stride: number, groups: number): Extent => {
          const at = next()
          return this.convNorm(`${at}.0`, `${at}.1`, h, K, size, stride, groups)
        }
        if (factor > 1) h = inner(wide, 1, 1, 1)
        h = inner(wide, 3, kept(i ? 1 : stride), wide)
        h = this.convNorm(next(), next(), h, channelsAt(full, config.width), 1)
      }
    return this.convNorm(`${feature(n)}.0`, `${feature(n)}.1`, h, channelsOf(config), 1)
  }

  resNet(name: string, config: ResNetConfig, [h, w]: readonly [number, number]): Extent {
    const { block, layers, widths, strides, stem, pool } = config
    let x = this.convNorm(`${name}.conv1`, `${name}.bn1`, [3, h, w], config.stemWidth ?? widths[0]!, stem, 2)
    if (pool) x = [x[0], Math.floor((x[1] - 1) / 2) + 1, Math.floor((x[2] - 1) / 2) + 1]
    layers.forEach((count, s) => {
      for (let i = 0; i < count; i++)
        x = this.block(`${name}.layer${s + 1}.${i}`, block, x, widths[s]!, i ? 1 : strides[s]!)
    })
    return x
  }

  /** The sizes of a block's kernels, with the stride on one of them; see BasicBlock and Bottleneck. */
  block(name: string, kind: ResNetConfig['block'], x: Extent, width: number, stride: number): Extent {
    const out = kind === 'basic' ? width : 4 * width
    const [kernels, strided] = kind === 'basic' ? [[3, 3], 0] : [[1, 3, 1], 1]
    const y = kernels.reduce<Extent>((h, size, i) => {
      const K = i === kernels.length - 1 ? out : width
      return this.convNorm(`${name}.conv${i + 1}`, `${name}.bn${i + 1}`, h, K, size, i === strided ? stride : 1)
    }, x)
    if (stride !== 1 || x[0] !== out) this.convNorm(`${name}.downsample.0`, `${name}.downsample.1`, x, out, 1, stride)
    return y
  }
}
