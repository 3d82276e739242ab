/** Cases: the distinct launches of a step, as what is measured of them. */
import type { Ladder, Params } from '../../gpu/kernel.ts'
import { launchKey } from '../../gpu/ladder.ts'
import type { Launch } from '../launch.ts'
import type { Shape } from '../tensor.ts'

/** A launch to measure: a ladder, its params, the shapes of its tensors, and how often the step has it. */
export interface Case {
  readonly ladder: Ladder
  readonly params: Params
  readonly shapes: Readonly<Record<string, Shape>>
  count: number
}

/** The distinct ladder launches among these that were free to take any rung. */
export function casesOf(launches: readonly Launch[]): Case[] {
  const found = new Map<string, Case>()
  for (const { ladder, params, tensors, free } of launches) {
    if (!free) continue
    const key = launchKey(ladder, params)
    const known = found.get(key)
    if (known) known.count++
    else
      found.set(key, {
        ladder,
        params,
        count: 1,
        shapes: Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.shape])),
      })
  }
  return [...found.values()]
}

/**
 * The launch with as many images (or matrices) as stay below `most` floating-point operations; undefined if one alone
 * is more.
 */
export function withFewerImages(c: Case, most: number): Case | undefined {
  const { flop, batch } = c.ladder
  const work = flop?.(c.params) ?? 0
  if (work <= most || !batch) return c
  const images = c.params[batch.axis]!
  const N = Math.floor((images * most) / work)
  if (N < 1) return undefined
  const groups = batch.groups && Math.min(c.params[batch.groups.axis]!, N)
  const smaller = ([name, shape]: [string, Shape]): [string, Shape] => {
    if (batch.tensors.includes(name) && shape[0] === images) return [name, [N, ...shape.slice(1)]]
    if (batch.groups?.tensor === name && shape[0] === c.params[batch.groups.axis])
      return [name, [groups!, ...shape.slice(1)]]
    return [name, shape]
  }
  return {
    ...c,
    params: { ...c.params, [batch.axis]: N, ...(batch.groups ? { [batch.groups.axis]: groups! } : {}) },
    shapes: Object.fromEntries(Object.entries(c.shapes).map(smaller)),
  }
}

/**
 * A case's shapes for the reader: `8x64x56x56 -> 64, 3x3 /2 dilated 2`, `32 of 24x144 by 144x24`, or the first
 * tensor's.
 */
export const caseText = ({ ladder, params, shapes }: Pick<Case, 'ladder' | 'params' | 'shapes'>): string =>
  ladder.text?.(params) ?? Object.values(shapes)[0]!.join('x')
