/** Tasn: attention net, trilinear attention, sampler, and one classifier that is part-net and master-net in turn. */
import type { Random } from '../engine/random.ts'
import { detached, noGrad } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { type Backbone, makeBackbone } from '../nn/backbone.ts'
import { Linear } from '../nn/layers.ts'
import { Module } from '../nn/module.ts'
import { concat, slice } from '../ops/batch.ts'
import { softCrossEntropy } from '../ops/loss.ts'
import { sampleGrid } from '../ops/sampler.ts'
import { attentionInput } from './attention_input.ts'
import { AttentionNet } from './attention_net.ts'
import type { TasnConfig } from './config.ts'
import { HEADS, type Head, resultOf, type TasnResult } from './heads.ts'
import { predict, testLogits } from './prediction.ts'
import type { Recogniser } from './recogniser.ts'
import { trilinearAttention } from './trilinear.ts'
import { detailOf, largestOf, structureOf, type View, type Views } from './views.ts'

/** The Trilinear Attention Sampling Network (Zheng, Fu, Zha and Luo, CVPR 2019). */
export class Tasn extends Module implements Recogniser {
  readonly attention: AttentionNet
  /** Part-net and master-net: one network, told apart only by the sample that it sees and by the head behind it. */
  readonly classifier: Backbone
  readonly part: Linear
  readonly master: Linear
  /**
   * The head on both samples, and the one that predicts. On CUB it is 0.95 points better than `master`: means of epochs
   * 216 to 265 in the training log of github.com/wkcn/AttentionSampler.
   */
  readonly shared: Linear
  readonly config: TasnConfig
  /**
   * true: the attention net is taken as it is, without gradients, its batch norms by their running statistics even in
   * training.
   */
  attentionRests = false

