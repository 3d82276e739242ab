/** The test accuracy of every head, each image counted once. */
import type { Batch } from '../data/batch.ts'
import type { Loader } from '../data/loader.ts'
import { Random } from '../engine/random.ts'
import { HEADS, type Head } from '../tasn/heads.ts'
import { noChanges } from './augmentation.ts'
import { overlapped } from './overlap.ts'
import { type Report, readReport } from './report.ts'
import { feedBatch, type Inputs, type Runner } from './steps.ts'

/** Shares of right answers, of the heads that were tested. */
export type Accuracies = Partial<Record<Head, number>>

/** A test of all heads. */
export interface Tested {
  readonly accuracy: Record<Head, number>
  readonly images: number
  /** For each image whether the head that predicts, `sharedMaster`, was right. */
  readonly right: readonly { readonly id: number; readonly right: boolean }[]
}

/** Tests on the loader's samples, as they are. The last batch is padded; padding does not count. */
export async function evaluate({ run }: Runner, inputs: Inputs, loader: Loader): Promise<Tested> {
  const N = inputs.labels.size
  const change = noChanges(N)
  // The same picks at every evaluation: only the part heads see them, and their figures should be comparable.
  const random = new Random(0)
  const launch = async (batch: Batch): Promise<{ batch: Batch; correct: Report['correct'] }> => {
    const u = Float32Array.from({ length: N }, () => random.next())
    feedBatch(inputs, batch, change, u)
    const { correct } = await readReport(run()[0]!, N)
    return { batch, correct }
  }
  const sums = Object.fromEntries(HEADS.map(h => [h, 0])) as Record<Head, number>
  const right: { id: number; right: boolean }[] = []
  for await (const { batch, correct } of overlapped(loader.epoch(0), launch)) {
    const { indices, count } = batch
    for (const head of HEADS) for (let i = 0; i < count; i++) sums[head] += correct[head][i]!
    for (let i = 0; i < count; i++)
      right.push({ id: loader.samples[indices[i]!]!.id, right: correct.sharedMaster[i] === 1 })
  }
  const images = right.length
  const accuracy = Object.fromEntries(HEADS.map(h => [h, sums[h] / images])) as Record<Head, number>
  return { accuracy, images, right }
}
