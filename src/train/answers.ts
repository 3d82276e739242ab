/** Answers of a classifier on the host: from logits to the class it names, and how sure it is. */

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
