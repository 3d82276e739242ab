/**
 * Losses: against labels, against a teacher at a temperature, with and without a way back to the teacher; the count of
 * right answers.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import type { Random } from '../../src/engine/random.ts'
import { noGrad } from '../../src/engine/tape.ts'
import { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { scale } from '../../src/ops/elementwise.ts'
import { correct, crossEntropy, crossEntropyAndCorrect, softCrossEntropy, weightedSum } from '../../src/ops/loss.ts'
import { check, type Ref } from '../support/check.ts'

const rowsOf = ({ shape: [N, K], data }: Ref): number[][] =>
  Array.from({ length: N! }, (_, n) => [...data.slice(n * K!, (n + 1) * K!)])
/** log softmax(row / T) */
const logProbabilities = (row: number[], T = 1): number[] => {
  const largest = Math.max(...row)
  const total = row.reduce((s, v) => s + Math.exp((v - largest) / T), 0)
  return row.map(v => (v - largest) / T - Math.log(total))
}
const average = (values: number[]): number[] => [values.reduce((a, b) => a + b) / values.length]
const spread =
  (width: number) =>
  (random: Random, _: number, size: number): number[] =>
    Array.from({ length: size }, () => random.uniform(-width, width))
const labelsOf = (labels: number[]): Tensor => persistent([labels.length], Uint32Array.from(labels))

const t = suite('ops/loss')

t('cross-entropy against labels', async () => {
  for (const [N, K] of [
    [1, 1],
    [1, 2],
    [5, 7],
    [67, 3],
    [3, 131],
    [130, 16],
  ] as const) {
    const labels = Array.from({ length: N }, (_, n) => (n * 5 + 2) % K)
    const tensor = labelsOf(labels)
    await check(
      [[N, K]],
      x => crossEntropy(x!, tensor),
      ([x]) => average(rowsOf(x!).map((row, n) => -logProbabilities(row)[labels[n]!]!)),
      { inputs: spread(3) },
    )
  }
})

t('right answers, counted in the same launch', async () => {
  const x = persistent([4, 3], Float32Array.of(1, 2, 3, 5, 1, 1, 0, 2, 2, 1, NaN, 0))
  const labels = labelsOf([2, 1, 1, 0])
  const [both, alone] = scope(() => [crossEntropyAndCorrect(x, labels).correct, correct(x, labels)])
  assert.equal([...(await read(both!))], [1, 0, 1, NaN])
  assert.equal([...(await read(alone!))], [1, 0, 1, NaN])
})

t('a weighted sum of one to six terms, and its gradient', async () => {
  for (const weights of [[2], [1, -3], [0.5, 1, 0.5, 0, 2, 1]]) {
    await check(
      weights.map(() => [1]),
      (...terms) => weightedSum(terms.map((t, i) => [t!, weights[i]!])),
      terms => [terms.reduce((sum, { data }, i) => sum + weights[i]! * data[0]!, 0)],
    )
  }
  scope(() => {
    assert.throws(() => weightedSum([]), /weightedSum: one to six terms/)
    assert.throws(() => weightedSum([[empty([2]), 1]]), /of one number each, found \[2\]/)
    return []
  })
})

t('soft cross-entropy: gradients to student and teacher at every temperature', async () => {
  for (const T of [1, 2.5, 10]) {
    for (const [N, K] of [
      [1, 2],
      [5, 7],
      [67, 3],
      [3, 131],
    ] as const) {
      const ref = ([s, q]: Ref[]) =>
        average(
          rowsOf(s!).map((row, n) => {
            const log = logProbabilities(row, T)
            return -logProbabilities(rowsOf(q!)[n]!, T).reduce((sum, lq, k) => sum + Math.exp(lq) * log[k]!, 0)
          }),
        )
      for (const gradients of [[0, 1], [0], [1]]) {
        await check(
          [
            [N, K],
            [N, K],
          ],
          (s, q) => softCrossEntropy(s!, q!, T),
          ref,
          { inputs: spread(3 * T), gradients },
        )
      }
    }
  }
})

