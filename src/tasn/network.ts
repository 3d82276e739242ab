/**
 * TASN: attention net, trilinear attention, sampler, and one classifier that sees both samples as part-net and
 * master-net.
 */
import { constant } from '../engine/execute.ts'
import type { Random } from '../engine/random.ts'
import { detached, noGrad } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { Linear } from '../nn/layers.ts'
import { Module } from '../nn/module.ts'
import { ResNet, type ResNetConfig } from '../nn/resnet.ts'
import { concat, slice } from '../ops/batch.ts'
import { add, scale } from '../ops/elementwise.ts'
import { mirror } from '../ops/image.ts'
import { correct, crossEntropy, softCrossEntropy } from '../ops/loss.ts'
import { resizeArea, resizeBilinear } from '../ops/resize.ts'
import { sampleGrid } from '../ops/sampler.ts'
import { AttentionNet, type AttentionNetConfig } from './attention_net.ts'
import { type TrilinearConfig, trilinearAttention } from './trilinear.ts'
import { detailMap, gridOfMap, type MapConfig, structureMap, type View, type Views } from './views.ts'

/** Everything that the published versions of TASN disagree about, or that an experiment may want to vary. */
export interface TasnConfig {
  classes: number
  /** Height and width of the images that are sampled from; 512 in the paper's code. */
  imageSize: readonly [number, number]
  /** Size at which the attention net sees the image; 224. */
  attentionSize: readonly [number, number]
  /** How the image is shrunk for it: `bilinear` as published (alias-prone), or `area`, which loses no pixel. */
  attentionResize: 'bilinear' | 'area'
  /** Size of the samples, which the classifier sees; 224 (87.0 % on CUB) or 336 (88.0 %). */
  classifierSize: readonly [number, number]
  attention: AttentionNetConfig
  classifier: ResNetConfig
  trilinear: TrilinearConfig
  maps: MapConfig
  /** Of the soft targets; 10 in the published code: so soft that the term only bites once the logits have grown. */
  temperature: number
  /** Weights of the loss terms. The attention net shares no weight with the rest, so unless `samplerGradient`
   * is set its own is a factor of the learning rate (AdamW hardly notices it). Published: 1 for the attention net (0.2
   * in the PyTorch code), 0.5 for the others, 1 soft. */
  weights: { attention: number; part: number; master: number; sharedPart: number; sharedMaster: number; soft: number }
  /**
   * false: no part-net in training, the classifier sees the structure sample alone (the paper's table 4,
   * "structure-preserved").
   */
  partNet?: boolean
  /**
   * Where samples come from. `attention`, unless given: TASN. For comparison, without an attention net (Plain):
   * `shrunk`, the whole image reduced evenly, and `box`, the sampler driven by the bird's true box: a reference for
   * what attention could know.
   */
  look?: 'attention' | 'box' | 'shrunk'
  /**
   * Beyond the paper: the classifier's loss moves the attention net, too, through the structure sample's positions.
   * Needs a sampler whose cap is exact, in mode half-pixel.
   */
  samplerGradient?: boolean
  /**
   * Beyond the paper: at test time the shared head's logits are the mean over the structure sample and its mirror
   * image.
   */
  mirrorTest?: boolean
  /**
   * Whether the soft-target loss also moves the teacher (the published code) or treats it as a constant (the paper's
   * wording).
   */
  teacherGradient: boolean
}

/** The parts of TASN that do not depend on size, as recommended: see each field's comment for what was published. */
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

/**
 * The five classifiers. `sharedMaster`, the shared head on the structure sample, is the one that predicts; the
 * distillation trains `master`, and reaches `sharedMaster` only through the ResNet below both.
 */
export const HEADS = ['attention', 'part', 'master', 'sharedPart', 'sharedMaster'] as const
export type Head = (typeof HEADS)[number]
export const LOSS_TERMS = [...HEADS, 'soft'] as const
export type LossTerm = (typeof LOSS_TERMS)[number]

export interface TasnResult {
  /** The weighted sum, as one number. */
  readonly loss: Tensor
  /** Each term unweighted, as one number. */
  readonly terms: Readonly<Record<LossTerm, Tensor>>
  /** For each head, (N) ones and zeros. */
  readonly correct: Readonly<Record<Head, Tensor>>
  /**
   * (N) 1 where the structure map held nothing above zero, or nothing finite, and the sample is a plain resize; else 0.
   */
  readonly emptyMaps: Tensor
}

