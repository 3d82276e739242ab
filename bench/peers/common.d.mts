/** Types of common.mjs, which peers read without a compiler. */
import type { Contestant, Found } from './contest.mjs'

export function compete(contestant: Contestant): Promise<Found>
