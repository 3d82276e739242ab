/** The networks that TASN's attention net and classifier may be made of, told apart by their kind of block. */
import type { Random } from '../engine/random.ts'
import { MobileNetV1, type MobileNetV1Config, MobileNetV2, type MobileNetV2Config, v2Channels } from './mobilenet.ts'
import { channelsAt } from './mobilenet_parts.ts'
import { ResNet, type ResNetConfig } from './resnet.ts'

export type BackboneConfig = ResNetConfig | MobileNetV1Config | MobileNetV2Config

/** Each has `config`, `channels`, features(x), pooled(x) and forward(x). */
export type Backbone = ResNet | MobileNetV1 | MobileNetV2

/**
 * @param classes outputs of the head; 0 leaves it out, for networks that use the features.
 * @throws where the configuration makes no network.
 */
export function makeBackbone(random: Random, config: BackboneConfig, classes = 0): Backbone {
  switch (config.block) {
    case 'basic':
    case 'bottleneck':
      return new ResNet(random, config, classes)
    case 'separable':
      return new MobileNetV1(random, config, classes)
    case 'inverted':
      return new MobileNetV2(random, config, classes)
    default: {
      const { block } = config as { block: unknown }
      throw new Error(`backbone: block must be basic, bottleneck, separable or inverted; found ${block}`)
    }
  }
}

/** Channels of the features of the network that a configuration describes. */
export function channelsOf(config: BackboneConfig): number {
  if (config.block === 'separable') return channelsAt(1024, config.width)
  if (config.block === 'inverted') return v2Channels(config.width)
  return config.widths.at(-1)! * (config.block === 'bottleneck' ? 4 : 1)
}

/** The name that a network's head has among its tensors: torchvision's, and timm's for MobileNet V1. */
export const headName = ({ block }: BackboneConfig): 'fc' | 'classifier' | 'classifier.1' =>
  block === 'separable' ? 'classifier' : block === 'inverted' ? 'classifier.1' : 'fc'
