/** Calibration: does a model that says 80 % name 80 % of those images rightly? */

/** Bins of equal width, as in the paper. */
const BINS = 15

/** The answers whose confidence lies in (from, to]. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly images: number
  /** Mean confidence and share of right answers; 0 in an empty bin. */
  readonly confidence: number
  readonly accuracy: number
}

export interface Calibration {
  /** Expected calibration error: the mean distance of the bins' accuracy and confidence, weighted by images. */
  readonly error: number
  /** Mean confidence of all answers. */
  readonly confidence: number
  readonly bins: readonly Bin[]
}

/**
 * The expected calibration error and the reliability diagram behind it: Guo, Pleiss, Sun and Weinberger, On Calibration
 * of Modern Neural Networks, ICML 2017, equations 1 to 3.
 *
 * @param answers the probability of the class that was named, and whether that was right.
 */
export function calibrationOf(
  answers: readonly { readonly confidence: number; readonly right: boolean }[],
  count = BINS,
): Calibration {
  const sums = Array.from({ length: count }, () => ({ images: 0, confidence: 0, right: 0 }))
  for (const { confidence, right } of answers) {
    // A border belongs to the bin below it; the small number keeps it there where the product is rounded up.
    const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(confidence * count - 1e-9) - 1))]!
    bin.images++
    bin.confidence += confidence
    bin.right += Number(right)
  }
  const bins = sums.map(({ images, confidence, right }, i) => ({
    from: i / count,
    to: (i + 1) / count,
    images,
    confidence: images && confidence / images,
    accuracy: images && right / images,
  }))
  const mean = (f: (bin: Bin) => number) => bins.reduce((sum, b) => sum + b.images * f(b), 0) / answers.length
  return { error: mean(b => Math.abs(b.accuracy - b.confidence)), confidence: mean(b => b.confidence), bins }
}
