/** Reports: all that a step tells, packed into one vector on the GPU, so that one read fetches it. */

import type { Tensor } from '../engine/tensor.ts'
import { read } from '../engine/transfer.ts'
import { gather, gathered } from '../ops/batch.ts'
import { HEADS, type Head, LOSS_TERMS, type LossTerm, type TasnResult } from '../tasn/heads.ts'

/** The report of a step of all parts on N images. */
export interface Report {
  readonly loss: number
  readonly terms: Record<LossTerm, number>
  /** For each head N ones and zeros. */
  readonly correct: Record<Head, Float32Array>
  /** Attention maps without anything in them, of N. */
  readonly emptyMaps: number
}

/** The numbers of a step under the names of metrics.jsonl; accuracies are shares of the batch. */
export type Numbers = { readonly loss: number } & Readonly<Record<string, number>>

/** A result on N images as one vector, which unpack() takes apart again. */
export const pack = ({ loss, terms, correct, emptyMaps }: TasnResult): Tensor =>
  gather([loss, ...LOSS_TERMS.map(t => terms[t]), ...HEADS.map(h => correct[h]), emptyMaps])

/** Reads a packed result of N images. The copy is enqueued before this returns: later launches do not change it. */
export const readReport = async (packed: Tensor, N: number): Promise<Report> => unpack(await read(packed), N)

/** A packed result of N images that has been read. */
export function unpack(packed: Float32Array, N: number): Report {
  const one = new Array<number>(1 + LOSS_TERMS.length).fill(1)
  const many = new Array<number>(HEADS.length + 1).fill(N)
  const [loss, ...rest] = gathered(packed, [...one, ...many])
  const terms = rest.slice(0, LOSS_TERMS.length).map(v => v[0]!)
  const correct = rest.slice(LOSS_TERMS.length)
  return {
    loss: loss![0]!,
    terms: Object.fromEntries(LOSS_TERMS.map((name, i) => [name, terms[i]!])) as Record<LossTerm, number>,
    correct: Object.fromEntries(HEADS.map((head, i) => [head, correct[i]!])) as Record<Head, Float32Array>,
    emptyMaps: correct.at(-1)!.reduce((a, b) => a + b, 0),
  }
}

/** The numbers of a packed result of N images, of the heads that there are and of their loss terms. */
export async function readNumbers(packed: Tensor, N: number, heads: readonly Head[]): Promise<Numbers> {
  const { loss, terms, correct, emptyMaps } = await readReport(packed, N)
  const there = LOSS_TERMS.filter(t => (t === 'soft' ? heads.includes('part') : heads.includes(t)))
  return {
    loss,
    ...Object.fromEntries(there.map(t => [`loss_${t}`, terms[t]])),
    ...Object.fromEntries(heads.map(h => [`accuracy_${h}`, average(correct[h])])),
    emptyMaps,
  }
}

/** The numbers of an attentionStep() on N images: its vector holds the loss, and N ones and zeros. */
export async function readAttentionNumbers(packed: Tensor, N: number): Promise<Numbers> {
  const [[loss], correct] = gathered(await read(packed), [1, N]) as [Float32Array, Float32Array]
  return { loss: loss!, loss_attention: loss!, accuracy_attention: average(correct) }
}

function average(v: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < v.length; i++) sum += v[i]!
  return sum / v.length
}
