/** The decision between measured rungs: who wins, and what wins where nothing can be told apart. */
import type { Rung } from '../../gpu/kernel.ts'
import type { Timing } from './race.ts'

/** A measured rung: its time, or none where its result was wrong. */
export interface Trial {
  readonly rung: Rung
  readonly timing: Timing | undefined
}

/** A rung is clearly faster if it takes less than this share of another's time. */
const MARGIN = 0.95

/**
 * The fastest rung. Another one than the rules' must be faster by more than 5 %, and by more than both times may be
 * off: noise must not decide. Where the rules' rung is beaten or wrong, the last of those wins that cannot be told from
 * the fastest: later rungs were written to be faster.
 */
export function fastest(trials: readonly Trial[], usual: Rung): Rung {
  const right = trials.flatMap(({ rung, timing }) => (timing ? [{ rung, ...timing }] : []))
  if (!right.length) return usual // not even the first rung gave numbers: nothing can be said
  const leader = right.reduce((a, b) => (b.ms < a.ms ? b : a))
  const near = (r: Timing): boolean => leader.ms >= MARGIN * r.ms
  const blurred = (r: Timing): boolean => leader.ms + leader.spread >= r.ms - r.spread
  if (right.some(r => r.rung === usual && (near(r) || blurred(r)))) return usual
  return right.findLast(r => near(r) && blurred(r))!.rung
}
