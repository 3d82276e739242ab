/** Presets: a size of TASN with the training that suits it. */
import type { MobileNetV1Config } from '../nn/mobilenet.ts'
import { RESNET18, RESNET50 } from '../nn/resnet.ts'
import { TASN_DEFAULTS, type TasnConfig } from '../tasn/config.ts'
import type { TrainingConfig } from './training_config.ts'

/** A model and its training; the data say how many classes there are. */
export interface Preset {
  /** true: it is made for weights trained on ImageNet. */
  readonly pretrained?: true
  readonly model: Omit<TasnConfig, 'classes'>
  readonly training: TrainingConfig
}

const MOBILENET: MobileNetV1Config = { block: 'separable', width: 0.25 }

const square = (side: number): [number, number] => [side, side]

export type PresetName = 'tiny' | 'mobile' | 'small' | 'paper'

/** All presets, from small to large. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  /** For software adapters: TASN on the built-in birds in minutes on two CPU cores. */
  tiny: {
    model: {
      ...TASN_DEFAULTS,
      maps: { ...TASN_DEFAULTS.maps, gamma: 1, mapSize: square(64) },
      imageSize: square(192),
      attentionSize: square(64),
      attentionResize: 'area',
      classifierSize: square(32),
      attention: {
        backbone: { block: 'basic', layers: [1], widths: [24], strides: [2], stem: 3, stemWidth: 16, pool: false },
        dilations: [
          [1, 2],
          [1, 2, 3],
        ],
      },
      classifier: { block: 'basic', layers: [1, 1, 1], widths: [16, 32, 64], strides: [1, 2, 2], stem: 3, pool: false },
    },
    training: {
      epochs: 22,
      attentionEpochs: 10,
      attentionAfter: 'rests',
      batch: 24,
      accumulate: 1,
      optimizer: 'adamw',
      lr: 0.008,
      attentionLr: 0.01,
      momentum: 0.9,
      weightDecay: 0,
      warmUp: 0.07,
      augmentation: { mirror: 0.5, rotate: 0, shift: 0.08, zoom: 0, jitter: 0.15 },
    },
  },
  /**
   * For photographs on any machine, from weights trained on ImageNet: a MobileNet finds, as it was loaded, and another
   * recognises. Only its last block attends to the bird, so that one's stride is left out and gamma is high.
   */
  mobile: {
    pretrained: true,
    model: {
      ...TASN_DEFAULTS,
      trilinear: { ...TASN_DEFAULTS.trilinear, innerScale: 1 },
      maps: { ...TASN_DEFAULTS.maps, gamma: 4, mapSize: square(64) },
      imageSize: square(256),
      attentionSize: square(224),
      attentionResize: 'area',
      classifierSize: square(96),
      attention: { backbone: { ...MOBILENET, outputStride: 16 }, dilations: [] },
      classifier: MOBILENET,
    },
    training: {
      epochs: 15,
      attentionEpochs: 0,
      attentionAfter: 'rests',
      batch: 32,
      accumulate: 1,
      optimizer: 'sgd',
      headRate: 0.5,
      lr: 0.02,
      attentionLr: 0.01,
      momentum: 0.9,
      weightDecay: 1e-4,
      warmUp: 0.1,
      augmentation: { mirror: 0.5, rotate: 0, shift: 0, zoom: 0, jitter: 0.3 },
    },
  },
  /** For laptops with a GPU: real birds at moderate size. */
  small: {
    model: {
      ...TASN_DEFAULTS,
      imageSize: square(256),
      attentionSize: square(128),
      attentionResize: 'area',
      classifierSize: square(112),
      attention: {
        backbone: { ...RESNET18, strides: [1, 1, 2, 1], layers: [1, 1, 1, 1], widths: [32, 64, 128, 256] },
        dilations: [
          [1, 2],
          [1, 2, 3],
        ],
      },
      classifier: RESNET18,
    },
    training: {
      epochs: 60,
      attentionEpochs: 5,
      attentionAfter: 'joint',
      batch: 16,
      accumulate: 2,
      optimizer: 'sgd',
      lr: 0.02,
      attentionLr: 0.02,
      momentum: 0.9,
      weightDecay: 1e-4,
      warmUp: 0.05,
      augmentation: { mirror: 0.5, rotate: 30, shift: 0.05, zoom: 0.1, jitter: 0.4 },
    },
  },
  /**
   * The paper's, from weights trained on ImageNet: ResNet-18 with two down-samplings removed finds, ResNet-50
   * recognises, 512 -> 224.
   */
  paper: {
    pretrained: true,
    model: {
      ...TASN_DEFAULTS,
      imageSize: square(512),
      attentionSize: square(224),
      classifierSize: square(224),
      attention: {
        backbone: { ...RESNET18, strides: [1, 1, 2, 1] },
        dilations: [
          [1, 2],
          [1, 2, 3],
        ],
      },
      classifier: RESNET50,
    },
    training: {
      epochs: 90,
      attentionEpochs: 0,
      attentionAfter: 'joint',
      batch: 8,
      accumulate: 12,
      optimizer: 'sgd',
      lr: 0.005,
      attentionLr: 0.005,
      momentum: 0.9,
      weightDecay: 1e-4,
      warmUp: 0.02,
      augmentation: { mirror: 0.5, rotate: 30, shift: 0, zoom: 0, jitter: 0.4 },
    },
  },
}
