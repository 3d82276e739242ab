/** A race: launches that compute the same take turns, and each gets its usual time and how far that can be trusted. */
import type { Launch } from '../launch.ts'
import type { Stopwatch } from './stopwatch.ts'

/** The time of a launch. */
export interface Timing {
  /** Milliseconds: the mean of the middle half of all readings. */
  readonly ms: number
  /** Milliseconds that it may be off: half the distance between the quartiles, and half a tick at least. */
  readonly spread: number
  /** The number of readings. One alone says nothing of its spread: such a launch was slow and far behind. */
  readonly readings: number
}

/** Rounds, after a first reading of each. */
const ROUNDS = 7
/** Rounds that there are in any case: a spread needs three readings. */
const FEWEST_ROUNDS = 2
/** Milliseconds of a race after which no further round begins. */
const LONGEST_MS = 1000
/** Milliseconds of a launch that is not run again where it is far behind. */
const SLOW_MS = 50

/**
 * Times launches in turns, so that a machine that is busy or heats up slows all of them alike.
 *
 * The mean of the middle half, because both kinds of bad readings are outside of it: those that are too long, for
 * others use the machine, and those that are too short, for a clock was set back or rounded down. The shortest reading
 * would be right only on a clock that never errs downwards. A median would be as robust, but on a rounded clock it is a
 * whole number of ticks, and a mean is not.
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
    const leader = Math.min(...racers.map(r => usual(r.readings)))
    for (const r of racers) {
      const ms = usual(r.readings)
      const behind = ms > 2 * leader
      // The first readings count for little, where more cost little: the GPU may have slept, a clock may have jumped.
      if (behind && (ms > SLOW_MS || round >= FEWEST_ROUNDS)) continue
      const again = await watch.again(r.l, r.runs)
      if (again === undefined) r.nonsense++
      else r.readings.push(again)
    }
  }
  if (racers.some(r => r.nonsense > r.readings.length)) return undefined
  return racers.map(({ runs, readings }) => ({
    ms: usual(readings),
    spread: Math.max(spread(readings), watch.tick / 2 / runs),
    readings: readings.length,
  }))
}

/** The mean of the middle half; of three the one in the middle, of two their mean. */
function usual(readings: readonly number[]): number {
  const cut = Math.floor((readings.length + 1) / 4)
  const middle = readings.toSorted((a, b) => a - b).slice(cut, readings.length - cut)
  return middle.reduce((sum, ms) => sum + ms, 0) / middle.length
}

/** Half the distance between the quartiles, or between the readings next to them on the outer side. */
function spread(readings: readonly number[]): number {
  const sorted = readings.toSorted((a, b) => a - b)
  const last = readings.length - 1
  return (sorted[Math.ceil(0.75 * last)]! - sorted[Math.floor(0.25 * last)]!) / 2
}
