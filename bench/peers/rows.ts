/** Figures of other libraries: a case of the workload, there or there and back, by a library. */
import type { Found } from './contest.mjs'

export interface PeerRow {
  /** A name of workload.mjs. */
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

/** The rows of what a contest has found. */
export const peerRows = (library: string, found: Found): PeerRow[] =>
  Object.entries(found).flatMap(([name, row]) =>
    (['forward', 'both'] as const).flatMap(part => {
      const cell = row[part]
      if (!cell) return []
      const { ms, why, wrong } = cell
      return [
        {
          case: name,
          part,
          library,
          ...(ms === undefined ? { why: why ?? 'no figure' } : { ms }),
          ...(wrong?.length ? { wrong } : {}),
        },
      ]
    }),
  )
