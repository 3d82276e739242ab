/** The time of each rung of a ladder at one shape, and how far that is from the best that the adapter can do. */
import { prepare } from '../src/engine/launch.ts'
import { release } from '../src/engine/transfer.ts'
import { caseText } from '../src/engine/tune/cases.ts'
import { milliseconds } from '../src/engine/tune/clocks.ts'
import { compiled, inputsFor, rightOf } from '../src/engine/tune/measure.ts'
import type { Stopwatch } from '../src/engine/tune/stopwatch.ts'
import { labelOf, type Rung } from '../src/gpu/kernel.ts'
import { choose, rungsThatFit } from '../src/gpu/ladder.ts'
import { byWinograd } from '../src/ops/conv2d.ts'
import type { ConvShape } from '../src/ops/conv2d_shape.ts'
import type { BenchCase } from './cases.ts'
import { type Roofline, shareOf } from './share.ts'

/** A rung at a shape. */
export interface RungRow {
  readonly ladder: string
  readonly shape: string
  /** Launches of that ladder and shape in the step. */
  readonly count: number
  readonly rung: string
  /** A launch in the best of several rounds. */
  readonly ms: number
  /** Missing where the kernel does not count its multiplications and additions, or where memory bounds it. */
  readonly gflops?: number
  /** GB/s, if each tensor that the step's launch binds goes through memory once. */
  readonly gigabytes: number
  /** Share of the roofline: of its multiply-adds where the kernel counts them, else of its copying. */
  readonly ofPeak: number
  /** Times the first rung. */
  readonly speedUp: number
  /** The rung that ops take: by rule, or the tuner's where a plan has been tuned. */
  readonly chosen: boolean
  /** Its result is not that of the first rung. */
  readonly wrong?: true
  /** conv2d runs Winograd's kernels at this shape, and no rung of this ladder. */
  readonly winograd: boolean
}

/** By the host's clock a reading is to be this long: a submit and the way back cost up to some milliseconds. */
const HOST_SPAN_MS = 25
const MOST_RUNS = 1024

/** How thoroughly rungs are timed. */
export interface Care {
  readonly rounds: number
  /** Milliseconds: a rung that needs longer is not run again. */
  readonly slow: number
}
/** A busy machine is quiet in one round of so many. */
export const USUAL: Care = { rounds: 8, slow: 400 }
export const QUICK: Care = { rounds: 3, slow: 100 }

/**
 * Times every rung that fits and that the driver compiles, in turns, so that a busy machine slows all of them alike. A
 * launch is repeated until its time spans many ticks of the clock: browsers round what they tell of time.
 *
 * @returns undefined where no clock of this machine can tell how long one of them takes.
 */
export async function timeRungs(
  c: BenchCase,
  watch: Stopwatch,
  roofline: Roofline,
  care: Care,
): Promise<RungRow[] | undefined> {
  const { rounds, slow } = care
  const tensors = inputsFor(c, 0.1)
  const free = () => {
    for (const t of Object.values(tensors)) release(t)
  }
  try {
    const list = await compiled(rungsThatFit(c.ladder, c.params, { all: true }), c.params)
    const right = await rightOf(list, c)
    const launches = new Map(list.map(rung => [rung, prepare(c.ladder, tensors, c.params, rung)]))
    const best = new Map<Rung, number>()
    const runs = new Map<Rung, number>()
    for (const [rung, l] of launches) {
      // The first run compiles, and a clock of the host counts that, too.
      const ms = (await milliseconds(l)) > slow ? await milliseconds(l) : 0
      if (ms > slow) {
        best.set(rung, ms)
        continue
      }
      const reading = await watch.reading(l)
      // All rungs by one clock: once it is left, those before are timed again.
      if (!reading) {
        if (!watch.fallBack()) return undefined
        free() // before the same inputs are made once more
        return await timeRungs(c, watch, roofline, care)
      }
      let [n, each] = [reading.runs, reading.ms]
      while (watch.byHost && n * each < HOST_SPAN_MS && n < MOST_RUNS) {
        n = Math.min(MOST_RUNS, Math.max(2 * n, Math.ceil(HOST_SPAN_MS / each)))
        each = (await watch.again(l, n)) ?? each
      }
      best.set(rung, each)
      runs.set(rung, n)
    }
    for (let round = 1; round < rounds; round++)
      for (const [rung, n] of runs) {
        const ms = await watch.again(launches.get(rung)!, n)
        if (ms !== undefined) best.set(rung, Math.min(best.get(rung)!, ms))
      }
    const chosen = choose(c.ladder, c.params)
    const flop = c.ladder.memory ? undefined : c.ladder.flop?.(c.params)
    const winograd = c.ladder.name.startsWith('conv2d') && byWinograd(c.params as ConvShape)
    return list.map(rung => {
      const ms = best.get(rung)!
      const rates = { ...(flop ? { gflops: flop / ms / 1e6 } : {}), gigabytes: c.bytes / ms / 1e6 }
      return {
        ladder: c.ladder.name,
        shape: caseText(c),
        count: c.count,
        rung: labelOf(rung),
        ms,
        ...rates,
        ofPeak: shareOf(rates, roofline),
        speedUp: best.get(list[0]!)! / ms,
        chosen: rung === chosen,
        ...(right.includes(rung) ? {} : { wrong: true }),
        winograd,
      }
    })
  } finally {
    free()
  }
}
