/** The five heads of TASN, the six terms of its loss, and a step's result. */

import type { Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'
import { crossEntropyAndCorrect, weightedSum } from '../ops/loss.ts'

/**
 * The five classifications of an image:
 *
 * - `attention`: the attention net's own head, on the image as that net sees it;
 * - `part`: part-net's head, on the detail sample; the teacher of the distillation;
 * - `master`: master-net's head, on the structure sample; the student of the distillation;
 * - `sharedPart`, `sharedMaster`: one head on both samples. `sharedMaster` is the one that predicts.
 *
 * So distillation trains `master`, while test accuracy is measured on `sharedMaster`, as in the published code
 * (researchmm/tasn, model.py: the separate heads are for distilling, the shared one for the final prediction). What the
 * student learns reaches the predictions through the ResNet under both heads.
 */
export const HEADS = ['attention', 'part', 'master', 'sharedPart', 'sharedMaster'] as const
export type Head = (typeof HEADS)[number]

/** The terms of the loss: a cross-entropy for every head, and the distillation from `part` to `master`. */
export const LOSS_TERMS = [...HEADS, 'soft'] as const
export type LossTerm = (typeof LOSS_TERMS)[number]

/** A batch of N images, classified and compared with its labels. */
export interface TasnResult {
  /** The weighted sum of the terms, [1]. */
  readonly loss: Tensor
  /** Each term unweighted, [1]; zero where the recogniser has no such head. */
  readonly terms: Readonly<Record<LossTerm, Tensor>>
  /** For each head (N): 1 where its answer is right, else 0. */
  readonly correct: Readonly<Record<Head, Tensor>>
  /** Logits (N,classes) of the head that predicts, `sharedMaster`. */
  readonly logits: Tensor
  /**
   * (N): 1 where the structure map held nothing above zero, so that the sample is a plain resize; NaN where it held
   * something that is not finite, and the sample is NaN; else 0.
   */
  readonly emptyMaps: Tensor
}

/**
 * The result for labels (N) and the logits (N,classes) of those heads that a recogniser has. Missing heads have no part
 * in the loss, nor have terms of weight 0.
 *
 * @param soft the distillation, [1], where there is one.
 */
export function resultOf(
  weights: Readonly<Record<LossTerm, number>>,
  labels: Tensor,
  logits: Partial<Record<Head, Tensor>> & { readonly sharedMaster: Tensor },
  emptyMaps: Tensor,
  soft?: Tensor,
): TasnResult {
  const zero = constant([1], 0)
  const wrong = constant([labels.size], 0)
  const found = forEachHead(head =>
    logits[head] ? crossEntropyAndCorrect(logits[head], labels) : { loss: zero, correct: wrong },
  )
  const terms = { ...forEachHead(head => found[head].loss), soft: soft ?? zero }
  return {
    loss: weightedSum(
      LOSS_TERMS.filter(t => weights[t] !== 0 && (t === 'soft' ? soft : logits[t])).map(t => [terms[t], weights[t]]),
    ),
    terms,
    correct: forEachHead(head => found[head].correct),
    logits: logits.sharedMaster,
    emptyMaps,
  }
}

const forEachHead = <T>(f: (head: Head) => T): Record<Head, T> =>
  Object.fromEntries(HEADS.map(h => [h, f(h)])) as Record<Head, T>
