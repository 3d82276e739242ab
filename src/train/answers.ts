/** Answers of a classifier on the host: from logits to the class it names, and how sure it is. */
import type { HostTensor } from '../io/safetensors.ts'

/** The answer of the head that predicts to an image. Probabilities are rounded to four digits behind the point. */
export interface Answer {
  /** Index of the most probable class, the first of several; -1 where a logit is not a number. */
  readonly answer: number
  /** Its probability by the softmax, and that of the class in the label. */
  readonly confidence: number
  readonly labelConfidence: number
}

/** The answers to as many images as there are `labels`, by logits (N,K) of at least as many rows. */
export const answersOfLogits = (logits: Float32Array, labels: Uint32Array, K: number): Answer[] =>
  [...labels].map((label, n) => answerOf(logits.subarray(n * K, (n + 1) * K), label))

function answerOf(logits: Float32Array, label: number): Answer {
  let answer = 0
  for (let k = 1; k < logits.length; k++) if (logits[k]! > logits[answer]!) answer = k
  const powers = Float64Array.from(logits, v => Math.exp(v - logits[answer]!))
  const sum = powers.reduce((a, b) => a + b, 0)
  if (Number.isNaN(sum)) return { answer: -1, confidence: 0, labelConfidence: 0 }
  const share = (k: number) => Math.round(((powers[k] ?? 0) / sum) * 1e4) / 1e4
  return { answer, confidence: share(answer), labelConfidence: share(label) }
}

/** Answers, and a letter for each: 1 where it was right, else 0. */
interface Judged {
  readonly right: string
  readonly answers: readonly Answer[]
}

/** They as a tensor, a row for each answer. */
export function tensorOfAnswers({ right, answers }: Judged): HostTensor {
  const rows = answers.flatMap((a, i) => [Number(right[i]), a.answer, a.confidence, a.labelConfidence])
  return { shape: [answers.length, 4], data: Float32Array.from(rows) }
}

/** The way back, to the very numbers: a float32 has all four digits of a probability. */
export function answersIn({ shape: [rows], data }: HostTensor): Judged {
  const share = (v: number | undefined) => Math.round(v! * 1e4) / 1e4
  const at = (i: number) => ({
    answer: data[i + 1]!,
    confidence: share(data[i + 2]),
    labelConfidence: share(data[i + 3]),
  })
  const starts = Array.from({ length: rows! }, (_, n) => 4 * n)
  return { right: starts.map(i => data[i]).join(''), answers: starts.map(at) }
}
