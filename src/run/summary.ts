/** summary.json and answers.json: the figures that a run ends with. */
import type { MemoryBytes } from '../engine/plan_memory.ts'
import { Tasn } from '../tasn/network.ts'
import type { Accuracies, Tested } from '../train/evaluate.ts'
import type { Training } from '../train/setup.ts'
import { type AttentionQuality, attentionQuality } from './attention_quality.ts'

/** The content of summary.json, but for the adapter. */
export interface Summary {
  readonly final: Accuracies & { readonly sharedMaster: number }
  /** Those of the epoch with the best `sharedMaster`. */
  readonly best: Accuracies & { readonly sharedMaster: number }
  readonly bestEpoch: number
  readonly epochs: number
  /** Epochs run now: 0 when a finished run was resumed. */
  readonly trained: number
  readonly trainImages: number
  readonly testImages: number
  /** Seconds of this process: epochs before a --resume, or taken from another run, do not count. */
  readonly seconds: number
  readonly imagesPerSecond: number
  readonly memory: MemoryBytes | undefined
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

/** The measurements of a run by this process. */
export interface Measured {
  /** Seconds since it began. */
  readonly seconds: number
  /** Epochs and images trained. */
  readonly epochs: number
  readonly images: number
  /** Seconds of each epoch in which all parts learnt. */
  readonly times: readonly number[]
}

/** Looks at the attention of the trained model, too, which takes as long as a test. */
export async function summaryOf(t: Training, { seconds, epochs, images, times }: Measured): Promise<Summary> {
  const { model, dataset } = t
  const { history } = t.done
  if (!history.length) throw new Error('no epoch was run')
  const score = (i: number) => history[i]!.sharedMaster ?? -1
  const best = history.reduce((best, _, i) => (score(i) > score(best) ? i : best), 0)
  return {
    final: history.at(-1) as Summary['final'],
    best: history[best] as Summary['final'],
    bestEpoch: best + 1,
    epochs: history.length,
    trained: epochs,
    trainImages: dataset.train.length,
    testImages: dataset.test.length,
    seconds,
    imagesPerSecond: images / seconds,
    memory: t.phases.together.step.plan?.memory,
    secondsPerEpoch: times.toSorted((a, b) => a - b)[times.length >> 1],
    parametersAtTest: [...model.parameters()].reduce(
      (n, [name, t]) => (/^(part|master|attention\.(bn|fc))\./.test(name) ? n : n + t.size),
      0,
    ),
    attention: model instanceof Tasn ? await attentionQuality(model, t.loaders.test) : undefined,
  }
}

/** answers.json: the ids of the test images that the head that predicts was right about, and the others'. */
export interface Answers {
  readonly right: readonly number[]
  readonly wrong: readonly number[]
}

export const answersOf = ({ answers }: Tested): Answers => ({
  right: answers.filter(a => a.right).map(a => a.id),
  wrong: answers.filter(a => !a.right).map(a => a.id),
})
