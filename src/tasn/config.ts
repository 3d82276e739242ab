/** TasnConfig: everything in which the published versions of TASN differ, or that an experiment may vary. */
import type { BackboneConfig } from '../nn/backbone.ts'
import type { AttentionNetConfig } from './attention_net.ts'
import type { LossTerm } from './heads.ts'
import type { TrilinearConfig } from './trilinear.ts'
import type { MapConfig } from './views.ts'

/**
 * A model in full. Sizes are [height, width] in pixels.
 *
 * Two published codes are meant throughout, both in github.com/researchmm/tasn: the complete one in MXNet, which
 * reached 87.0 % on CUB-200-2011, and an unfinished one in PyTorch, which has no distillation.
 */
export interface TasnConfig {
  classes: number
  /** Size of the images that are sampled from; published: 512 x 512. */
  imageSize: readonly [number, number]
  /** Size at which the attention net sees the image; published: 224 x 224. */
  attentionSize: readonly [number, number]
  /**
   * The shrinking of the image to `attentionSize`. `bilinear`, as published, reads four pixels for each of the result,
   * so fine patterns alias. `area` averages all the pixels that one of the result covers.
   */
  attentionResize: 'bilinear' | 'area'
  /** Size of the samples, which the classifier sees; published: 224 x 224 (87.0 % on CUB) or 336 x 336 (88.0 %). */
  classifierSize: readonly [number, number]
  attention: AttentionNetConfig
  /** Part-net and master-net; published: ResNet-50. */
  classifier: BackboneConfig
  trilinear: TrilinearConfig
  maps: MapConfig
  /**
   * Temperature T of the distillation: teacher and student are softmax(logits / T). Published: 10, at which every
   * answer is nearly uniform and the term nearly constant until the logits have grown.
   */
  temperature: number
  /**
   * Weights of the loss terms. Published (MXNet): 1 for `attention` and `soft`, 0.5 for the other four; PyTorch has 0.2
   * for `attention`. The attention net shares no weight with the rest, so unless `samplerGradient` is set its weight is
   * only a factor on its learning rate, and AdamW, which divides by the gradient's size, hardly notices it. 0 for
   * `attention` leaves its head out of the answers, too: for a net that rests from the first step.
   */
  weights: Record<LossTerm, number>
  /**
   * false: training has no part-net either, and the classifier sees the structure sample alone. Default true. (The
   * README of the published code gives its PyTorch code 85.5 % without part-net and 86.2 % with it.)
   */
  partNet?: boolean
  /**
   * Source of what the classifier sees. `attention`, the default, is TASN. The others are for comparison and have no
   * attention net (Plain): `shrunk` is the whole image reduced evenly, and `box` is a sample by the bird's true box,
   * which is a reference for what attention could know.
   */
  look?: 'attention' | 'box' | 'shrunk'
  /**
   * Beyond the paper: the classifier's loss moves the attention net, too, through the positions of the structure
   * sample. Needs `maps.sampler` with cap exact and mode half-pixel. Default false: as published, no gradient passes
   * the sampler.
   */
  samplerGradient?: boolean
  /**
   * Beyond the paper: at test time the shared head's logits are the mean over the structure sample and its mirror
   * image. Default false.
   */
  mirrorTest?: boolean
  /**
   * true: the distillation moves the teacher as well, as in the published code. false: the teacher is a constant, which
   * is how the paper's words for teacher and student are usually read.
   */
  teacherGradient: boolean
}

/** true: what the classifier sees is chosen by an attention net, which the model then has. */
export const hasAttention = ({ look = 'attention' }: Pick<TasnConfig, 'look'>): boolean => look === 'attention'

/** Values of the fields that do not depend on size. Each field's comment says what was published. */
export const TASN_DEFAULTS = {
  attentionResize: 'bilinear',
  trilinear: { innerScale: 2, innerSoftmax: true, outerSoftmax: true },
  maps: {
    structureChannels: 'live',
    gamma: 2,
    detailGamma: 1,
    detail: 'random',
    mapSize: undefined,
    sampler: { mode: 'half-pixel', dense: 4, iterations: 5, coupled: true },
  },
  temperature: 10,
  weights: { attention: 1, part: 0.5, master: 0.5, sharedPart: 0.5, sharedMaster: 0.5, soft: 1 },
  teacherGradient: false,
} as const satisfies Partial<TasnConfig>
