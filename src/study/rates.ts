/**
 * The learning rate of each group of arms: the best on held-out training images, of one run each. The test images
 * decide nothing.
 */
import type { Summary } from '../run/summary.ts'
import { type Extent, type RateGroup, rateGroup, rateOf, want } from './extent.ts'
import { diverged, finished, readJson } from './runs.ts'
import type { Wanted } from './wanted.ts'

/** Apart from the seeds that are reported. */
const SEARCH_SEED = 1000

const groupsOf = ({ arms }: Extent): RateGroup[] => [...new Set(arms.map(rateGroup))]

/** The runs to choose by; none where there is nothing to choose. */
export const searchRuns = (extent: Extent): Wanted[] =>
  extent.rates.length > 1
    ? groupsOf(extent).flatMap(group => extent.rates.map(lr => want(extent, group, lr, SEARCH_SEED, true)))
    : []

const accuracyOf = ({ folder }: Wanted): number => (readJson(folder, 'summary.json') as Summary).final.sharedMaster

/** The rates by what those runs have found, and a line on each choice. Without runs, the only one or the preset's. */
export function chooseRates(
  extent: Extent,
  search: readonly Wanted[],
): { rates: Map<RateGroup, number>; said: string[] } {
  const said: string[] = []
  const rates = new Map<RateGroup, number>()
  for (const group of groupsOf(extent)) {
    const tried = search
      .filter(w => w.arm === group && finished(w))
      .map(w => ({ lr: w.lr, diverged: diverged(w), accuracy: diverged(w) ? 0 : accuracyOf(w) }))
    if (tried.length === extent.rates.length && tried.every(t => t.diverged))
      throw new Error(`the arms of ${group} diverge by each rate tried: give lower ones by --rates`)
    if (tried.length)
      said.push(
        `learning rate of ${group}, by held-out images: ` +
          tried.map(t => `${t.lr}: ${(100 * t.accuracy).toFixed(1)} %${t.diverged ? ' (diverged)' : ''}`).join(', '),
      )
    const unchosen = extent.rates.length === 1 ? extent.rates[0]! : rateOf(extent.preset)
    rates.set(
      group,
      tried.length ? tried.reduce((a, b) => (a.diverged || b.accuracy > a.accuracy ? b : a)).lr : unchosen,
    )
  }
  return { rates, said }
}
