/** The test accuracy of every head, each image counted once. */
import type { Loader } from '../data/loader.ts'
import { HEADS, type Head } from '../models/tasn.ts'
import { Random } from '../random.ts'
import { noChanges } from './augmentation.ts'
import { feed, readReport, type Inputs, type Runner } from './steps.ts'

export type Accuracies = Record<Head, number>

/** Share of right answers per head over the loader's samples. The last batch is padded; padding does not count. */
export async function evaluate({ run }: Runner, inputs: Inputs, loader: Loader): Promise<{ accuracy: Accuracies, images: number }> {
  // The same picks at every evaluation: only the part heads see them, and their figures should be comparable.
  const N = inputs.labels.size, change = noChanges(N), random = new Random(0)
  const right = Object.fromEntries(HEADS.map(h => [h, 0])) as Record<Head, number>
  let images = 0
  for await (const { pixels, labels, count } of loader.epoch(0)) {
    feed(inputs, pixels, change, labels, Float32Array.from({ length: N }, () => random.next()))
    const { correct } = await readReport(run()[0]!, N)
    for (const head of HEADS) for (let i = 0; i < count; i++) right[head] += correct[head][i]!
    images += count
  }
  return { accuracy: Object.fromEntries(HEADS.map(h => [h, right[h] / images])) as Accuracies, images }
}
