/** Sums of a run's answers: which classes are taken for which. */
import type { Prediction } from '../predictions.ts'
import type { Confusion } from './page_data.ts'

/** `001.Black_footed_Albatross` as `Black footed Albatross`. */
export const readable = (name: string): string => name.replace(/^\d+\./, '').replaceAll('_', ' ')

/** The confusion matrix of answers, those that named a class. */
export function confusionOf(predictions: readonly Prediction[], classes: readonly string[]): Confusion {
  const counts = new Map<string, [number, number, number]>()
  for (const { label, answer } of predictions) {
    if (answer < 0) continue
    const cell = counts.get(`${label} ${answer}`) ?? [label, answer, 0]
    cell[2]++
    counts.set(`${label} ${answer}`, cell)
  }
  const rows = [...counts.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  return { classes: classes.map(readable), counts: rows }
}

/** A class, and how its images and its name fared. */
export interface ClassResult {
  readonly name: string
  readonly images: number
  /** Shares: its images that are named rightly; images so named that are of it. Undefined where there are none. */
  readonly recall: number | undefined
  readonly precision: number | undefined
  /** The other class that it is taken for most often, and how often. */
  readonly takenFor: readonly [name: string, count: number] | undefined
}

/** Each class, in the order of the data set. */
export function classResults(confusion: Confusion, predictions: readonly Prediction[]): ClassResult[] {
  const share = (n: number, of: number) => (of ? n / of : undefined)
  return confusion.classes.map((name, k) => {
    const images = predictions.filter(p => p.label === k).length
    const named = predictions.filter(p => p.answer === k).length
    const right = confusion.counts.find(([l, a]) => l === k && a === k)?.[2] ?? 0
    const [other] = confusion.counts.filter(([l, a]) => l === k && a !== k).sort((a, b) => b[2] - a[2])
    return {
      name,
      images,
      recall: share(right, images),
      precision: share(right, named),
      takenFor: other && [confusion.classes[other[1]]!, other[2]],
    }
  })
}