/** What a training trains: Tasn, or a plain classifier to compare it with. */
export interface Recogniser extends Module {
  readonly config: TasnConfig
  readonly classifier: ResNet
  readonly shared: Linear
  /** The heads that it has; what a result says of others is zero. */
  readonly heads: readonly Head[]
  /** @param map (N,h,w) where to look, for recognisers that are told. */
  forward(x: Tensor, labels: Tensor, u?: Tensor, map?: Tensor): TasnResult
  /** Logits (N,classes) of the head that predicts, without a gradient. */
  predict(x: Tensor, map?: Tensor): Tensor
}

export class Tasn extends Module implements Recogniser {
  readonly attention: AttentionNet
  /** part-net and master-net: one ResNet, told apart only by what it is shown and by the head behind it. */
  readonly classifier: ResNet
  readonly part: Linear
  readonly master: Linear
  /** Applied to both halves; predicts 0.95 points better than `master` in the published log. */
  readonly shared: Linear
  readonly config: TasnConfig
  /**
   * Whether the attention net is taken as it is: without gradients, and its batch norms by their running statistics, in
   * training too.
   */
  attentionRests = false

  constructor(random: Random, config: TasnConfig) {
    super()
    const { cap = 'rounds', mode } = config.maps.sampler
    check(
      !config.samplerGradient || (cap === 'exact' && mode === 'half-pixel'),
      () => `Tasn: samplerGradient needs maps.sampler with cap exact and mode half-pixel, found ${cap} and ${mode}`,
    )
    this.config = config
    this.attention = new AttentionNet(random, config.attention, config.classes)
    this.classifier = new ResNet(random, config.classifier)
    const C = this.classifier.channels
    this.part = new Linear(random, C, config.classes)
    this.master = new Linear(random, C, config.classes)
    this.shared = new Linear(random, C, config.classes)
  }

  override train(training = true): this {
    super.train(training)
    if (this.attentionRests) this.attention.train(false)
    return this
  }

  /** Sets `attentionRests`; before train(). */
  rest(attentionRests: boolean): this {
    this.attentionRests = attentionRests
    return this
  }

  get heads(): readonly Head[] {
    return this.config.partNet === false ? ['attention', 'master', 'sharedMaster'] : HEADS
  }

  /** The attention net on images (N,3,H,W): features and logits. */
  attend(x: Tensor): { features: Tensor; logits: Tensor } {
    const attend = () => this.attention.forward(attentionInput(x, this.config))
    return this.attentionRests ? noGrad(attend) : attend()
  }

  /**
   * All attention maps (N,C,hw) of features (N,C,h,w). A constant for the gradient, as published, unless
   * `samplerGradient` is set.
   */
  attentionMaps(features: Tensor): Tensor {
    return this.#constant(() => trilinearAttention(features, this.config.trilinear))
  }

  /**
   * The structure view and the detail view. `u` (N) in [0,1) picks the channel of each image's detail map; without it,
   * or with `maps.detail` set to mean, the detail view goes by the structure view's map.
   */
  views(features: Tensor, u?: Tensor): Views {
    const { imageSize, classifierSize, maps: config } = this.config
    return this.#constant(() => {
      const maps = this.attentionMaps(features)
      const structure = structureView(maps, features, this.config)
      // A constant always: with samplerGradient the classifier's loss moves the map of the structure view only.
      const map = noGrad(() => detached(u && config.detail === 'random' ? detailMap(maps, features, u) : structure.map))
      return {
        structure,
        detail: { map, grid: noGrad(() => gridOfMap(map, imageSize, classifierSize, config.detailGamma, config)) },
      }
    })
  }

  /** The structure view alone, which is all that is needed without a part-net. */
  structureView(features: Tensor): View {
    return this.#constant(() => structureView(this.attentionMaps(features), features, this.config))
  }

  #constant<T>(f: () => T): T {
    return this.config.samplerGradient ? f() : noGrad(f)
  }

  /** The sample of x at a view's grid. */
  sample(x: Tensor, { grid }: View): Tensor {
    return sampleGrid(x, grid, this.config.maps.sampler.mode)
  }

  /**
   * One image batch (N,3,H,W) and its labels (N) through everything: five classifications and the distillation.
   * Both samples go through the classifier as one batch of 2 N, the detail samples first, so its batch norms see both
   * kinds.
   */
  forward(x: Tensor, labels: Tensor, u?: Tensor): TasnResult {
    const { partNet, temperature, teacherGradient } = this.config
    const N = x.shape[0]!
    const { features, logits: attention } = this.attend(x)
    if (partNet === false) {
      const structure = this.structureView(features)
      const whole = this.sample(x, structure)
      const pooled = this.classifier.pooled(whole)
      const sharedMaster = this.#shared(this.shared.forward(pooled), whole)
      return resultOf(
        this.config,
        labels,
        { attention, master: this.master.forward(pooled), sharedMaster },
        structure.grid.fallback,
      )
    }
    const { structure, detail } = this.views(features, u)
    const whole = this.sample(x, structure)
    const details = this.sample(x, detail)
    const pooled = this.classifier.pooled(concat(details, whole))
    const shared = this.shared.forward(pooled)
    const [pooledDetails, pooledWhole] = halves(pooled, N)
    const [sharedPart, sharedWhole] = halves(shared, N)
    const master = this.master.forward(pooledWhole)
    const part = this.part.forward(pooledDetails)
    const logits: Record<Head, Tensor> = {
      attention,
      part,
      master,
      sharedPart,
      sharedMaster: this.#shared(sharedWhole, whole),
    }

    // The part-net knows details that the master-net cannot see at its resolution: its softened answers teach the
    // master-net which classes are easily taken for each other, and so at test time the master-net is enough.
    const teacher = teacherGradient ? part : detached(part)
    return resultOf(
      this.config,
      labels,
      logits,
      structure.grid.fallback,
      softCrossEntropy(master, teacher, temperature),
    )
  }

  /** The predicting head's logits: in testing, with config.mirrorTest, their mean with those of the mirrored sample. */
  #shared(logits: Tensor, sample: Tensor): Tensor {
    return this.training
      ? logits
      : testLogits(this.config, sample, s => (s === sample ? logits : this.shared.forward(this.classifier.pooled(s))))
  }

  /** Logits (N,classes) of the shared head on the structure sample. The part-net does not run. */
  predict(x: Tensor): Tensor {
    return noGrad(() =>
      testLogits(this.config, structureSample(this.attention, x, this.config), sample =>
        this.shared.forward(this.classifier.pooled(sample)),
      ),
    )
  }
}

