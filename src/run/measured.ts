/** plan.json and profile.json: the memory of a training step, launch by launch, and the times of kernels. */
import type { Plan } from '../engine/plan.ts'
import type { MemoryBytes } from '../engine/plan_memory.ts'
import { labelOf } from '../gpu/kernel.ts'
import type { Row } from '../gpu/profile.ts'

export const PLAN_FILE = 'plan.json'
export const PROFILE_FILE = 'profile.json'

/** plan.json: the step with all parts learning. For each launch its kernel, and the bytes alive while it runs. */
export interface PlanRecord {
  readonly images: number
  readonly memory: MemoryBytes
  readonly launches: readonly (readonly [kernel: string, alive: number])[]
}

/** Its text, a launch a line. @param images of a step. */
export function planText(plan: Plan, images: number): string {
  const launches = plan.launches.map((l, i) => JSON.stringify([labelOf(l.rung), plan.placed.alive[i]]))
  const { planned, unplanned, lowerBound } = plan.memory
  const head = JSON.stringify({ images, memory: { planned, unplanned, lowerBound } }).slice(0, -1)
  return `${head},\n"launches":[\n${launches.join(',\n')}\n]}\n`
}

/** An entry of profile.json: GPU time of a kernel in the process that ended the run, its tests included. */
export interface ProfileRow {
  readonly kernel: string
  readonly calls: number
  /** Calls without a time that makes sense: they are in none of the sums. */
  readonly untimed: number
  readonly ms: number
  readonly gflop: number
  /** The bytes of the tensors that were bound. */
  readonly gigabytes: number
}

/** The rows, slowest first. */
export const profileRows = (rows: ReadonlyMap<string, Row>): ProfileRow[] =>
  [...rows]
    .map(([kernel, { calls, untimed, ns, flop, bytes }]) => ({
      kernel,
      calls,
      untimed,
      ms: ns / 1e6,
      gflop: flop / 1e9,
      gigabytes: bytes / 1e9,
    }))
    .sort((a, b) => b.ms - a.ms)
