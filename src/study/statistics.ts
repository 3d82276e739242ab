/** Means, deviations and paired differences of repeated trainings. */
import { Random } from '../engine/random.ts'

export const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length

/** Standard deviation of the sample, divided by n - 1. NaN for one value. */
export const deviation = (v: readonly number[]): number => {
  const m = mean(v)
  return Math.sqrt(v.reduce((s, x) => s + (x - m) ** 2, 0) / (v.length - 1))
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045,
]

/** For more, the first terms of Fisher's expansion about the normal quantile. */
const studentT = (freedom: number): number => T[freedom - 1] ?? 1.95996 + 2.37227 / freedom + 2.8225 / freedom ** 2

export interface Difference {
  readonly mean: number
  /** The 95 % confidence interval over seeds: Student's t over the differences of each seed. NaN for one seed. */
  readonly seeds: readonly [number, number]
  /**
   * The 95 % confidence interval over test images: bootstrap, seeds averaged. It says how far the same trained networks
   * may differ on other images.
   */
  readonly images: readonly [number, number]
  readonly perSeed: readonly number[]
}

/**
 * The one standard by which the ablation says that a difference is there: `yes` where both 95 % intervals exclude 0,
 * `likely` where only one does, else `no effect seen`. An interval that is not a number excludes nothing.
 */
export function verdict({ seeds, images }: Pick<Difference, 'seeds' | 'images'>): 'yes' | 'likely' | 'no effect seen' {
  const excluding = [seeds, images].filter(([low, high]) => low > 0 || high < 0).length
  return excluding === 2 ? 'yes' : excluding === 1 ? 'likely' : 'no effect seen'
}

/** a - b, paired by seed and by image: a[s][i] is whether the run of seed s was right on image i. */
export function pairedDifference(
  a: readonly (readonly boolean[])[],
  b: readonly (readonly boolean[])[],
  { resamples = 2000, seed = 0 } = {},
): Difference {
  const S = a.length
  const I = a[0]?.length ?? 0
  if (!S || !I || b.length !== S || [...a, ...b].some(run => run.length !== I))
    throw new Error('pairedDifference: both sides need the same seeds and images')
  const perImage = Array.from({ length: I }, (_, i) => mean(a.map((run, s) => Number(run[i]) - Number(b[s]![i]))))
  const perSeed = a.map((run, s) => mean(run.map((right, i) => Number(right) - Number(b[s]![i]))))
  const m = mean(perSeed)
  const half = S > 1 ? (studentT(S - 1) * deviation(perSeed)) / Math.sqrt(S) : NaN
  const random = new Random(seed)
  const means = Array.from({ length: resamples }, () => {
    let sum = 0
    for (let i = 0; i < I; i++) sum += perImage[random.int(I)]!
    return sum / I
  }).sort((x, y) => x - y)
  return {
    mean: m,
    seeds: [m - half, m + half],
    images: [means[Math.floor(0.025 * resamples)]!, means[Math.ceil(0.975 * resamples) - 1]!],
    perSeed,
  }
}

/** Two-sided 95 % quantile of the normal distribution. */
const NORMAL = 1.959964

/**
 * The 95 % interval of a share: Wilson's score interval (1927). Unlike the textbook's p ± 1.96 s it stays within 0 and
 * 1, and is right for few images and for shares near the ends. It says how far the same network may differ on other
 * images, not how far another training may. 0 to 1 for no images.
 */
export function wilson(right: number, images: number): [number, number] {
  if (!images) return [0, 1]
  const p = right / images
  const z2 = NORMAL ** 2 / images
  const middle = (p + z2 / 2) / (1 + z2)
  const half = Math.sqrt(z2 * (p * (1 - p) + z2 / 4)) / (1 + z2)
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}
