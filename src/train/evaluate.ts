/** The test accuracy of every head, each image counted once. */
import type { Batch } from '../data/batch.ts'
import type { Loader } from '../data/loader.ts'
import { Random } from '../engine/random.ts'
import { readAll } from '../engine/transfer.ts'
import { HEADS, type Head } from '../tasn/heads.ts'
import { type Answer, answersOfLogits } from './answers.ts'
import { noChanges } from './augmentation.ts'
import { overlapped, type Settle } from './overlap.ts'
import { type Report, unpack } from './report.ts'
import { feedBatch, type Inputs, type Runner } from './steps.ts'

/** Shares of right answers, of the heads that were tested. */
export type Accuracies = Partial<Record<Head, number>>

/** A test of all heads. */
export interface Tested {
  readonly accuracy: Record<Head, number>
  readonly images: number
  /** For each image, by its id, what the head that predicts, `sharedMaster`, said, and whether that was right. */
  readonly answers: readonly (Judged & { readonly id: number; readonly label: number })[]
}

/** An answer of the head that predicts, and whether it is right. */
export interface Judged extends Answer {
  readonly right: boolean
}

/** A test so far: with it, a test that was cut off goes on. */
export interface TestedSoFar {
  /** Batches that are done. */
  readonly batches: number
  /** Right answers of each head. */
  readonly correct: Readonly<Record<Head, number>>
  /** The answers of `sharedMaster`, in the loader's order. */
  readonly answers: readonly Judged[]
}

/** Logits that are not finite are no answer: their entry is NaN. */
const isRight = (v: number): boolean => v === 1

export const NOTHING_TESTED: TestedSoFar = { batches: 0, correct: countsOf(() => 0), answers: [] }

/**
 * Tests on the loader's samples, as they are, from where `sofar` left off. Yields after every batch. The last batch is
 * padded; padding does not count.
 *
 * @param settle as in overlapped(), by the batch.
 */
export async function* testing(
  { run }: Runner,
  inputs: Inputs,
  loader: Loader,
  sofar: TestedSoFar = NOTHING_TESTED,
  settle: Settle = () => false,
): AsyncGenerator<{ sofar: TestedSoFar; settled: boolean }, void, undefined> {
  const N = inputs.labels.size
  const change = noChanges(N)
  // The same picks at every evaluation: only the part heads see them, and their figures should be comparable.
  const random = new Random(0)
  const picks = () => Float32Array.from({ length: N }, () => random.next())
  for (let k = 0; k < sofar.batches; k++) picks()
  const launch = async (batch: Batch): Promise<{ correct: Report['correct']; answers: Answer[] }> => {
    feedBatch(inputs, batch, change, picks())
    const labels = batch.labels.slice(0, batch.count)
    const [packed, logits] = (await readAll(run())) as [Float32Array, Float32Array]
    return { correct: unpack(packed, N).correct, answers: answersOfLogits(logits, labels, logits.length / N) }
  }
  if (sofar.batches === loader.batches) return
  for await (const { result, settled } of overlapped(loader.epoch(0, sofar.batches), launch, settle)) {
    const { correct, answers } = result
    sofar = {
      batches: sofar.batches + 1,
      correct: countsOf(head => sofar.correct[head] + correct[head].subarray(0, answers.length).filter(isRight).length),
      answers: [...sofar.answers, ...answers.map((a, i) => ({ right: isRight(correct.sharedMaster[i]!), ...a }))],
    }
    yield { sofar, settled }
  }
}

/** A test that is done, in shares. */
export function testedOf({ correct, answers }: TestedSoFar, loader: Loader): Tested {
  const images = answers.length
  return {
    images,
    accuracy: countsOf(head => correct[head] / images),
    answers: loader.samples.map(({ id, label }, i) => ({ id, label, ...answers[i]! })),
  }
}

function countsOf(count: (head: Head) => number): Record<Head, number> {
  return Object.fromEntries(HEADS.map(head => [head, count(head)])) as Record<Head, number>
}
