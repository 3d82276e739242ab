/** Recognition with a trained model: a photo in, names and probabilities out. Nothing of training is behind it. */

import { scope } from '../engine/eager.ts'
import { Zeros } from '../engine/random.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { persistent, read, release } from '../engine/transfer.ts'
import { checkFinite } from '../io/finite.ts'
import type { SafetensorsFile } from '../io/safetensors.ts'
import { augment, NO_CHANGE } from '../ops/image.ts'
import { packSquare } from '../ops/pixels.ts'
import { resizeArea, resizeBilinear } from '../ops/resize.ts'
import { softmax } from '../ops/softmax.ts'
import { TasnInference } from './inference.ts'
import { readModelCard } from './model_card.ts'
import { checkStateDict } from './state_dict.ts'

/**
 * An image's bytes, row by row, three (RGB) or four (RGBA, alpha ignored) a pixel. Width and height are in pixels. A
 * browser's ImageData is one.
 */
export interface Photo {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
}

export interface Guess {
  readonly name: string
  readonly probability: number
}

/** A trained model, ready to name birds. */
export class Classifier {
  readonly classes: readonly string[]
  /** Short side at which the model looks at photos, in pixels. */
  readonly size: number
  readonly #model: TasnInference
  readonly #change: Tensor

  /**
   * Takes the content of a model.safetensors, as readModel(file) or decodeSafetensors(bytes, name) give it. The device
   * must be open.
   *
   * @throws if it is not a model file, its tensors do not fit the model that it describes, or hold numbers that are not
   *   finite. Nothing is made before all is known to fit.
   */
  constructor({ tensors, metadata, file = 'the model file' }: SafetensorsFile) {
    const { config, classes, shapes } = readModelCard(metadata, file)
    checkStateDict(tensors, shapes, file)
    checkFinite(tensors, file)
    this.classes = classes
    this.size = Math.min(...config.imageSize)
    this.#change = persistent([1, NO_CHANGE.length], Float32Array.from(NO_CHANGE))
    this.#model = new TasnInference(new Zeros(), config)
    this.#model.load(tensors)
  }

  /**
   * Names the bird in a photo of any size: the `count` most probable classes, the best first.
   *
   * As in testing, the middle square is taken at the model's size. Larger photos are shrunk by averaging here. Training
   * data was shrunk with a triangle filter on the host, so probabilities may differ in the third digit unless a photo
   * comes in that size.
   *
   * @throws if the photo's numbers do not fit together, or the model's answer is not finite.
   */
  async classify(photo: Photo, count = 5): Promise<Guess[]> {
    const pixels = middleSquare(photo)
    try {
      const [probabilities] = scope(() => {
        const x = resized(augment(pixels, this.#change), this.#model.config.imageSize)
        return [softmax(this.#model.forward(x))]
      })
      const values = await read(probabilities).finally(() => {
        release(probabilities)
      })
      check(
        values.every(Number.isFinite),
        () =>
          'classify: the model answers with numbers that are not finite: its weights are damaged, or of a training ' +
          'that diverged',
      )
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

/** The middle square of a photo, packed (1,side,side). */
function middleSquare({ width, height, data }: Photo): Tensor {
  const channels = data.length / (width * height)
  check(
    width >= 1 && height >= 1 && (channels === 3 || channels === 4),
    () =>
      `classify: ${width} x ${height} pixels take ${3 * width * height} bytes (RGB) or ${4 * width * height} ` +
      `(RGBA), found ${data.length}`,
  )
  const side = Math.min(width, height)
  const packed = new Uint32Array(side * side)
  const window = { left: (width - side + 1) >> 1, top: (height - side + 1) >> 1, side }
  packSquare({ width, channels: channels as 3 | 4, data }, window, packed)
  return persistent([1, side, side], packed)
}

/** Images (1,3,H,W) at the size of the model. */
function resized(x: Tensor, size: readonly [number, number]): Tensor {
  const [, , H, W] = x.shape
  if (H === size[0] && W === size[1]) return x
  return H! > size[0] ? resizeArea(x, size) : resizeBilinear(x, size)
}
