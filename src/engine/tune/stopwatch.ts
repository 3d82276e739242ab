/** Stopwatch: says how long a launch takes, by a clock that may be coarse, or notices that no clock can tell. */
import type { Launch } from '../launch.ts'
import type { Clocks } from './clocks.ts'

/**
 * Ticks that a reading spans. A reading is off by up to a tick, and by half a tick as a rule: 2.5 % of it. Two rungs
 * together are then off by no more than the 5 % that decide (fastest.ts).
 */
const TICKS = 20
/** Shortest reading in ms on a clock however fine: below it, what a pass costs counts for more than the launch. */
const SHORTEST_MS = 0.2
/** Longest reading in ms that is made longer still. */
const LONG_MS = 50
/** Most runs in a reading: what takes less than a tick then cannot be told on this clock. */
const MOST_RUNS = 1024
/** The host's clock counts what a submit costs, too: a reading is to be so many times that. */
const OVERHEADS = 4
/** Readings that differ by less, in ms, are the same: a float's rounding, not a tick. */
const SAME_MS = 1e-5
/** Readings that a new one is compared with, to see how finely the clock tells them apart. */
const MOST_RECENT = 64
/** Readings that make no sense, one after the other, after which the clock is not believed. */
const MOST_NONSENSE = 3

/** How a launch is read. */
export interface Reading {
  /** Runs in a reading, so that it spans many ticks. */
  readonly runs: number
  /** Milliseconds of a run. */
  readonly ms: number
}

export class Stopwatch {
  /** The host's clock, milliseconds. */
  readonly now: () => number
  readonly #clocks: Clocks
  /** The step of the host's clock, ms. Undefined where it stands still: then nothing bounds the measuring. */
  readonly #hostTick: number | undefined
  #byHost: boolean
  #overhead: number | undefined
  #tick = Infinity
  /** The latest readings, ms. */
  #recent: number[] = []

  constructor(clocks: Clocks) {
    this.now = clocks.now
    this.#clocks = clocks
    this.#hostTick = stepOf(clocks.now)
    this.#byHost = !clocks.timestamps
  }

  /** True where it goes by the host's clock, which counts what a submit costs, too. */
  get byHost(): boolean {
    return this.#byHost
  }

  /** True where the host's clock stands still. */
  get stopped(): boolean {
    return this.#hostTick === undefined
  }

  /**
   * The smallest difference between two readings so far, ms. Of a clock that is rounded it is the tick, or a few; of a
   * fine one it soon is next to nothing.
   */
  get tick(): number {
    return this.#tick
  }

  /** The clock in words. */
  get text(): string {
    return `${this.#byHost ? "the host's clock" : "the GPU's timestamps"} (fine to ${this.#tick.toPrecision(2)} ms)`
  }

  /** Leaves the GPU's timestamps for the host's clock, and says so. False where it goes by the host's already. */
  fallBack(): boolean {
    if (this.#byHost) return false
    console.warn("warning: the GPU's timestamps stand still or make no sense, so rungs are timed by the host's clock")
    this.#byHost = true
    this.#tick = Infinity
    this.#recent = []
    return true
  }

  /**
   * Finds how many runs of a launch span many ticks.
   * @returns undefined where the clock cannot tell: it stands still, talks nonsense, or ticks too slowly.
   */
  async reading(l: Launch): Promise<Reading | undefined> {
    if (this.#byHost && this.#overhead === undefined) this.#overhead = await this.#costOfNothing(l)
    for (let runs = 1, nonsense = 0; nonsense < MOST_NONSENSE; ) {
      const { ms, host } = await this.#read(l, runs)
      if (ms === undefined) {
        nonsense++
        continue
      }
      nonsense = 0
      // Empty passes show the tick, too. A launch that takes a second is not run twice for it: a driver may reset a GPU
      // that works for two.
      if (host > LONG_MS && this.#tick === Infinity) await this.#costOfNothing(l)
      const enough = Math.max(TICKS * this.#tick, SHORTEST_MS, OVERHEADS * (this.#overhead ?? 0))
      if (ms >= enough) return { runs: Math.ceil((runs * enough) / ms), ms: ms / runs }
      // A tick is known from the second reading on, and only another number of runs gives another one for sure.
      const known = this.#tick < Infinity
      if (runs === MOST_RUNS || (host > LONG_MS && (known || runs > 1)))
        return ms > 0 && known ? { runs, ms: ms / runs } : undefined
      const more = host > LONG_MS || (ms && !known) ? 2 : Math.min(8, Math.max(2, enough / ms))
      runs = Math.min(MOST_RUNS, Math.ceil(runs * more))
    }
    return undefined
  }

  /**
   * Milliseconds of a run, from one more reading. Undefined where the clock talks nonsense: so many runs have been seen
   * to take time, so none is nonsense, too.
   */
  async again(l: Launch, runs: number): Promise<number | undefined> {
    const { ms } = await this.#read(l, runs)
    return ms ? ms / runs : undefined
  }

  /** Timestamps that go backwards, or that count more than the host has waited, are nonsense. */
  async #read(l: Launch, runs: number): Promise<{ ms: number | undefined; host: number }> {
    const start = this.now()
    const stamps = await this.#clocks.run(l, runs)
    const host = this.now() - start
    const ms = this.#byHost ? host : stamps
    if (ms === undefined || !(ms >= 0 && ms <= 2 * (host + this.#hostTick!) + 1)) return { ms: undefined, host }
    for (const before of this.#recent) {
      const step = Math.abs(ms - before)
      if (step > SAME_MS) this.#tick = Math.min(this.#tick, step)
    }
    this.#recent = [ms, ...this.#recent.slice(0, MOST_RECENT - 1)]
    return { ms, host }
  }

  /** Milliseconds of a pass without a launch: the best of three. */
  async #costOfNothing(l: Launch): Promise<number> {
    let best = Infinity
    for (let i = 0; i < 3; i++) {
      const { host } = await this.#read(l, 0)
      best = Math.min(best, host)
    }
    return best
  }
}

/** Looks at a clock after which it stands still: a second of looking, where the slowest in use tick each 0.1 s. */
const MOST_LOOKS = 1e7

/** The smallest of three steps of a clock, as it is looked at all the time; undefined if it stands still. */
function stepOf(now: () => number): number | undefined {
  let smallest: number | undefined
  let before = now()
  for (let looks = 0, steps = 0; looks < MOST_LOOKS && steps < 3; looks++) {
    const after = now()
    if (after > before) {
      smallest = Math.min(smallest ?? Infinity, after - before)
      steps++
    }
    before = after
  }
  return smallest
}
