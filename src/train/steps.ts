/**
 * The steps of a training as plain functions of persistent inputs, and what runs them: a plan, or eagerly with PLAN=0.
 */

import { scope } from '../engine/eager.ts'
import { Plan } from '../engine/plan.ts'
import type { Tensor } from '../engine/tensor.ts'
import { persistent, read, release, write } from '../engine/transfer.ts'
import { switches } from '../gpu/switches.ts'
import type { GradientSum, Optimizer } from '../nn/optim.ts'
import { valueAndGrad } from '../ops/backward.ts'
import { gather } from '../ops/batch.ts'
import { augment, CHANGE_SIZE } from '../ops/image.ts'
import { correct, crossEntropy } from '../ops/loss.ts'
import { HEADS, type Head, LOSS_TERMS, type LossTerm, type TasnResult } from '../tasn/heads.ts'
import type { Tasn } from '../tasn/network.ts'
import type { Recogniser } from '../tasn/recogniser.ts'

/** What changes from step to step: all persistent, so that a recorded step sees new values. */
export interface Inputs {
  readonly pixels: Tensor
  readonly change: Tensor
  readonly labels: Tensor
  readonly u: Tensor
  /** Where to look, for a recogniser that is told (TasnConfig.look). */
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

/** A step that can be run again and again, once its plan is ready(). Without a plan (PLAN=0) it is run eagerly. */
export interface Runner {
  run(): readonly Tensor[]
  readonly plan: Plan | undefined
}

export function runner(step: () => readonly Tensor[]): Runner {
  if (!switches.plan) {
    // As with a plan, results last until the next run.
    let results: readonly Tensor[] = []
    const run = () => {
      for (const t of results) release(t)
      return (results = scope(step))
    }
    return { run, plan: undefined }
  }
  const plan = Plan.record(step)
  return { run: () => plan.run(), plan }
}

/** The optimisers of a step, each with the parameters it moves. */
export interface Update {
  readonly params: readonly Tensor[]
  readonly optimizers: readonly Optimizer[]
}

/** What a step tells: losses, for each head N ones and zeros, and how many attention maps were empty. */
export interface Report {
  readonly loss: number
  readonly terms: Record<LossTerm, number>
  readonly correct: Record<Head, Float32Array>
  readonly emptyMaps: number
}

/** A result as one vector, which readReport() takes apart again. */
const pack = ({ loss, terms, correct, emptyMaps }: TasnResult): Tensor =>
  gather([loss, ...LOSS_TERMS.map(t => terms[t]), ...HEADS.map(h => correct[h]), emptyMaps])

export async function readReport(t: Tensor, N: number): Promise<Report> {
  const v = await read(t)
  const terms = LOSS_TERMS.length
  return {
    loss: v[0]!,
    terms: Object.fromEntries(LOSS_TERMS.map((name, i) => [name, v[1 + i]!])) as Record<LossTerm, number>,
    correct: Object.fromEntries(
      HEADS.map((head, i) => [head, v.slice(1 + terms + i * N, 1 + terms + (i + 1) * N)]),
    ) as Record<Head, Float32Array>,
    emptyMaps: v.slice(1 + terms + HEADS.length * N).reduce((a, b) => a + b, 0),
  }
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

/** Augments, runs TASN, learns. Returns the report's vector. */
export function trainStep(
  model: Recogniser,
  { pixels, change, labels, u, map }: Inputs,
  update: Update,
  sums?: GradientSum,
): readonly [Tensor] {
  const x = augment(pixels, change)
  return learn(
    () => {
      const result = model.forward(x, labels, u, map)
      return { loss: result.loss, report: pack(result) }
    },
    update,
    sums,
  )
}

/** The same for the attention net alone: the report holds its loss and its N right answers. */
export function attentionStep(
  model: Tasn,
  { pixels, change, labels }: Inputs,
  update: Update,
  sums?: GradientSum,
): readonly [Tensor] {
  const x = augment(pixels, change)
  return learn(
    () => {
      const { logits } = model.attend(x)
      const loss = crossEntropy(logits, labels)
      return { loss, report: gather([loss, correct(logits, labels)]) }
    },
    update,
    sums,
  )
}

/** The optimisers' step on the mean of `count` micro-batches' gradients. */
export function applyStep(sums: GradientSum, { optimizers }: Update, count: number): readonly [] {
  for (const o of optimizers) o.step(sums.totals, 1 / count)
  sums.clear()
  return []
}

/** All heads on unchanged images, batch norm by its running statistics, the detail map picked by u as in training. */
export function evaluateStep(model: Recogniser, { pixels, change, labels, u, map }: Inputs): readonly [Tensor] {
  return [pack(model.forward(augment(pixels, change), labels, u, map))]
}
