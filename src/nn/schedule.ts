/** Learning-rate schedules: from the share of training that is done, 0 to 1, to a factor on the base rate. */

export type Schedule = (done: number) => number

/** `then`, times a factor that rises from 0 to 1 in a straight line over the first `share` of training. */
export const warmUp =
  (share: number, then: Schedule): Schedule =>
  done =>
    Math.min(1, (done + 1e-9) / Math.max(share, 1e-9)) * then(done)

/** Half a cosine from 1 to 0 (Loshchilov and Hutter 2017). */
export const cosine: Schedule = done => 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)))

/** A factor of 0.1 at each of these shares of training. TASN's published schedule is [1/3, 2/3]. */
export const steps =
  (at: readonly number[]): Schedule =>
  done =>
    0.1 ** at.filter(s => done >= s).length