t('a detached teacher, or one from noGrad, gets no gradient, and the student the same', async () => {
  const make = (seed: number) => {
    const x = persistent(
      [2, 3],
      Float32Array.from({ length: 6 }, (_, i) => Math.sin(seed + i)),
    )
    x.requiresGrad = true
    return x
  }
  const student = make(1)
  const teacher = make(7)
  const run = (f: () => Tensor) => valueAndGrad(f, [student, teacher]).grads
  const open = run(() => softCrossEntropy(student, teacher, 10))
  const detached = run(() => softCrossEntropy(student, new Tensor(teacher.shape, teacher.storage), 10))
  const off = run(() =>
    softCrossEntropy(
      student,
      noGrad(() => scale(teacher, 1)),
      10,
    ),
  )
  assert.ok(open.has(teacher))
  for (const grads of [detached, off]) {
    assert.not(grads.has(teacher))
    assert.equal(await read(grads.get(student)!), await read(open.get(student)!))
  }
  assert.ok((await read(open.get(teacher)!)).some(v => v !== 0))
})

t('logits of 1e4 do not overflow', async () => {
  const x = persistent([2, 3], new Float32Array([1e4, -1e4, 0, 0, 1e4, 1e4]))
  const labels = labelsOf([1, 1])
  x.requiresGrad = true
  const { value, grads } = valueAndGrad(() => crossEntropy(x, labels), [x])
  assert.ok(Math.abs((await read(value))[0]! - (2e4 + Math.log(2)) / 2) < 1e-2)
  assert.equal([...(await read(grads.get(x)!))], [0.5, -0.5, 0, 0, -0.25, 0.25])
  const [soft] = scope(() => [softCrossEntropy(x, x, 1)])
  assert.ok(Math.abs((await read(soft))[0]! - Math.log(2) / 2) < 1e-6)
})

t('right answers; of equal logits the first counts', async () => {
  const x = persistent([6, 3], new Float32Array([1, 3, 2, 1, 3, 2, 5, 5, 1, 5, 5, 1, 0, 0, 0, -3, -2, -1]))
  const [y] = scope(() => [correct(x, labelsOf([1, 2, 0, 1, 0, 2]))])
  assert.equal([...(await read(y))], [1, 0, 1, 0, 1, 1])
  const many = persistent(
    [130, 2],
    Float32Array.from({ length: 260 }, (_, i) => ((i >> 1) % 3 ? i % 2 : 1 - (i % 2))),
  )
  const [z] = scope(() => [correct(many, labelsOf(new Array<number>(130).fill(1)))])
  assert.equal(
    [...(await read(z))],
    Array.from({ length: 130 }, (_, n) => Number(n % 3 !== 0)),
  )
})

t('a label that is no class makes its row NaN, loss and gradient, and no other', async () => {
  for (const label of [3, 4, 255, 0xffffffff]) {
    const x = persistent([2, 3], new Float32Array([1, 2, 3, 4, 5, 6]))
    const labels = persistent([2], Uint32Array.of(label, 0))
    x.requiresGrad = true
    const { value, grads } = valueAndGrad(() => crossEntropy(x, labels), [x])
    assert.ok(Number.isNaN((await read(value))[0]), `${label}`)
    const g = [...(await read(grads.get(x)!))]
    assert.ok(g.slice(0, 3).every(Number.isNaN) && g.slice(3).every(Number.isFinite), `${label}: ${g}`)
    const [y] = scope(() => [correct(x, labels)])
    assert.equal([...(await read(y))], [Number.NaN, 0])
  }
})

t('a row with a logit that is not a number is neither right nor wrong', async () => {
  const { NaN: nan } = Number
  const x = persistent([3, 3], new Float32Array([nan, 1, 2, 1, nan, 2, 0, 1, -Infinity]))
  const [y] = scope(() => [correct(x, labelsOf([0, 1, 1]))])
  assert.equal([...(await read(y))], [nan, nan, 1])
})

t('what does not fit is named', () => {
  scope(() => {
    assert.throws(
      () => crossEntropy(empty([4, 3]), empty([4])),
      /crossEntropy: labels must be 4 u32 numbers, found f32 \[4\]/,
    )
    assert.throws(() => correct(empty([4, 3]), empty([3], 'u32')), /correct: labels must be 4/)
    assert.throws(() => softCrossEntropy(empty([4, 3]), empty([3, 4]), 1), /student \[4,3\] and teacher \[3,4\] differ/)
    assert.throws(() => softCrossEntropy(empty([4, 3]), empty([4, 3]), 0), /temperature is above 0/)
    return []
  })
})

t.run()
