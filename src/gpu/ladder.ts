/** The choice of a rung: which ones this adapter can run, which are right for a launch, and which of those is taken. */
import { adapterInfo, machine } from './device.ts'
import { type Ladder, type Params, type Rung, rungNamed } from './kernel.ts'
import { maxGroups } from './params.ts'
import { switches } from './switches.ts'
import { constsOf } from './variant.ts'

const forced = new Map<string, Rung>()

/** For tests and benchmarks: within `body` the named ladder takes this rung wherever its result is right. */
export function withRung<T>(l: Ladder, name: string, body: () => T): T {
  const before = forced.get(l.name)
  forced.set(l.name, rungNamed(l, name))
  try {
    return body()
  } finally {
    if (before) forced.set(l.name, before)
    else forced.delete(l.name)
  }
}

/** Rungs that were measured to be best (engine/tune), by launchKey(). They come before the rules. */
export const picks = new Map<string, Rung>()

/** Tells the launches of all ladders apart. */
export const launchKey = (l: Ladder, p: Params): string => `${l.name} ${JSON.stringify(p)}`

export const pick = (l: Ladder, p: Params, rung: Rung): void => {
  picks.set(launchKey(l, p), rung)
}

/** Why this adapter cannot run a rung at all; undefined if it can. */
export function lacking({ needs }: Rung): string | undefined {
  const lanes = needs?.subgroup ?? 0
  if (lanes > adapterInfo.subgroup) return `needs subgroups of ${lanes} lanes, this adapter has ${adapterInfo.subgroup}`
  if (needs?.f16 && !adapterInfo.features.includes('shader-f16')) return 'needs shader-f16, which this adapter lacks'
  return undefined
}

/** Why a rung cannot be taken for a launch; undefined if it can. The first rung of a ladder takes everything. */
function obstacle(l: Ladder, rung: Rung, p: Params): string | undefined {
  if (rung === l.rungs[0]) return undefined
  const lack = lacking(rung)
  if (lack) return lack
  if (rung.right && !rung.right(p)) return 'is not right for these params'
  const grid = rung.grid(p, constsOf(rung))
  if (typeof grid === 'object' && grid.some(n => n > maxGroups())) return `needs more than ${maxGroups()} workgroups`
  return undefined
}

/** Why a rung that could be taken is not wanted; undefined if it is. */
const unasked = ({ needs }: Rung): string | undefined =>
  needs?.f16 && !switches.f16 ? 'is less exact, so it has to be asked for by F16=1' : undefined

/** Why the rules do not take a rung that could be taken; undefined if they do. */
function objection(rung: Rung, p: Params): string | undefined {
  if (rung.on && rung.on !== machine()) return `is made for a ${rung.on.toUpperCase()}`
  return rung.pays && !rung.pays(p, constsOf(rung)) ? 'does not pay here' : undefined
}

/** The rungs that may be taken for these params; with `all`, those too that have to be asked for. */
export const rungsThatFit = (l: Ladder, p: Params, { all = false } = {}): Rung[] =>
  l.rungs.filter(r => !obstacle(l, r, p) && (all || !unasked(r)))

/** True where launches of the ladder may now take any rung: no test, benchmark or switch has decided already. */
export const isFree = (l: Ladder): boolean => l.rungs.length > 1 && !forced.has(l.name) && !switches.naive

/** The rung for a launch, and why it. */
function decide(l: Ladder, p: Params): { rung: Rung; why: string } {
  const [first] = l.rungs
  const wish = forced.get(l.name)
  if (wish && !obstacle(l, wish, p)) return { rung: wish, why: 'asked for' }
  if (switches.naive) return { rung: first, why: 'KERNELS=naive' }
  const picked = picks.size ? picks.get(launchKey(l, p)) : undefined
  if (picked && !obstacle(l, picked, p) && !unasked(picked)) return { rung: picked, why: 'measured to be fastest' }
  const ruled = l.rungs.findLast(r => !obstacle(l, r, p) && !unasked(r) && !objection(r, p))
  return ruled ? { rung: ruled, why: 'the last that suits' } : { rung: first, why: 'takes everything' }
}

/**
 * The rung that is taken: what was asked for, else what was measured, else the last one that nothing speaks against.
 */
export const choose = <P extends Params>(l: Ladder<P>, p: P): Rung<P> =>
  l.rungs.length === 1 ? l.rungs[0] : (decide(l as unknown as Ladder, p).rung as Rung<P>)

/** For each rung why it is taken or not: DEBUG=1 prints it. */
export function explain(
  l: Ladder,
  p: Params,
): { readonly rung: Rung; readonly taken: boolean; readonly why: string }[] {
  const { rung: chosen, why } = decide(l, p)
  return l.rungs.map(rung => {
    const taken = rung === chosen
    const against = obstacle(l, rung, p) ?? unasked(rung) ?? objection(rung, p) ?? `${chosen.name} is preferred`
    return { rung, taken, why: taken ? why : against }
  })
}
