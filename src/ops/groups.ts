/** Sums over groups: a gradient that a kernel has left in parts, so that all of a machine had work. */
import { empty, launch } from '../engine/launch.ts'
import type { InGroups } from '../engine/tape.ts'
import { sizeOf, type Tensor } from '../engine/tensor.ts'
import { kernel } from '../gpu/kernel.ts'
import { spread } from '../gpu/params.ts'
import { sum } from './reduce.ts'

/** Sums in one launch: two bindings each, and WebGPU promises eight. */
export const AT_ONCE = 4

type Four = Record<'n0' | 'n1' | 'n2' | 'n3', number>

const four = kernel<Four>('reduce/groups.wgsl', ({ n0, n1, n2, n3 }: Four, { WG }: { WG: number }) =>
  spread([n0, n1, n2, n3].reduce((groups, n) => groups + Math.ceil(n / WG), 0)),
)

/** Each whole gradient: the groups (G,...) of a gradient (...) added up. Four of them are one launch. */
export function sumsOfGroups(list: readonly InGroups[]): Tensor[] {
  if (list.length !== AT_ONCE) return list.map(({ groups }) => sum(groups, [0]))
  const y = list.map(({ shape }) => empty(shape))
  const tensors = list.flatMap(({ groups }, i): [string, Tensor][] => [
    [`x${i}`, groups],
    [`y${i}`, y[i]!],
  ])
  const numbers = list.flatMap(({ groups, shape }, i): [string, number][] => [
    [`g${i}`, groups.shape[0]!],
    [`n${i}`, sizeOf(shape)],
  ])
  launch(four, Object.fromEntries(tensors), Object.fromEntries(numbers) as Four)
  return y
}
