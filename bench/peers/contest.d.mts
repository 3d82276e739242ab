/** Types of contest.mjs, which peers read without a compiler. */
import type { Case, Input } from './workload.mjs'

export interface Made {
  forward(): Promise<void>
  both?(): Promise<void>
  read(part: 'forward' | 'both'): Promise<Record<string, Float32Array>>
  free?(): void
}
export interface Contestant {
  op(c: Case, inputs: Input[], dy: Float32Array<ArrayBuffer>): Promise<Made>
  resnet(): Promise<{ forward?(): Promise<number>; step?(): Promise<number>; free?(): void }>
  tiny?(): Promise<void>
  without?: { both: string; step: string }
}
/** A measured case, or why there is no figure. `wrong`: results that differ from the first contestant's. */
export interface Cell {
  ms?: number
  runs?: number
  wrong?: string[]
  why?: string
}
export type Found = Record<string, { forward?: Cell; both?: Cell }>
export interface Rules {
  wanted(id: string): boolean
  runs: number
  store: { get(name: string): Float32Array | undefined; set(name: string, numbers: Float32Array): void }
  report(found: Found): unknown
}
export function contest(contestant: Contestant, rules: Rules): Promise<Found>
