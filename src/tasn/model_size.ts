/** The tensors of TasnInference and the size of its work on an image, from its configuration alone, with no memory. */
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

/** Walks through the network as AttentionNet and ResNet build it. */
export function modelSize(config: TasnConfig): ModelSize {
  const { attention, classifier, classes, imageSize, attentionSize, classifierSize, maps, mirrorTest } = config
  const walk = new Walk()
  for (const size of [imageSize, attentionSize, classifierSize, maps.mapSize ?? imageSize]) walk.tensor([3, ...size])
  let X = walk.resNet('attention.backbone', attention.backbone, attentionSize)
  attention.dilations.forEach((rates, i) => {
    const name = `attention.dilated.${i}.conv`
    for (const dilation of rates) X = walk.conv(name, X, X[0], 3, { padding: dilation, dilation })
    walk.shapes.set(`${name}.bias`, [X[0]])
  })
  const [C, h, w] = X
  walk.products += 2 * C * C * h * w // trilinear attention
  walk.tensor([C, C, 1])
  // The mirror image is a second sample: the same weights, and all work once more.
  if (mirrorTest) walk.resNet('classifier', classifier, classifierSize)
  const pooled = walk.resNet('classifier', classifier, classifierSize)
  walk.shapes.set('classifier.fc.weight', [classes, pooled[0]]).set('classifier.fc.bias', [classes])
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

  conv(name: string, [C, h, w]: Extent, K: number, size: number, { stride = 1, padding = 0, dilation = 1 }): Extent {
    const out = (n: number) => Math.floor((n + 2 * padding - dilation * (size - 1) - 1) / stride) + 1
    this.shapes.set(`${name}.weight`, [K, C, size, size])
    this.products += K * C * size * size * out(h) * out(w)
    return this.tensor([K, out(h), out(w)])
  }

  convNorm(conv: string, norm: string, x: Extent, K: number, size: number, stride = 1): Extent {
    for (const name of ['weight', 'bias', 'running_mean', 'running_var']) this.shapes.set(`${norm}.${name}`, [K])
    return this.conv(conv, x, K, size, { stride, padding: (size - 1) / 2 })
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
