/**
 * The steps of a training as plain functions of persistent inputs, and what runs them: a plan, or eagerly with PLAN=0.
 */
import type { Batch } from '../data/batch.ts'
import { scope } from '../engine/eager.ts'
import { Plan } from '../engine/plan.ts'
import type { Tensor } from '../engine/tensor.ts'
import { persistent, release, write } from '../engine/transfer.ts'
import { switches } from '../gpu/switches.ts'
import type { GradientSum, Optimizer } from '../nn/optim.ts'
import { valueAndGrad } from '../ops/backward.ts'
import { gather } from '../ops/batch.ts'
import { augment, CHANGE_SIZE } from '../ops/image.ts'
import { crossEntropyAndCorrect } from '../ops/loss.ts'
import { Tasn } from '../tasn/network.ts'
import type { Recogniser } from '../tasn/recogniser.ts'
import { boxMaps } from './box_maps.ts'
import { pack } from './report.ts'

/** The tensors that change from step to step: persistent, so that a recorded step sees new values. */
export interface Inputs {
  readonly pixels: Tensor
  readonly change: Tensor
  readonly labels: Tensor
  readonly u: Tensor
  /** Maps of the place to look at, for a recogniser that is told (TasnConfig.look). */
  readonly map?: Tensor
}

/**
 * Inputs for batches of N images of H x W: RGBA8 pixels, augmentation numbers, labels, one random number for each
 * image's detail map; maps, if their size is given.
 */
export const makeInputs = (N: number, [H, W]: readonly [number, number], map?: readonly [number, number]): Inputs => ({
  pixels: persistent([N, H, W], undefined, 'u32'),
  change: persistent([N, CHANGE_SIZE]),
  labels: persistent([N], undefined, 'u32'),
  u: persistent([N]),
  ...(map ? { map: persistent([N, ...map]) } : {}),
})

export function feed(
  inputs: Inputs,
  pixels: Uint32Array,
  change: Float32Array,
  labels: Uint32Array,
  u: Float32Array,
  map?: Float32Array,
): void {
  write(inputs.pixels, pixels)
  write(inputs.change, change)
  write(inputs.labels, labels)
  write(inputs.u, u)
  if (inputs.map && map) write(inputs.map, map)
}

/** Feeds a batch of the loader, varied by `change` (N,9); `u` (N) picks the detail maps. */
export function feedBatch(
  inputs: Inputs,
  { pixels, labels, boxes }: Batch,
  change: Float32Array,
  u: Float32Array,
): void {
  const size = inputs.map?.shape.slice(1) as [number, number] | undefined
  feed(inputs, pixels, change, labels, u, size && boxMaps(boxes, change, size))
}

/** A step that can be run again and again, once its plan is ready(). Without a plan (PLAN=0) it is run eagerly. */
export interface Runner {
  run(): readonly Tensor[]
  readonly plan: Plan | undefined
}

export function runner(step: () => readonly Tensor[]): Runner {
  if (!switches.plan) return eagerRunner(step)
  const plan = Plan.record(step)
  return { run: () => plan.run(), plan }
}

/** Runs a step without a plan. */
export function eagerRunner(step: () => readonly Tensor[]): Runner {
  // As with a plan, results last until the next run.
  let results: readonly Tensor[] = []
  const run = () => {
    for (const t of results) release(t)
    results = scope(step)
    return results
  }
  return { run, plan: undefined }
}

/** The parameters that learn in a step. */
export interface Update {
  /** The loss is differentiated by these. */
  readonly params: readonly Tensor[]
  /** These move them. */
  readonly optimizers: readonly Optimizer[]
  /** The attention net is used as it is: no gradient reaches it, and its batch norms keep their running statistics. */
  readonly attentionRests?: boolean
}

/**
 * Puts a recogniser into the mode of a step. If it is `learning`, batch norm uses the batch's statistics and moves the
 * running ones. Each step begins with this: run eagerly, steps of several modes take turns. A plan keeps the mode in
 * which it was recorded.
 */
function setMode(model: Recogniser, learning: boolean, attentionRests = false): void {
  if (model instanceof Tasn) model.rest(attentionRests)
  model.train(learning)
}

/**
 * Differentiates a loss and puts the gradients to use: into `sums`, or without them straight into the optimisers'
 * steps.
 */
function learn(
  f: () => { loss: Tensor; report: Tensor },
  { params, optimizers }: Update,
  sums?: GradientSum,
): readonly [Tensor] {
  let report!: Tensor
  const { grads } = valueAndGrad(() => {
    const result = f()
    report = result.report
    return result.loss
  }, params)
  if (sums) sums.add(grads)
  else for (const o of optimizers) o.step(grads)
  return [report]
}

/** Augments, runs the recogniser, learns. Returns the packed report. */
export function trainStep(
  model: Recogniser,
  { pixels, change, labels, u, map }: Inputs,
  update: Update,
  sums?: GradientSum,
): readonly [Tensor] {
  setMode(model, true, update.attentionRests)
  const x = augment(pixels, change)
  return learn(
    () => {
      const result = model.forward(x, labels, u, map)
      // No gradient reaches the report: it is not the loss, so the walk backwards never asks its gather() for one.
      return { loss: result.loss, report: pack(result) }
    },
    update,
    sums,
  )
}

/** The same for the attention net alone. The report holds its loss and N ones and zeros for its answers. */
export function attentionStep(
  model: Tasn,
  { pixels, change, labels }: Inputs,
  update: Update,
  sums?: GradientSum,
): readonly [Tensor] {
  setMode(model, true)
  const x = augment(pixels, change)
  return learn(
    () => {
      const { logits } = model.attend(x)
      const { loss, correct } = crossEntropyAndCorrect(logits, labels)
      return { loss, report: gather([loss, correct]) }
    },
    update,
    sums,
  )
}

/** The optimisers' step on the mean of the summed gradients of `count` batches. */
export function applyStep(sums: GradientSum, { optimizers }: Update, count: number): readonly [] {
  for (const o of optimizers) o.step(sums.totals, 1 / count)
  sums.clear()
  return []
}

/**
 * All heads, batch norm by its running statistics, the detail map picked by u as in training. Returns the packed report
 * and the logits (N,classes) of the head that predicts.
 */
export function evaluateStep(
  model: Recogniser,
  { pixels, change, labels, u, map }: Inputs,
): readonly [report: Tensor, logits: Tensor] {
  setMode(model, false)
  const result = model.forward(augment(pixels, change), labels, u, map)
  return [pack(result), result.logits]
}
