/** Types of workload.mjs, which peers read without a compiler. */
export interface Case {
  id: string
  op: 'matmul' | 'conv2d' | 'batchNorm' | 'addRelu'
  a?: number[]
  b?: number[]
  x?: number[]
  w?: number[]
  stride?: number
  padding?: number
  dilation?: number
  groups?: number
  flop?: number
  memory?: true
}
export type Input = [name: string, shape: number[], data: Float32Array<ArrayBuffer>]
export const CASES: Case[]
export const RESNET: { id: string; x: number[]; classes: number; lr: number }
export function numbers(shape: readonly number[], seed: number, scale?: number): Float32Array<ArrayBuffer>
export function inputsOf(c: Case): Input[]
export function outputOf(c: Case): number[]
export function dyOf(c: Case): Float32Array<ArrayBuffer>
export function resnet18(): Input[]
export function labels(): Uint32Array<ArrayBuffer>
