/** Recognition with a trained model: one file in, names and probabilities out. Nothing of training is behind it. */

import { scope } from '../engine/eager.ts'
import { Zeros } from '../engine/random.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { persistent, read, release } from '../engine/transfer.ts'
import type { SafetensorsFile } from '../io/safetensors.ts'
import { augment, NO_CHANGE } from '../ops/image.ts'
import { resizeArea, resizeBilinear } from '../ops/resize.ts'
import { softmax } from '../ops/softmax.ts'
import { TasnInference } from './inference.ts'
import type { TasnConfig } from './network.ts'

/** Bytes of a picture, row by row, three (RGB) or four (RGBA, alpha ignored) a pixel: a browser's ImageData is one. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
}

export interface Guess {
  readonly name: string
  readonly probability: number
}

/** What a model file says of itself in its metadata, as JSON under the key `tasn`. */
export interface ModelCard {
  readonly config: TasnConfig
  readonly classes: readonly string[]
}

/** The metadata of a model file. `format: pt` is what PyTorch's loaders ask for. */
export const modelMetadata = (card: ModelCard): Record<string, string> => ({ format: 'pt', tasn: JSON.stringify(card) })

export class Classifier {
  readonly classes: readonly string[]
  /** Short side at which the model looks at pictures, in pixels. */
  readonly size: number
  readonly #model: TasnInference
  readonly #change = persistent([1, NO_CHANGE.length], Float32Array.from(NO_CHANGE))

  /**
   * From the content of a model.safetensors, as readTensors(file) or decodeSafetensors(bytes, name) give it. The device
   * must be open.
   * @throws if it is not a model file, or its tensors do not fit the model that it describes.
   */
  constructor({ tensors, metadata }: SafetensorsFile) {
    const { config, classes } = cardOf(metadata)
    this.classes = classes
    this.size = Math.min(...config.imageSize)
    this.#model = new TasnInference(new Zeros(), config)
    this.#model.load(tensors)
  }

  /**
   * Names what is in a picture of any size: the `count` most probable classes, the best first.
   *
   * As in testing, the middle square is taken at the model's size. Larger pictures are shrunk by averaging here;
   * training data was shrunk with a triangle filter on the host, so a photograph's probabilities may differ in the
   * third digit unless it comes in that size.
   * @throws if the picture's numbers do not fit together.
   */
  async classify({ width, height, data }: Picture, count = 5): Promise<Guess[]> {
    const channels = data.length / (width * height)
    check(
      width >= 1 && height >= 1 && (channels === 3 || channels === 4),
      () =>
        `classify: ${width} x ${height} pixels take ${3 * width * height} bytes (RGB) or ${4 * width * height} ` +
        `(RGBA), found ${data.length}`,
    )
    const side = Math.min(width, height)
    const left = (width - side + 1) >> 1
    const top = (height - side + 1) >> 1
    const packed = new Uint32Array(side * side)
    for (let y = 0, to = 0; y < side; y++) {
      for (let x = 0, from = channels * ((top + y) * width + left); x < side; x++, from += channels) {
        packed[to++] = data[from]! | (data[from + 1]! << 8) | (data[from + 2]! << 16) | (255 << 24)
      }
    }
    const pixels = persistent([1, side, side], packed)
    try {
      const [chances] = scope(() => [
        softmax(this.#model.forward(resized(augment(pixels, this.#change), this.#model.config.imageSize))),
      ])
      const values = await read(chances).finally(() => {
        release(chances)
      })
      return [...values.keys()]
        .sort((a, b) => values[b]! - values[a]!)
        .slice(0, count)
        .map(i => ({ name: this.classes[i]!, probability: values[i]! }))
    } finally {
      release(pixels)
    }
  }

  /** Gives the model's memory back. */
  destroy(): void {
    for (const t of [...this.#model.state().values(), this.#change]) release(t)
  }
}

const resized = (x: Tensor, size: readonly [number, number]): Tensor =>
  x.shape[2] === size[0] && x.shape[3] === size[1]
    ? x
    : x.shape[2]! > size[0]
      ? resizeArea(x, size)
      : resizeBilinear(x, size)

function cardOf({ tasn }: Record<string, string>): ModelCard {
  if (tasn === undefined) {
    throw new Error(
      'this .safetensors file holds no model of TASN: a training writes one as model.safetensors into its folder ' +
        '(checkpoint.safetensors is for --resume)',
    )
  }
  let card: Partial<ModelCard> | undefined
  try {
    card = JSON.parse(tasn) as Partial<ModelCard>
  } catch {
    /* told below */
  }
  if (!card?.config || !Array.isArray(card.classes) || card.classes.length !== card.config.classes) {
    throw new Error(
      'the model file does not say which model and classes it holds (its metadata `tasn` is damaged): copy it from ' +
        "the run's folder again",
    )
  }
  return card as ModelCard
}
