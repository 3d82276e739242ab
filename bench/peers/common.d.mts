/** Types of common.mjs, which peers read without a compiler. */
import type { Case, Input } from './workload.mjs'

export interface Made {
  forward(): Promise<void>
  both?(): Promise<void>
  read(part: 'forward' | 'both'): Promise<Record<string, Float32Array>>
  free?(): void
}
export interface Contestant {
  op(c: Case, inputs: Input[], dy: Float32Array<ArrayBuffer>): Promise<Made>
  resnet(): Promise<{ forward?(): Promise<number>; step?(): Promise<number> }>
  tiny?(): Promise<void>
  without?: { both: string; step: string }
}
export function compete(
  contestant: Contestant,
  inputs: (c: Case) => Input[],
  dy: (c: Case) => Float32Array<ArrayBuffer>,
): Promise<void>
