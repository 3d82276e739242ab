/** Recognition with a trained model: a photo in, names and probabilities out. Nothing of training is behind it. */

import { scope } from '../engine/eager.ts'
import { Zeros } from '../engine/random.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { persistent, read, release } from '../engine/transfer.ts'
import { checkFinite } from '../io/finite.ts'
import type { SafetensorsFile } from '../io/safetensors.ts'
import { augment, NO_CHANGE } from '../ops/image.ts'
import { softmax } from '../ops/softmax.ts'
import type { TasnConfig } from './config.ts'
import { AttendedPhoto, type ExplainOptions } from './explain.ts'
import { type Explanation, type Guess, guesses } from './explanation.ts'
import { TasnInference } from './inference.ts'
import { readModelCard } from './model_card.ts'
import { middleSquare, type Photo, resized, type Window } from './photo.ts'
import { checkStateDict } from './state_dict.ts'

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

  /** The model in full. */
  get config(): TasnConfig {
    return this.#model.config
  }

  /**
   * Names the bird in a photo of any size: the `count` most probable classes, the best first.
   *
   * As in testing, the middle square is taken at the model's size. Larger photos are shrunk by averaging here, those of
   * four times that size and more on the host first. Training data was shrunk with a triangle filter on the host, so
   * probabilities may differ in the third digit unless a photo comes in that size.
   *
   * @throws if the photo's numbers do not fit together, or the model's answer is not finite.
   */
  async classify(photo: Photo, count = 5): Promise<Guess[]> {
    const pixels = this.#square(photo).pixels
    try {
      const [probabilities] = scope(() => [softmax(this.#model.forward(this.#images(pixels)))])
      const values = await read(probabilities).finally(() => {
        release(probabilities)
      })
      check(
        values.every(Number.isFinite),
        () =>
          'classify: the model answers with numbers that are not finite: its weights are damaged, or of a training ' +
          'that diverged',
      )
      return guesses(this.classes, values).slice(0, count)
    } finally {
      release(pixels)
    }
  }

  /**
   * Shows a photo to the attention net. The rest of the model can then be run and explained as often as options change:
   * the features are there already. destroy() gives the memory back.
   *
   * @throws if the photo's numbers do not fit together.
   */
  attend(photo: Photo): AttendedPhoto {
    const { pixels, window } = this.#square(photo)
    try {
      return new AttendedPhoto(this.#model, this.classes, () => this.#images(pixels), window)
    } finally {
      release(pixels)
    }
  }

  /**
   * Everything between a photo and its name, in one round trip to the GPU: features, attention maps, both views with
   * their marginals, integrals, positions and samples, and the probabilities of all classes.
   *
   * @param options other values of the configuration, for this call.
   * @throws if the photo's numbers do not fit together, an option makes no sense, or a number is not finite.
   */
  async explain(photo: Photo, options?: ExplainOptions): Promise<Explanation> {
    const attended = this.attend(photo)
    try {
      return await attended.explain(options)
    } finally {
      attended.destroy()
    }
  }

  /** The middle square of a photo on the GPU. */
  #square(photo: Photo): { pixels: Tensor; window: Window } {
    const { packed, side, window } = middleSquare(photo, this.size)
    return { pixels: persistent([1, side, side], packed), window }
  }

  /** Packed pixels (1,side,side) as the model takes them: (1,3,H,W). */
  #images(pixels: Tensor): Tensor {
    return resized(augment(pixels, this.#change), this.#model.config.imageSize)
  }

  /** Gives the model's memory back. */
  destroy(): void {
    for (const t of [...this.#model.state().values(), this.#change]) release(t)
  }
}
