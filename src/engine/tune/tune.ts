/**
 * The tuner. The fastest rung of a ladder depends on the adapter and on the shape, and no rule knows all of both. A new
 * plan therefore times the rungs that fit, once for each distinct launch, and keeps the winners in a cache. A rung
 * whose result differs from the first one's on the same data can never win.
 *
 * On by default on GPUs; TUNE=1 and TUNE=0 switch it on and off anywhere. For CPUs the rules in src/ops/ are measured
 * ones.
 */
import { machine } from '../../gpu/device.ts'
import type { Rung } from '../../gpu/kernel.ts'
import { choose, launchKey, pick, picks, rungsThatFit } from '../../gpu/ladder.ts'
import { switches } from '../../gpu/switches.ts'
import { compile, variant } from '../../gpu/variant.ts'
import type { Launch } from '../launch.ts'
import { sizeOf } from '../tensor.ts'
import { openCache } from './cache.ts'
import { type Case, casesOf, caseText, withFewerImages } from './cases.ts'
import { areFrozen } from './choices.ts'
import { measure, type Trial } from './measure.ts'

/** The cost of tuning in this process: shapes measured, known from the cache and left to the rules; seconds. */
export const tuning = { shapes: 0, seconds: 0, known: 0, left: 0 }

/** Longest that one plan is tuned; shapes that are not reached keep the rules' rung. */
const BUDGET_S = 20
/**
 * Arithmetic of a launch above which the first rung takes a second, on a CPU and on a small GPU, whose driver may take
 * it for hung. Such launches are measured with fewer images.
 */
const MOST_FLOP = { cpu: 4e9, gpu: 1e10 }
/** Another rung must be this much faster than the rules' one: below it the clock's noise would choose. */
const MARGIN = 0.95

const on = (): boolean => !switches.naive && (switches.tune ?? machine() === 'gpu')

/** With half precision allowed there are more rungs to measure, so what was measured without it says nothing. */
const cacheKey = ({ params }: Case): string => `${JSON.stringify(params)}${switches.f16 ? ' F16' : ''}`

/**
 * Picks the fastest rung for every launch that has a choice: from the run being repeated, from the cache, or by
 * measuring.
 */
export async function tune(launches: readonly Launch[]): Promise<void> {
  if (areFrozen() || !on()) return
  const start = performance.now()
  const cache = await openCache()
  const unknown = casesOf(launches).filter(
    c =>
      c.ladder.tuned !== false &&
      !picks.has(launchKey(c.ladder, c.params)) &&
      rungsThatFit(c.ladder, c.params).length > 1,
  )
  const cases: Case[] = []
  for (const c of unknown) {
    const name = (await cache.of(c.ladder))[cacheKey(c)]
    const rung = rungsThatFit(c.ladder, c.params).find(r => r.name === name)
    if (rung) {
      pick(c.ladder, c.params, rung)
      tuning.known++
    } else cases.push(c)
  }
  if (!cases.length) return
  await compile(cases.flatMap(c => rungsThatFit(c.ladder, c.params).map(r => variant(r, c.params))))
  // What costs most comes first: the budget may end before the list.
  const cost = (c: Case): number =>
    c.count * (c.ladder.flop?.(c.params) ?? Object.values(c.shapes).reduce((sum, s) => sum + sizeOf(s), 0))
  const lines: string[] = []
  for (const c of cases.sort((a, b) => cost(b) - cost(a))) {
    const sample = withFewerImages(c, MOST_FLOP[machine()])
    if (!sample || performance.now() - start > 1000 * BUDGET_S) {
      tuning.left++
      continue
    }
    const usual = choose(c.ladder, c.params)
    const trials = await measure(sample)
    const winner = fastest(trials, usual)
    pick(c.ladder, c.params, winner)
    const found = await cache.of(c.ladder)
    found[cacheKey(c)] = winner.name
    tuning.shapes++
    lines.push(row(c, trials, usual, winner))
  }
  await cache.save()
  tuning.seconds += (performance.now() - start) / 1000
  if (switches.profile) {
    console.log(
      `tuner: shape, times a step, ms of each rung (! wrong result, * winner, = the rules' rung where another ` +
        `won)\n${lines.join('\n')}\n`,
    )
  }
}

/** The rules' rung, unless another is faster by more than the noise. */
export function fastest(trials: readonly Trial[], usual: Rung): Rung {
  const right = trials.filter((t): t is { rung: Rung; ms: number } => t.ms !== undefined)
  if (!right.length) return usual // not even the first rung gave numbers: nothing can be said
  const best = right.reduce((a, b) => (b.ms < a.ms ? b : a))
  const ruled = right.find(t => t.rung === usual)
  return ruled && best.ms > MARGIN * ruled.ms ? usual : best.rung
}

function row(c: Case, trials: readonly Trial[], usual: Rung, winner: Rung): string {
  const cell = ({ rung, ms }: Trial): string => {
    const mark = rung === winner ? '*' : rung === usual ? '=' : ''
    return ms === undefined ? `${rung.name} !` : `${rung.name} ${ms.toFixed(3)}${mark}`
  }
  const head = `${c.ladder.name.padEnd(24)}${caseText(c).padEnd(40)}${`${c.count}`.padStart(3)}`
  return `${head}  ${trials.map(cell).join('   ')}`
}
