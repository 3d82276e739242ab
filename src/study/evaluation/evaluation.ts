/** The figures of an evaluation: how often a trained model is right, on which classes, and how well it knows. */
import { classResults, confusionOf, readable } from '../../run/report/answers.ts'
import type { Confusion } from '../../run/report/page_data.ts'
import { HEADS, type Head } from '../../tasn/heads.ts'
import type { Tested } from '../../train/evaluate.ts'
import { wilson } from '../statistics.ts'
import { type Calibration, calibrationOf } from './calibration.ts'

/** A share of right answers, with its 95 % interval by Wilson. */
export interface Rate {
  readonly images: number
  readonly right: number
  readonly accuracy: number
  readonly interval: readonly [number, number]
}

/** A class that has test images. */
export interface ClassRate extends Rate {
  readonly name: string
  /** The other class that it is taken for most often, and how often. */
  readonly takenFor: readonly [name: string, count: number] | undefined
}

/** Images of one class that were taken for another. */
export interface Confused {
  readonly name: string
  readonly takenFor: string
  readonly count: number
  /** Images of that class. */
  readonly images: number
}

export interface Evaluation {
  /** A rate for each head that the model has. */
  readonly heads: Partial<Record<Head, Rate>>
  /** All that follows is of the head that predicts. Classes in the order of the model. */
  readonly classes: readonly ClassRate[]
  /** The most frequent first. */
  readonly confused: readonly Confused[]
  /** Answers of each class by class; those that are no number are left out. */
  readonly confusion: Confusion
  readonly calibration: Calibration
}

const rateOf = (right: number, images: number): Rate => ({
  images,
  right,
  accuracy: right / images,
  interval: wilson(right, images),
})

/** @param heads those that the model has. @param names of the classes, in the order of the labels. */
export function evaluationOf(tested: Tested, heads: readonly Head[], names: readonly string[]): Evaluation {
  const { images, accuracy, answers } = tested
  const confusion = confusionOf(answers, names)
  const results = classResults(confusion, answers)
  const classes = results.flatMap(({ name, images, takenFor }, label) =>
    images ? [{ name, takenFor, ...rateOf(answers.filter(a => a.label === label && a.right).length, images) }] : [],
  )
  const confused = confusion.counts
    .filter(([label, answer]) => label !== answer)
    .toSorted((a, b) => b[2] - a[2])
    .map(([label, answer, count]) => ({
      name: readable(names[label]!),
      takenFor: readable(names[answer]!),
      count,
      images: results[label]!.images,
    }))
  const own = HEADS.filter(head => heads.includes(head))
  return {
    heads: Object.fromEntries(own.map(head => [head, rateOf(Math.round(accuracy[head] * images), images)])),
    classes,
    confused,
    confusion,
    calibration: calibrationOf(answers),
  }
}
