/** A race: launches that compute the same take turns, and each gets its usual time and how far that can be trusted. */
import type { Launch } from '../launch.ts'
import type { Stopwatch } from './stopwatch.ts'

/** The time of a launch. */
export interface Timing {
  /** Milliseconds: the median of all readings. */
  readonly ms: number
  /** Milliseconds that it may be off: half the distance between the quartiles, and half a tick at least. */
  readonly spread: number
}

/** Rounds, after a first reading of each. */
const ROUNDS = 7
/** Rounds that there are in any case: a spread needs three readings. */
const FEWEST_ROUNDS = 2
/** Milliseconds of a race after which no further round begins. */
const LONGEST_MS = 1000
/** Milliseconds of a launch that is not run more often than need be. */
const SLOW_MS = 50

/**
 * Times launches in turns, so that a machine that is busy or heats up slows all of them alike.
 *
 * The median, because both kinds of bad readings leave it alone: those that are too long, for others use the machine,
 * and those that are too short, for a clock was set back or rounded down. The shortest reading would be right only if a
 * clock never errs downwards.
 *
 * @returns undefined where the clock cannot tell how long one of them takes.
 */
export async function race(launches: readonly Launch[], watch: Stopwatch): Promise<Timing[] | undefined> {
  const end = watch.now() + LONGEST_MS
  const racers: { l: Launch; runs: number; readings: number[]; nonsense: number }[] = []
  for (const l of launches) {
    const reading = await watch.reading(l)
    if (!reading) return undefined
    racers.push({ l, runs: reading.runs, readings: [reading.ms], nonsense: 0 })
  }
  for (let round = 0; round < ROUNDS && (round < FEWEST_ROUNDS || watch.now() < end); round++) {
    const leader = Math.min(...racers.map(r => median(r.readings)))
    for (const r of racers) {
      const ms = median(r.readings)
      const slow = ms > SLOW_MS
      // One that is far behind is read a second time all the same: the first reading may have met a GPU that slept.
      if (ms > 2 * leader ? slow || round : slow && round >= FEWEST_ROUNDS) continue
      const again = await watch.again(r.l, r.runs)
      if (again === undefined) r.nonsense++
      else r.readings.push(again)
    }
  }
  if (racers.some(r => r.nonsense > r.readings.length)) return undefined
  return racers.map(({ runs, readings }) => ({
    ms: median(readings),
    spread: Math.max((quantile(readings, 0.75) - quantile(readings, 0.25)) / 2, watch.tick / 2 / runs),
  }))
}

/** The reading at a share of the way from the shortest to the longest, or the one beside it that is nearer an end. */
function quantile(readings: readonly number[], share: number): number {
  const at = share * (readings.length - 1)
  return readings.toSorted((a, b) => a - b)[share < 0.5 ? Math.floor(at) : Math.ceil(at)]!
}

/** Of an even number of readings the shorter one in the middle. */
const median = (readings: readonly number[]): number => readings.toSorted((a, b) => a - b)[(readings.length - 1) >> 1]!
