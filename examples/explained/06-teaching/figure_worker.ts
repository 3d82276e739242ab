/** The figure's half in the worker: real logits of both samples, softened, and what the distillation makes of them. */
import { scope } from '../../../src/engine/eager.ts'
import { detached, noGrad } from '../../../src/engine/tape.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { persistent, readAll, release } from '../../../src/engine/transfer.ts'
import { valueAndGrad } from '../../../src/ops/backward.ts'
import { concat, slice } from '../../../src/ops/batch.ts'
import { reshape } from '../../../src/ops/elementwise.ts'
import { augment, NO_CHANGE } from '../../../src/ops/image.ts'
import { crossEntropy, softCrossEntropy } from '../../../src/ops/loss.ts'
import { sampleGrid } from '../../../src/ops/sampler.ts'
import { softmax } from '../../../src/ops/softmax.ts'
import { attentionInput } from '../../../src/tasn/attention_input.ts'
import { middleSquare, type Photo, photoOf } from '../../../src/tasn/photo.ts'
import { trilinearAttention } from '../../../src/tasn/trilinear.ts'
import { gridOfMap, structureOf } from '../../../src/tasn/views.ts'
import type { Handlers } from '../../browser/panel.ts'
import { testBird } from '../page/bird.ts'
import { bookModel, bookNetwork } from '../page/model.ts'

/** Temperatures of the plot. */
export const TEMPERATURES: readonly number[] = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20]

export interface Options {
  /** A test bird, from 0 to 511. */
  readonly bird: number
  /** The channel whose map makes the teacher's sample. */
  readonly channel: number
  readonly temperature: number
  /** Factor on all logits: they are small when training begins. */
  readonly times: number
  /** true: the teacher gets a gradient, too, as in the published MXNet code. */
  readonly teacherLearns: boolean
}

/** Both samples, and the logits (K) that answer to them. */
export interface Answers {
  readonly detail: Photo
  readonly structure: Photo
  readonly teacher: Float32Array
  readonly student: Float32Array
  readonly classes: readonly string[]
  /** The class that was drawn. */
  readonly truth: number
}

/** A loss and its gradient with respect to the logits (K). */
export interface Term {
  readonly loss: number
  readonly student: Float32Array
  readonly teacher: Float32Array | undefined
}

export interface Taught extends Answers {
  /** softmax(logits / T) (K). */
  readonly targets: Float32Array
  readonly answers: Float32Array
  /** The student's cross-entropy with the label, at temperature 1. */
  readonly hard: Term
  /** The distillation, without a factor T². */
  readonly soft: Term
  /** The smallest value that `soft` can have: the entropy of the targets. */
  readonly least: number
  /** The size of the distillation's gradient at each of TEMPERATURES: its Euclidean norm. */
  readonly sizes: readonly number[]
}

let known: (Answers & { readonly key: string }) | undefined

/** The answers to both samples of a bird; the last ones are kept. The book's model has one head for both. */
async function answersTo(bird: number, channel: number): Promise<Answers> {
  const [{ size, classes }, model] = [await bookModel(), await bookNetwork()]
  const key = `${bird} ${channel}`
  if (known?.key === key) return known
  const { config } = model
  const { maps, imageSize, classifierSize } = config
  const { image, label } = testBird(bird)
  const { packed, side } = middleSquare(image, size)
  const pixels = persistent([1, side, side], packed)
  const change = persistent([1, NO_CHANGE.length], Float32Array.from(NO_CHANGE))
  const tensors = scope(() =>
    noGrad(() => {
      const x = augment(pixels, change)
      const features = model.attention.features(attentionInput(x, config))
      const M = trilinearAttention(features, config.trilinear)
      const [, C, h, w] = features.shape as [number, number, number, number]
      const chosen = reshape(slice(reshape(M, [C, h * w]), channel, channel + 1), [1, h, w])
      const grids = [
        gridOfMap(chosen, imageSize, classifierSize, maps.detailGamma, maps),
        structureOf(M, features, config).grid,
      ] as const
      const [detail, structure] = grids.map(grid => sampleGrid(x, grid, maps.sampler.mode)) as [Tensor, Tensor]
      return [detail, structure, model.classifier.forward(concat(detail, structure))]
    }),
  )
  const [detail, structure, logits] = (await readAll(tensors).finally(() => {
    for (const t of [...tensors, pixels, change]) release(t)
  })) as [Float32Array, Float32Array, Float32Array]
  known = {
    key,
    detail: photoOf(detail, classifierSize),
    structure: photoOf(structure, classifierSize),
    teacher: logits.slice(0, classes.length),
    student: logits.slice(classes.length),
    classes,
    truth: label,
  }
  return known
}

/** All that the figure shows. The device must be open. */
export async function teach({ bird, channel, temperature, times, teacherLearns }: Options): Promise<Taught> {
  const { detail, structure, classes, truth, ...logits } = await answersTo(bird, channel)
  const K = classes.length
  const [teacher, student] = [logits.teacher.map(z => times * z), logits.student.map(z => times * z)]
  const [t, s] = [persistent([1, K], teacher), persistent([1, K], student)]
  const label = persistent([1], Uint32Array.of(truth))
  t.requiresGrad = true
  s.requiresGrad = true
  const target = teacherLearns ? t : detached(t)
  try {
    const tensors = scope(() => {
      const hard = valueAndGrad(() => crossEntropy(s, label), [s])
      const soft = valueAndGrad(() => softCrossEntropy(s, target, temperature), [s, t])
      const at = TEMPERATURES.map(T => valueAndGrad(() => softCrossEntropy(s, detached(t), T), [s]).grads.get(s)!)
      const softened = noGrad(() => [t, s].map(z => softmax(z, 1, 1 / temperature)))
      const least = noGrad(() => softCrossEntropy(t, t, temperature))
      const toTeacher = soft.grads.get(t)
      const grads = [hard.grads.get(s)!, soft.grads.get(s)!, ...(toTeacher ? [toTeacher] : [])]
      return [hard.value, soft.value, least, ...softened, ...at, ...grads]
    })
    const read = (await readAll(tensors).finally(() => tensors.forEach(release))) as Float32Array[]
    const [hard, soft, least] = read.splice(0, 3).map(v => v[0]!) as [number, number, number]
    const [targets, answers] = read.splice(0, 2) as [Float32Array, Float32Array]
    const sizes = read.splice(0, TEMPERATURES.length).map(norm)
    const [byHard, bySoft, toTeacher] = read as [Float32Array, Float32Array, Float32Array?]
    return {
      detail,
      structure,
      classes,
      truth,
      teacher,
      student,
      targets,
      answers,
      hard: { loss: hard, student: byHard, teacher: undefined },
      soft: { loss: soft, student: bySoft, teacher: toTeacher },
      least,
      sizes,
    }
  } finally {
    for (const tensor of [t, s, label]) release(tensor)
  }
}

/** The Euclidean norm. */
export const norm = (v: Float32Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))

export const handlers: Handlers = { teach }
