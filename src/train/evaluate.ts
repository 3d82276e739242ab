/** The test accuracy of every head, each image counted once. */
import type { Loader } from '../data/loader.ts'
import { Random } from '../engine/random.ts'
import { HEADS, type Head } from '../tasn/heads.ts'
import { noChanges } from './augmentation.ts'
import { boxMaps } from './box_maps.ts'
import { feed, type Inputs, type Runner, readReport } from './steps.ts'

/** Of the heads that were tested. */
export type Accuracies = Partial<Record<Head, number>>

/**
 * Share of right answers per head over the loader's samples, and for each image whether the head that predicts was
 * right. The last batch is padded; padding does not count.
 */
export async function evaluate(
  { run }: Runner,
  inputs: Inputs,
  loader: Loader,
): Promise<{ accuracy: Record<Head, number>; images: number; right: { id: number; right: boolean }[] }> {
  // The same picks at every evaluation: only the part heads see them, and their figures should be comparable.
  const N = inputs.labels.size
  const change = noChanges(N)
  const random = new Random(0)
  const right = Object.fromEntries(HEADS.map(h => [h, 0])) as Record<Head, number>
  const each: { id: number; right: boolean }[] = []
  let images = 0
  for await (const { indices, pixels, labels, boxes, count } of loader.epoch(0)) {
    feed(
      inputs,
      pixels,
      change,
      labels,
      Float32Array.from({ length: inputs.u.size }, () => random.next()),
      inputs.map && boxMaps(boxes, change, inputs.map.shape.slice(1) as [number, number]),
    )
    const { correct } = await readReport(run()[0]!, N)
    for (const head of HEADS) for (let i = 0; i < count; i++) right[head] += correct[head][i]!
    for (let i = 0; i < count; i++)
      each.push({ id: loader.samples[indices[i]!]!.id, right: correct.sharedMaster[i] === 1 })
    images += count
  }
  return {
    accuracy: Object.fromEntries(HEADS.map(h => [h, right[h] / images])) as Record<Head, number>,
    images,
    right: each,
  }
}