/** What predicts at test time: `logits` of the structure sample, or their mean with those of its mirror image. */
export const testLogits = ({ mirrorTest }: TasnConfig, sample: Tensor, logits: (sample: Tensor) => Tensor): Tensor =>
  mirrorTest ? scale(add(logits(sample), logits(mirror(sample))), 0.5) : logits(sample)

/** y (2 N,...) cut into its halves (N,...). */
const halves = (y: Tensor, N: number): [Tensor, Tensor] => [slice(y, 0, N), slice(y, N, 2 * N)]

/** Images (N,3,H,W) at the size at which the attention net sees them. */
function attentionInput(x: Tensor, { imageSize: [H, W], attentionSize, attentionResize, maps }: TasnConfig): Tensor {
  check(
    x.shape.length === 4 && x.shape[1] === 3 && x.shape[2] === H && x.shape[3] === W,
    () => `Tasn: images must be [N,3,${H},${W}], found [${x.shape}]`,
  )
  return noGrad(() =>
    attentionResize === 'area'
      ? resizeArea(x, attentionSize)
      : resizeBilinear(x, attentionSize, { alignCorners: maps.sampler.mode === 'torch' }),
  )
}

/** The structure view of attention maps (N,C,hw) of features (N,C,h,w). */
function structureView(attentionMaps: Tensor, features: Tensor, { imageSize, classifierSize, maps }: TasnConfig): View {
  const map = structureMap(attentionMaps, features, maps.structureChannels)
  return { map, grid: gridOfMap(map, imageSize, classifierSize, maps.gamma, maps) }
}

/**
 * From images (N,3,H,W) to the only sample that is needed at test time, through the attention net without its
 * classifier.
 */
export function structureSample(attention: AttentionNet, x: Tensor, config: TasnConfig): Tensor {
  return noGrad(() => {
    const features = attention.features(attentionInput(x, config))
    return sampleGrid(
      x,
      structureView(trilinearAttention(features, config.trilinear), features, config).grid,
      config.maps.sampler.mode,
    )
  })
}

/**
 * Loss, terms and right answers from the logits of the heads that there are. `soft`: the distillation, where there is
 * one.
 */
export function resultOf(
  { weights }: TasnConfig,
  labels: Tensor,
  logits: Partial<Record<Head, Tensor>>,
  emptyMaps: Tensor,
  soft?: Tensor,
): TasnResult {
  const N = labels.size
  const nothing = () => constant([1], 0)
  const terms = {
    ...each(head => (logits[head] ? crossEntropy(logits[head], labels) : nothing())),
    soft: soft ?? nothing(),
  }
  const loss = LOSS_TERMS.filter(t => weights[t] !== 0 && (t === 'soft' ? soft : logits[t]))
    .map(t => scale(terms[t], weights[t]))
    .reduce(add)
  return {
    loss,
    terms,
    correct: each(head => (logits[head] ? correct(logits[head], labels) : constant([N], 0))),
    emptyMaps,
  }
}

const each = <T>(f: (head: Head) => T): Record<Head, T> =>
  Object.fromEntries(HEADS.map(h => [h, f(h)])) as Record<Head, T>
