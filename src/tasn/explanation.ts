/** The parts of an explained recognition, on the host. */
import type { HostTensor } from '../io/safetensors.ts'
import { type Photo, photoOf, type Window } from './photo.ts'

export interface Guess {
  readonly name: string
  readonly probability: number
}

/** One axis of the sampler. L cells of the map, O pixels of the sample. */
export interface ExplainedAxis {
  /** The map's largest value in each row or column (L). */
  readonly marginal: Float32Array
  /** Pixels of the sample for each cell (L), after the cap. They sum to O. */
  readonly density: Float32Array
  /** The density's integral at the cells' borders (L + 1), from 0 to 1. */
  readonly integral: Float32Array
  /** The integral's inverse at O equal steps (O): pixels of the image at which the sample is read. */
  readonly positions: Float32Array
}

/** A view: a map, the way from it to the positions, and the sample read there. */
export interface ExplainedView {
  /** (h,w), at the size of the features. */
  readonly map: HostTensor
  readonly rows: ExplainedAxis
  readonly columns: ExplainedAxis
  readonly sample: Photo
}

export interface Explanation {
  /** All classes, the most probable first. */
  readonly guesses: readonly Guess[]
  /** (classes). */
  readonly logits: Float32Array
  /** The middle square of the photo that the model looked at, in the photo's pixels; and at the model's size. */
  readonly window: Window
  readonly image: Photo
  /** X (C,h,w), and the attention maps (C,h,w). */
  readonly features: HostTensor
  readonly attention: HostTensor
  /** The channels with a feature above zero: the others mark nothing. */
  readonly live: readonly number[]
  readonly structure: ExplainedView
  readonly detail: ExplainedView & { readonly channel: number }
  /** The image at the samples' size, by plain averaging: what a classifier without attention would see. */
  readonly shrunk: Photo
}

/** The classes with their probabilities, the most probable first. */
export const guesses = (classes: readonly string[], probabilities: Float32Array): Guess[] =>
  [...probabilities.keys()]
    .sort((a, b) => probabilities[b]! - probabilities[a]!)
    .map(i => ({ name: classes[i]!, probability: probabilities[i]! }))

/** A view from the numbers of its tensors, in the order of explain.ts. */
export function explainedView(
  parts: Float32Array<ArrayBuffer>[],
  shape: readonly [number, number],
  size: readonly [number, number],
): ExplainedView {
  const [data, rows, dy, y, columns, dx, x, sample] = parts as ViewNumbers
  return {
    map: { shape, data },
    rows: { marginal: rows, density: dy, integral: integralOf(dy), positions: y },
    columns: { marginal: columns, density: dx, integral: integralOf(dx), positions: x },
    sample: photoOf(sample, size),
  }
}
type Numbers = Float32Array<ArrayBuffer>
type ViewNumbers = [Numbers, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers]

function integralOf(density: Float32Array): Float32Array {
  const sums = [0]
  for (const d of density) sums.push(sums.at(-1)! + d)
  return Float32Array.from(sums, s => s / sums.at(-1)!)
}

/** The channels of features (C,h,w) that are above zero somewhere. */
export function liveChannels(features: Float32Array, C: number): number[] {
  const n = features.length / C
  return Array.from({ length: C }, (_, c) => c).filter(c => features.subarray(c * n, (c + 1) * n).some(v => v > 0))
}
