/** The messages between page and worker. */
import type { AdapterInfo } from '../../src/index.ts'

/** The page opens the worker's device once, by its first message. */
export interface Opening {
  /** True: rungs are chosen as for a CPU, whatever the browser says of its adapter. */
  readonly software: boolean
}

/** A call of a panel's function. */
export interface Call {
  readonly id: number
  readonly panel: string
  readonly name: string
  readonly argument: unknown
}

/** The worker's answers: to the opening, and to calls by their numbers. */
export type Answer =
  | { readonly opened: AdapterInfo }
  | { readonly problem: string }
  | { readonly id: number; readonly event: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
