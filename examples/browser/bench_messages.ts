/** The messages between the panel Bench and its half in the worker. */
import type { Figures } from '../../bench/figures.ts'
import type { PeerRow } from '../../bench/peers/rows.ts'
import type { RungRow } from '../../bench/rungs.ts'
import type { Roofline } from '../../bench/share.ts'
import type { StepRow } from '../../bench/steps.ts'

/** Kernels to choose from: a word for the address, its title, and the ladders. */
export const KERNELS = {
  products: { title: 'convolutions and matrix products', wanted: /^(conv2d|matmul|winograd)/ },
  all: { title: 'all kernels', wanted: /./ },
  matmul: { title: 'matrix products', wanted: /^matmul/ },
  norm: { title: 'batch norm and softmax', wanted: /^(batch_norm|softmax)/ },
  none: { title: 'no kernels', wanted: undefined },
} as const
export type Kernels = keyof typeof KERNELS

/** All that the reader has chosen. */
export interface Wishes {
  readonly kernels: Kernels
  readonly quick: boolean
  readonly steps: readonly string[]
  /** Files of other libraries below the site, by their names. */
  readonly peers: Readonly<Record<string, string>>
  /** The adapter in the reader's words; '' takes the browser's. */
  readonly name: string
}

/** Told while it runs. */
export type BenchEvent =
  | { readonly kind: 'note'; readonly text: string }
  /** So many pieces are done, of so many. */
  | { readonly kind: 'progress'; readonly done: number; readonly all: number }
  | { readonly kind: 'roofline'; readonly roofline: Roofline }
  /** `of` is the number of the case in this run: two may look alike. */
  | { readonly kind: 'rungs'; readonly rows: readonly RungRow[]; readonly of: number }
  | { readonly kind: 'step'; readonly row: StepRow }
  | { readonly kind: 'peers'; readonly rows: readonly PeerRow[] }

/** The result of a run. */
export interface Found {
  readonly figures: Figures
  /** The error that has ended it early. */
  readonly problem?: string
}

/** A rung whose shader is asked for: the number of its case, and its label. */
export interface RungOf {
  readonly of: number
  readonly rung: string
}
