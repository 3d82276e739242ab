/** explain(): recognition that keeps all that is between a photo and its name, and reads it in one round trip. */
import { scope } from '../engine/eager.ts'
import { noGrad } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { constant, read, release } from '../engine/transfer.ts'
import { gather, gathered, slice } from '../ops/batch.ts'
import { reshape } from '../ops/elementwise.ts'
import type { Window } from '../ops/pixels.ts'
import { type SamplerOptions, sampleGrid } from '../ops/sampler.ts'
import { softmax } from '../ops/softmax.ts'
import { attentionInput } from './attention_input.ts'
import type { TasnConfig } from './config.ts'
import { type Explanation, explainedView, guesses, liveChannels } from './explanation.ts'
import type { TasnInference } from './inference.ts'
import { photoOf, resized } from './photo.ts'
import { testLogits } from './prediction.ts'
import { trilinearAttention } from './trilinear.ts'
import { detailMap, gridOfMap, structureMap } from './views.ts'

/** Fields of TasnConfig with other values for one explanation, and the channel of the detail view. */
export interface ExplainOptions extends Pick<SamplerOptions, 'dense' | 'cap'> {
  /** Exponents of the structure map and of the detail map. */
  readonly gamma?: number
  readonly detailGamma?: number
  /** Size of the samples: [height, width]. */
  readonly classifierSize?: readonly [number, number]
  /** The channel whose map makes the detail view; the first live one if not given. */
  readonly channel?: number
}

type Seen = Pick<Explanation, 'image' | 'features' | 'attention' | 'live'>

/** A photo that the attention net has seen: image, features and maps stay on the GPU until destroy(). */
export class AttendedPhoto {
  readonly #model: TasnInference
  readonly #classes: readonly string[]
  readonly #window: Window
  /** Image (1,3,H,W), features X (1,C,h,w), attention maps (1,C,hw). */
  readonly #kept: readonly [x: Tensor, features: Tensor, maps: Tensor]
  /** Their numbers, read once. */
  #host: Seen | undefined

  constructor(model: TasnInference, classes: readonly string[], image: () => Tensor, window: Window) {
    this.#model = model
    this.#classes = classes
    this.#window = window
    const { config } = model
    this.#kept = scope(() =>
      noGrad(() => {
        const x = image()
        const features = model.attention.features(attentionInput(x, config))
        return [x, features, trilinearAttention(features, config.trilinear)] as const
      }),
    )
  }

  /**
   * Runs the rest of the model, and reads all that there is to see in one round trip.
   *
   * @throws if an option makes no sense, or a number is not finite.
   */
  async explain(options: ExplainOptions = {}): Promise<Explanation> {
    const [x, features, maps] = this.#kept
    const [, C, h, w] = features.shape as [number, number, number, number]
    const config = changed(this.#model.config, options, C)
    const { gamma, detailGamma, structureChannels } = config.maps
    const first = this.#host ? [] : this.#kept
    let sizes: number[] = []
    const [row] = scope(() =>
      noGrad(() => {
        const structure = view(x, structureMap(maps, features, structureChannels), gamma, config)
        const detail = view(x, channelMap(maps, features, options.channel), detailGamma, config)
        const logits = testLogits(config, structure[SAMPLE], sample => this.#model.classifier.forward(sample))
        const shrunk = resized(x, config.classifierSize)
        const parts = [...first, ...structure, ...detail, shrunk, logits, softmax(logits)]
        sizes = parts.map(t => t.size)
        return [gather(parts)] as const
      }),
    )
    const numbers = gathered(await read(row).finally(() => release(row)), sizes) as Numbers[]
    const next = (count: number): Float32Array<ArrayBuffer>[] => numbers.splice(0, count)
    const own = next(first.length) // taken by each of several calls at once, whichever comes first
    this.#host ??= this.#unpack(own)
    const { image, features: X, attention, live } = this.#host
    const size = config.classifierSize
    const structure = explainedView(next(PARTS), [h, w], size)
    const detail = { ...explainedView(next(PARTS), [h, w], size), channel: options.channel ?? live[0] ?? 0 }
    const [shrunk, logits, probabilities] = next(3) as [Float32Array, Float32Array, Float32Array]
    return {
      guesses: guesses('explain', this.#classes, probabilities),
      logits,
      window: this.#window,
      image,
      features: X,
      attention,
      live,
      structure,
      detail,
      shrunk: photoOf(shrunk, size),
    }
  }

  #unpack([x, features, maps]: Float32Array<ArrayBuffer>[]): Seen {
    const shape = this.#kept[1].shape.slice(1)
    return {
      image: photoOf(x!, this.#model.config.imageSize),
      features: { shape, data: features! },
      attention: { shape, data: maps! },
      live: liveChannels(features!, shape[0]!),
    }
  }

  /** Gives the memory back. */
  destroy(): void {
    for (const t of this.#kept) release(t)
  }
}

/** The configuration with the options in it. @throws naming an option that makes no sense. */
function changed(config: TasnConfig, options: ExplainOptions, channels: number): TasnConfig {
  const { gamma = config.maps.gamma, detailGamma = config.maps.detailGamma, channel = 0 } = options
  const { dense = config.maps.sampler.dense, cap = config.maps.sampler.cap } = options
  const { classifierSize = config.classifierSize } = options
  for (const [name, value] of Object.entries({ gamma, detailGamma }))
    check(value > 0 && value < Infinity, () => `explain: ${name} is an exponent above 0, found ${value}`)
  check(dense >= 1 && dense < Infinity, () => `explain: dense is a magnification of at least 1, found ${dense}`)
  check(
    classifierSize.length === 2 && classifierSize.every(n => Number.isInteger(n) && n >= 1 && n <= 4096),
    () => `explain: classifierSize is [height, width] in whole pixels from 1 to 4096, found [${classifierSize}]`,
  )
  check(
    Number.isInteger(channel) && channel >= 0 && channel < channels,
    () => `explain: channel is a whole number from 0 to ${channels - 1}, found ${channel}`,
  )
  const sampler = { ...config.maps.sampler, dense, ...(cap && { cap }) }
  return { ...config, classifierSize, maps: { ...config.maps, gamma, detailGamma, sampler } }
}

/** The map (1,h,w) of one channel, or of the first live one. */
function channelMap(maps: Tensor, features: Tensor, channel: number | undefined): Tensor {
  if (channel === undefined) return detailMap(maps, features, constant([1], 0))
  const [, C, h, w] = features.shape as [number, number, number, number]
  return reshape(slice(reshape(maps, [C, h * w]), channel, channel + 1), [1, h, w])
}

type Numbers = Float32Array<ArrayBuffer>

/** The tensors of a view: map, of rows and of columns marginal, density and positions, sample. */
type ViewTensors = readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
const PARTS = 8
const SAMPLE = 7

/** A view: gridOfMap() and sampleGrid(), with all that is between. */
function view(x: Tensor, map: Tensor, gamma: number, { imageSize, classifierSize, maps }: TasnConfig): ViewTensors {
  const grid = gridOfMap(map, imageSize, classifierSize, gamma, maps)
  const { rows, columns, marginals: m, densities: d } = grid
  return [map, m.rows, d.dy, rows, m.columns, d.dx, columns, sampleGrid(x, grid, maps.sampler.mode)]
}
