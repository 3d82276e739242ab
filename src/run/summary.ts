/** What is told of a training: of its network and memory before it, and of its accuracy at the end. */

import type { Plan, PlanMemory } from '../engine/plan.ts'
import type { Tensor } from '../engine/tensor.ts'
import { tuning } from '../engine/tune/tune.ts'
import type { Head } from '../tasn/heads.ts'
import type { Accuracies } from '../train/evaluate.ts'
import type { AttentionQuality } from './attention_quality.ts'

/** What the end of a run is told by. */
export interface Summary {
  readonly final: Accuracies & { readonly sharedMaster: number }
  readonly best: Accuracies & { readonly sharedMaster: number }
  readonly bestEpoch: number
  readonly epochs: number
  /** Epochs run now: 0 when a finished run was resumed. */
  readonly trained: number
  readonly trainImages: number
  readonly testImages: number
  /** Of this process: what was trained before a --resume, or taken from another run, does not count. */
  readonly seconds: number
  readonly imagesPerSecond: number
  readonly memory: PlanMemory | undefined
  /** Numbers that recognition needs. */
  readonly parametersAtTest: number
  /**
   * Seconds of a training epoch with the whole network, the median, evaluations not counted; undefined if none was
   * trained now.
   */
  readonly secondsPerEpoch: number | undefined
  /** How well attention finds the bird, where there is attention. */
  readonly attention: AttentionQuality | undefined
}

/** answers.json: the ids of the test images that the head that predicts was right about, and the others'. */
export interface Answers {
  readonly right: readonly number[]
  readonly wrong: readonly number[]
}
export const answersOf = (each: readonly { id: number; right: boolean }[]): Answers => ({
  right: each.filter(a => a.right).map(a => a.id),
  wrong: each.filter(a => !a.right).map(a => a.id),
})

/** Parameters, planned launches and memory, and what the tuner did, in a few lines for the reader of the log. */
export function describe(
  attention: ReadonlyMap<string, Tensor>,
  others: ReadonlyMap<string, Tensor>,
  batch: number,
  plan: Plan | undefined,
): string {
  const count = (params: ReadonlyMap<string, Tensor>) => [...params.values()].reduce((n, t) => n + t.size, 0)
  const lines = [
    `model: ${thousands(count(attention) + count(others))} parameters` +
      (attention.size
        ? ` (attention net ${thousands(count(attention))}, classifier and heads ${thousands(count(others))})`
        : ''),
  ]
  if (plan) {
    lines.push(
      `step: ${plan.launches.length} launches for ${batch} images; memory planned ` +
        `${mebibytes(plan.memory.planned)} MiB, ` +
        `without sharing ${mebibytes(plan.memory.unplanned)} MiB, at least ${mebibytes(plan.memory.lowerBound)} MiB`,
    )
  } else lines.push('step: run eagerly (PLAN=0)')
  if (tuning.shapes)
    lines.push(
      `tuner: ${tuning.shapes} shapes measured in ${tuning.seconds.toFixed(1)} s, once for this adapter; ` +
        `${tuning.known} known` +
        `${tuning.left ? `, ${tuning.left} left to the rules` : ''}`,
    )
  return lines.join('\n')
}

/** Heads as the log calls them; the shared head on the structure image is the one that counts. */
export const HEAD_NAMES: Record<Head, string> = {
  attention: 'attention',
  part: 'part',
  master: 'master',
  sharedPart: 'shared(part)',
  sharedMaster: 'shared(master)',
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
export const epochsText = (n: number): string => `${n} epoch${n > 1 ? 's' : ''}`
const thousands = (n: number): string => n.toLocaleString('en-US')
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
