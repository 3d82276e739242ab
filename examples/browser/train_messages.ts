/** The messages between the panel Train and its half in the worker. */
import type { Accuracies, Numbers } from '../../src/train/index.ts'
import type { View, WatchedBird } from './watched.ts'

/** An event of a training, as the page hears it. */
export type SessionEvent =
  | {
      readonly kind: 'step'
      readonly epoch: number
      readonly step: number
      readonly numbers: Numbers
      /** Images a second over the latest steps; undefined after the first of them. */
      readonly speed: number | undefined
    }
  | { readonly kind: 'test'; readonly batches: number; readonly of: number }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly accuracies: Accuracies }
  | { readonly kind: 'views'; readonly views: readonly View[] }

/** A training that is ready, as the page hears it. */
export interface Ready {
  readonly birds: readonly WatchedBird[]
  readonly training: number
  readonly test: number
  readonly parameters: number
  readonly epochs: number
  readonly attentionEpochs: number
  readonly stepsPerEpoch: number
  /** Kernels that a tuner has chosen for it elsewhere, and that are not to be had here. */
  readonly missingKernels: number
  /** The place of a training that goes on: epochs, steps of the next one, accuracies of the tests so far. */
  readonly done: { readonly epochs: number; readonly steps: number; readonly history: readonly Accuracies[] }
  readonly views: readonly View[]
}

/** The place at which a run() left the training. */
export interface Standing {
  readonly epochs: number
  readonly steps: number
  readonly finished: boolean
}

/** The files of a run folder. */
export interface RunFiles {
  readonly checkpoint: Uint8Array<ArrayBuffer>
  readonly config: string
  readonly model: Uint8Array<ArrayBuffer>
}
