/** Cases: the distinct launches of a step, as what is measured of them. */
import type { Ladder, Params } from '../../gpu/kernel.ts'
import { launchKey } from '../../gpu/ladder.ts'
import type { Launch } from '../launch.ts'
import { type Shape, sizeOf } from '../tensor.ts'

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

/** The launch with so many images (or matrices); itself, where it has no more or none that can be counted. */
export function withImages(c: Case, N: number): Case {
  const { batch } = c.ladder
  if (!batch || c.params[batch.axis]! <= N) return c
  const { axis, tensors, groups } = batch
  const params = { ...c.params, [axis]: N, ...(groups && { [groups.axis]: Math.min(c.params[groups.axis]!, N) }) }
  const smaller = ([name, shape]: [string, Shape]): [string, Shape] => {
    const counted = tensors.includes(name) ? axis : groups?.tensor === name ? groups.axis : ''
    return [name, shape[0] === c.params[counted] ? [params[counted]!, ...shape.slice(1)] : shape]
  }
  return { ...c, params, shapes: Object.fromEntries(Object.entries(c.shapes).map(smaller)) }
}

/** FLOP that a GPU does while it moves a number of four bytes, at some 50 a byte. */
const FLOP_A_NUMBER = 200

/** The cost of a launch in FLOP; of kernels that do not count theirs, the cost of moving their tensors. */
export const workOf = ({ ladder, params, shapes }: Case): number =>
  ladder.flop?.(params) ?? FLOP_A_NUMBER * Object.values(shapes).reduce((sum, s) => sum + sizeOf(s), 0)

/**
 * The launch with as many images as stay below `most` floating-point operations; undefined if one alone is more.
 */
export function withFewerImages(c: Case, most: number): Case | undefined {
  const { batch } = c.ladder
  const work = workOf(c)
  if (work <= most || !batch) return c
  const N = Math.floor((c.params[batch.axis]! * most) / work)
  return N < 1 ? undefined : withImages(c, N)
}

/**
 * A case's shapes for the reader: `8x64x56x56 -> 64, 3x3 /2 dilated 2`, `32 of 24x144 by 144x24`, or the first
 * tensor's.
 */
export const caseText = ({ ladder, params, shapes }: Pick<Case, 'ladder' | 'params' | 'shapes'>): string =>
  ladder.text?.(params) ?? Object.values(shapes)[0]!.join('x')