  /** @throws if `samplerGradient` is set and the sampler has no gradient. */
  constructor(random: Random, config: TasnConfig) {
    super()
    const { cap = 'rounds', mode } = config.maps.sampler
    check(
      !config.samplerGradient || (cap === 'exact' && mode === 'half-pixel'),
      () => `Tasn: samplerGradient needs maps.sampler with cap exact and mode half-pixel, found ${cap} and ${mode}`,
    )
    this.config = config
    this.attention = new AttentionNet(random, config.attention, config.classes)
    this.classifier = makeBackbone(random, config.classifier)
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

  /** Sets `attentionRests`: gradients stop at the next attend(), and batch norms change with the next train(). */
  rest(attentionRests: boolean): this {
    this.attentionRests = attentionRests
    return this
  }

  get heads(): readonly Head[] {
    const { partNet, weights } = this.config
    const heads = partNet === false ? (['attention', 'master', 'sharedMaster'] as const) : HEADS
    return weights.attention === 0 ? heads.filter(h => h !== 'attention') : heads
  }

  /** The attention net on images (N,3,H,W): features X (N,C,h,w) and logits (N,classes). */
  attend(x: Tensor): { features: Tensor; logits: Tensor } {
    const attend = () => this.attention.forward(attentionInput(x, this.config))
    return this.attentionRests ? noGrad(attend) : attend()
  }

  /** All attention maps M(X) (N,C,hw) of features X (N,C,h,w). */
  attentionMaps(features: Tensor): Tensor {
    return this.#stopGradient(() => trilinearAttention(features, this.config.trilinear))
  }

  /**
   * The structure view and the detail view of features (N,C,h,w). `u` (N) in [0,1) picks the channel of each image's
   * detail map. Without it, or with `maps.detail` set to mean, the structure map serves for both.
   */
  views(features: Tensor, u?: Tensor): Views {
    return this.#stopGradient(() => {
      const maps = this.attentionMaps(features)
      let known: Tensor | undefined
      const largest = () => {
        known ??= largestOf(features)
        return known
      }
      const structure = structureOf(maps, features, this.config, largest)
      // Always a constant: with samplerGradient the classifier's loss moves the structure map only.
      const detail = noGrad(() => detailOf(maps, features, structure, this.config, u, largest))
      return { structure, detail }
    })
  }

  /** The structure view alone, which is enough without part-net. */
  structureView(features: Tensor): View {
    return this.#stopGradient(() => structureOf(this.attentionMaps(features), features, this.config))
  }

  /** The sample (N,3,h,w) of images x (N,3,H,W) at a view's grid, h x w being `classifierSize`. */
  sample(x: Tensor, { grid }: View): Tensor {
    return sampleGrid(x, grid, this.config.maps.sampler.mode)
  }

  /**
   * Images x (N,3,H,W) and their labels (N) through everything: five classifications and the distillation.
   * Both samples pass the classifier as one batch of 2 N, details first, so its batch norms see both kinds.
   */
  forward(x: Tensor, labels: Tensor, u?: Tensor): TasnResult {
    if (this.config.partNet === false) return this.#withoutPartNet(x, labels)
    const { weights, temperature, teacherGradient } = this.config
    const N = x.shape[0]!
    const { features, logits: attention } = this.attend(x)
    const { structure, detail } = this.views(features, u)
    const whole = this.sample(x, structure)
    const details = this.sample(x, detail)

    const pooled = this.classifier.pooled(concat(details, whole))
    const shared = this.shared.forward(pooled)
    const [pooledDetails, pooledWhole] = halves(pooled, N)
    const [sharedPart, sharedWhole] = halves(shared, N)
    const master = this.master.forward(pooledWhole)
    const part = this.part.forward(pooledDetails)
    const sharedMaster = this.#mirrored(sharedWhole, whole)

    // Part-net sees details that master-net cannot at its resolution. Its softened answers tell master-net which
    // classes are easily confused, so that at test time master-net is enough.
    const soft = softCrossEntropy(master, teacherGradient ? part : detached(part), temperature)
    const logits = { ...this.#asked(attention), part, master, sharedPart, sharedMaster }
    return resultOf(weights, labels, logits, structure.grid.fallback, soft)
  }

  /** forward() with the structure sample alone. */
  #withoutPartNet(x: Tensor, labels: Tensor): TasnResult {
    const { features, logits: attention } = this.attend(x)
    const structure = this.structureView(features)
    const whole = this.sample(x, structure)
    const pooled = this.classifier.pooled(whole)
    const sharedMaster = this.#mirrored(this.shared.forward(pooled), whole)
    const logits = { ...this.#asked(attention), master: this.master.forward(pooled), sharedMaster }
    return resultOf(this.config.weights, labels, logits, structure.grid.fallback)
  }

  /** The attention net's logits, unless its term has weight 0: then nothing is asked of its head. */
  #asked(attention: Tensor): { attention?: Tensor } {
    return this.config.weights.attention === 0 ? {} : { attention }
  }

  /** Logits (N,classes) of the shared head on the structure samples of images x (N,3,H,W), without a gradient. */
  predict(x: Tensor): Tensor {
    return predict(x, this.attention, sample => this.#classify(sample), this.config)
  }

  #classify(sample: Tensor): Tensor {
    return this.shared.forward(this.classifier.pooled(sample))
  }

  /** The shared head's logits of a sample: in testing, with `mirrorTest`, their mean with the mirror image's. */
  #mirrored(logits: Tensor, sample: Tensor): Tensor {
    if (this.training) return logits
    return testLogits(this.config, sample, s => (s === sample ? logits : this.#classify(s)))
  }

  /** Runs f without a gradient, as published, unless the sampler has one: the maps are constants for the classifier. */
  #stopGradient<T>(f: () => T): T {
    return this.config.samplerGradient ? f() : noGrad(f)
  }
}

/** y (2 N,...) cut into its halves, each (N,...). */
const halves = (y: Tensor, N: number): [Tensor, Tensor] => [slice(y, 0, N), slice(y, N, 2 * N)]
