/** Cross-entropy against labels or against another network's probabilities, and the count of right answers. */
import { empty, launch } from '../engine/launch.ts'
import { record, recordConstant } from '../engine/tape.ts'
import { axes, check, type Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'
import { kernel } from '../gpu/kernel.ts'
import { scale } from './elementwise.ts'
import { put } from './put.ts'
import { softmax } from './softmax.ts'

type Rows = { N: number; K: number }
type SoftRows = Rows & { temperature: number }
const rows = ({ N }: Rows): number => N
const oneWorkgroup = () => [1, 1, 1] as const
const hard = kernel<SoftRows>('loss/cross_entropy_hard.wgsl', oneWorkgroup)
const hardBackward = kernel<SoftRows & { ADD: number }>('loss/cross_entropy_hard_backward.wgsl', rows)
const soft = kernel<SoftRows>('loss/cross_entropy_soft.wgsl', oneWorkgroup)
const softBackward = kernel<SoftRows & { ADD: number }>('loss/cross_entropy_soft_backward.wgsl', rows)
const correctRows = kernel('loss/correct.wgsl', rows)

/**
 * Mean over the batch of -log softmax(logits)[label]: logits (N,K), labels (N) u32.      dlogits = (softmax - one-hot)
 * / N. A label that is no class, K or more, makes the loss NaN, and the gradient of its row: a GPU cannot throw.
 */
export const crossEntropy = (logits: Tensor, labels: Tensor): Tensor => crossEntropyAndCorrect(logits, labels).loss

/** crossEntropy() and correct() in one launch. */
export function crossEntropyAndCorrect(logits: Tensor, labels: Tensor): { loss: Tensor; correct: Tensor } {
  const [N, K] = logitAxes('crossEntropy', logits, labels)
  const loss = empty([1])
  const correct = empty([N])
  const shape = { N, K, temperature: 1 }
  launch(hard, { x: logits, labels, loss, correct }, shape)

  return {
    loss: record('crossEntropy', loss, [logits], (dloss, take) => {
      const dx = empty(logits.shape)
      const { so_far, ADD } = put(take(0))
      launch(hardBackward, { x: logits, labels, dloss, dx, so_far }, { ...shape, ADD })
      return [dx]
    }),
    correct: recordConstant('correct', correct, [logits]),
  }
}

/**
 * Mean over the batch of -sum_k q_k log softmax(student / T)_k with q = softmax(teacher / T): both (N,K).
 * No factor T², as in TASN; Hinton et al. 2015 multiply by it. The teacher's gradient flows through q like through any
 * other op; to keep it off the teacher, pass detached(teacher).
 */
export function softCrossEntropy(student: Tensor, teacher: Tensor, temperature: number): Tensor {
  const [N, K] = axes('softCrossEntropy', 'student', student, 'N K')
  check(
    `${teacher.shape}` === `${student.shape}`,
    () => `softCrossEntropy: student [${student.shape}] and teacher [${teacher.shape}] differ`,
  )
  check(temperature > 0, () => `softCrossEntropy: a temperature is above 0, found ${temperature}`)
  const targets = softmax(teacher, 1, 1 / temperature)
  const loss = empty([1])
  const shape = { N, K, temperature }
  launch(soft, { x: student, targets, loss }, shape)

  return record('softCrossEntropy', loss, [student, targets], (dloss, take) => {
    const dx = student.requiresGrad ? empty(student.shape) : null
    const { so_far, ADD } = put(dx ? take(0) : undefined)
    if (dx) launch(softBackward, { x: student, targets, dloss, dx, so_far }, { ...shape, ADD })
    return [dx, targets.requiresGrad ? gradTargets(student, dloss, temperature) : null]
  })
}

/** d loss / d targets = -log softmax(student / T) / N. */
function gradTargets(student: Tensor, dloss: Tensor, temperature: number): Tensor {
  const dq = empty(student.shape)
  const [N, K] = student.shape as [number, number]
  launch(softTargets, { x: student, dloss, dq }, { N, K, temperature })
  return dq
}
const softTargets = kernel<SoftRows>('loss/cross_entropy_soft_targets.wgsl', rows)

/**
 * (N) ones and zeros: whether the largest logit is the label's. NaN where a logit of the row is, and where the label is
 * no class. Not differentiable: a gradient that is wanted through it throws.
 */
export function correct(logits: Tensor, labels: Tensor): Tensor {
  const [N, K] = logitAxes('correct', logits, labels)
  const y = empty([N])
  launch(correctRows, { x: logits, labels, correct: y }, { N, K })
  return recordConstant('correct', y, [logits])
}

const weightedSumKernel = kernel('loss/weighted_sum.wgsl', oneWorkgroup)

/** y = the sum of weight * term over terms of one number each, at most six.      dterm = weight * dy. */
export function weightedSum(terms: readonly (readonly [term: Tensor, weight: number])[]): Tensor {
  check(
    terms.length >= 1 && terms.length <= 6 && terms.every(([t]) => t.size === 1),
    () => `weightedSum: one to six terms of one number each, found ${terms.map(([t]) => `[${t.shape}]`).join(', ')}`,
  )
  const y = empty([1])
  const six = [0, 1, 2, 3, 4, 5].map(i => terms[i] ?? ([constant([1], 0), 0] as const))
  const tensors = Object.fromEntries(six.map(([t], i) => [`t${i}`, t]))
  const weights = Object.fromEntries(six.map(([, weight], i) => [`w${i}`, weight]))
  launch(weightedSumKernel, { ...tensors, y }, weights)

  return record(
    'weightedSum',
    y,
    terms.map(([t]) => t),
    dy => {
      // Terms of one weight share one gradient.
      const scaled = new Map([[1, dy]])
      const isOne = dy === constant([1], 1) // as for a loss itself
      return terms.map(([t, weight]) => {
        if (!t.requiresGrad) return null
        const d = scaled.get(weight) ?? (isOne ? constant([1], weight) : scale(dy, weight))
        scaled.set(weight, d)
        return d
      })
    },
  )
}

function logitAxes(op: string, logits: Tensor, labels: Tensor): [number, number] {
  const [N, K] = axes(op, 'logits', logits, 'N K')
  check(
    labels.dtype === 'u32' && labels.size === N,
    () => `${op}: labels must be ${N} u32 numbers, found ${labels.dtype} [${labels.shape}]`,
  )
  return [N, K]
}
