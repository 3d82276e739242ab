/**
 * Learning rates over time. All take the share of training that is done, from 0 to 1, and return a factor for the base
 * rate.
 */

export type Schedule = (done: number) => number

/** Rises in a straight line over the first `share` of training, then follows `then`. */
export const warmUp =
  (share: number, then: Schedule): Schedule =>
  done =>
    Math.min(1, (done + 1e-9) / Math.max(share, 1e-9)) * then(done)

/** Half a cosine from 1 to 0 (Loshchilov and Hutter 2017). */
export const cosine: Schedule = done => 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)))

/** Times 0.1 at each of these shares of training: TASN's own schedule is [1/3, 2/3]. */
export const steps =
  (at: readonly number[]): Schedule =>
  done =>
    0.1 ** at.filter(s => done >= s).length
