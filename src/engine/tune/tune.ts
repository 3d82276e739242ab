/**
 * The tuner. The fastest rung of a ladder depends on the adapter and on the shape, and no rule knows all of both. A new
 * plan therefore times the rungs that fit, once for each distinct launch, and keeps the winners in a cache. A rung
 * whose result differs from the first one's on the same data can never win.
 *
 * On by default on GPUs; TUNE=1 and TUNE=0 switch it on and off anywhere. For CPUs the rules in src/ops/ are measured
 * ones.
 */
import { machine, OutOfDeviceMemory, onClose } from '../../gpu/device.ts'
import type { Rung } from '../../gpu/kernel.ts'
import { choose, launchKey, pick, picks, rungsThatFit } from '../../gpu/ladder.ts'
import { switches } from '../../gpu/switches.ts'
import type { Launch } from '../launch.ts'
import { openCache } from './cache.ts'
import { type Case, casesOf, caseText, withFewerImages, workOf } from './cases.ts'
import { areFrozen } from './choices.ts'
import { machineClocks } from './clocks.ts'
import { fastest, type Trial } from './fastest.ts'
import { candidates, measure } from './measure.ts'
import { Stopwatch } from './stopwatch.ts'

/** The cost of tuning on this device: shapes measured, known from the cache and left to the rules; seconds. */
export const tuning = { shapes: 0, seconds: 0, known: 0, left: 0 }

/** Longest that one plan is tuned, with the compiling for it; shapes that are not reached keep the rules' rung. */
const BUDGET_S = 20
/**
 * Arithmetic of a launch above which the first rung takes a second, on a CPU and on a small GPU, whose driver may take
 * it for hung. Such launches are measured with fewer images first.
 */
const MOST_FLOP = { cpu: 4e9, gpu: 1e10 }

const on = (): boolean => !switches.naive && (switches.tune ?? machine() === 'gpu')

/** With half precision allowed there are more rungs to measure, so what was measured without it says nothing. */
const cacheKey = ({ params }: Case): string => `${JSON.stringify(params)}${switches.f16 ? ' F16' : ''}`

let stopwatch: Stopwatch | undefined
onClose(() => {
  stopwatch = undefined
  Object.assign(tuning, { shapes: 0, seconds: 0, known: 0, left: 0 })
})
let queue = Promise.resolve()

/**
 * Picks the fastest rung for every launch that has a choice: from the run being repeated, from the cache, or by
 * measuring. One plan after the other, for two at a time would slow each other.
 * @param watch for tests; else one that goes by this machine's clocks.
 */
export function tune(launches: readonly Launch[], watch?: Stopwatch): Promise<void> {
  const mine = queue.then(() => tuneNext(launches, watch))
  queue = mine.catch(() => {}) // its own caller hears of it
  return mine
}

async function tuneNext(launches: readonly Launch[], given?: Stopwatch): Promise<void> {
  if (areFrozen() || !on()) return
  const cache = await openCache()
  const cases: Case[] = []
  for (const c of casesOf(launches)) {
    const { ladder, params } = c
    if (ladder.tuned === false || picks.has(launchKey(ladder, params)) || candidates(c).length < 2) continue
    const name = (await cache.of(ladder))[cacheKey(c)]
    const rung = rungsThatFit(ladder, params).find(r => r.name === name)
    if (rung) {
      pick(ladder, params, rung)
      tuning.known++
    } else cases.push(c)
  }
  if (!cases.length) return
  stopwatch ??= given ? undefined : new Stopwatch(machineClocks)
  const watch = given ?? stopwatch!
  if (watch.stopped) {
    tuning.left += cases.length
    warnOnce("the host's clock stands still, so rungs cannot be timed: the rules choose them")
    return
  }
  const start = watch.now()
  const until = start + 1000 * BUDGET_S
  // What costs most comes first: the budget may end before the list.
  const cost = (c: Case): number => c.count * workOf(c)
  const lines: string[] = []
  for (const c of cases.sort((a, b) => cost(b) - cost(a))) {
    const cut = watch.now() < until ? withFewerImages(c, MOST_FLOP[machine()]) : undefined
    let full = false
    const trials =
      cut &&
      (await measure(c, watch, cut).catch((error: unknown) => {
        if (!(error instanceof OutOfDeviceMemory)) throw error
        full = true
        return undefined
      }))
    if (full) warnOnce('the GPU has not the memory to time some launches, so the rules choose their rungs')
    else if (cut && !trials)
      warnOnce('no clock here is fine enough to time each launch, so the rules choose some rungs')
    if (!trials) {
      tuning.left++
      continue
    }
    const usual = choose(c.ladder, c.params)
    const winner = fastest(trials, usual)
    pick(c.ladder, c.params, winner)
    const found = await cache.of(c.ladder)
    found[cacheKey(c)] = winner.name
    tuning.shapes++
    lines.push(row(c, trials, usual, winner))
  }
  await cache.save()
  tuning.seconds += (watch.now() - start) / 1000
  if (switches.profile) {
    console.log(
      `tuner, by ${watch.text}: shape, times a step, ms of each rung ± its spread, or read once ` +
        `(! wrong result, * winner, = the rules' rung where another won)\n${lines.join('\n')}\n`,
    )
  }
}

const told = new Set<string>()
function warnOnce(text: string): void {
  if (!told.has(text)) console.warn(`warning: ${text}`)
  told.add(text)
}

/** A line of the PROFILE=1 table. */
export function row(c: Case, trials: readonly Trial[], usual: Rung, winner: Rung): string {
  const cell = ({ rung, timing }: Trial): string => {
    if (!timing) return `${rung.name} !`
    const { ms, spread, readings } = timing
    const mark = rung === winner ? '*' : rung === usual ? '=' : ''
    const share = readings > 1 ? ` ±${Math.ceil((100 * spread) / ms)}%` : ' once'
    return `${rung.name} ${ms < 10 ? ms.toPrecision(3) : ms.toFixed(1)}${share}${mark}`
  }
  const head = `${c.ladder.name.padEnd(24)}${caseText(c).padEnd(40)}${`${c.count}`.padStart(3)}`
  return `${head}  ${trials.map(cell).join('   ')}`
}
