/** Figures of other libraries: a case of the workload, there or there and back, by a library. */

export interface PeerRow {
  /** Of workload.mjs. */
  readonly case: string
  /** The forward pass; forward and backward, or a training step. */
  readonly part: 'forward' | 'both'
  readonly library: string
  /** The median. Missing where there is none: `why` says why. */
  readonly ms?: number
  readonly why?: string
  /** Results that differ from ours. */
  readonly wrong?: readonly string[]
}
