/** The content of a page that its script draws: curves and the confusion matrix. */

/** A curve: points x, rising, with their y; null where there is none. */
export interface Curve {
  readonly label: string
  /** Number of its colour; curves of one meaning have one colour in all charts. */
  readonly colour: number
  readonly x: readonly number[]
  readonly y: readonly (number | null)[]
  /** Steps of an epoch, where x is in steps. */
  readonly perEpoch: number
  /** Draws points, too: there are few. */
  readonly points?: boolean
}

export interface Chart {
  readonly id: string
  readonly title: string
  /** The unit of y: it decides how a value is written. */
  readonly unit: 'loss' | 'percent' | 'rate' | 'images/s' | 'MiB'
  readonly x: 'step' | 'launch'
  /** For each x, what is there: the kernels of launches. */
  readonly names?: readonly string[]
  readonly curves: readonly Curve[]
}

export interface Confusion {
  /** The names of all classes, fit to be read. */
  readonly classes: readonly string[]
  /** [label, answer, images], of those that there are. */
  readonly counts: readonly (readonly [label: number, answer: number, count: number])[]
}

export interface PageData {
  readonly charts: readonly Chart[]
  readonly confusion?: Confusion | undefined
}
