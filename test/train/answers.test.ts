/** Answers out of logits. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answersOfLogits } from '../../src/train/answers.ts'

const t = suite('train/answers')
const answers = (logits: number[], labels: number[], K = 3) =>
  answersOfLogits(new Float32Array(logits), new Uint32Array(labels), K).map(a => Object.values(a))

t('the largest logit, its share by the softmax, and that of the label; rows behind the labels are padding', () => {
  const row = [Math.log(1), Math.log(7), Math.log(2)]
  assert.equal(answers([...row, ...row, 9, 0, 0], [1, 2]), [
    [1, 0.7, 0.7],
    [1, 0.7, 0.2],
  ])
})

t('of several that are largest the first; large logits do not overflow', () => {
  assert.equal(answers([0, 2, 2], [2]), [[1, 0.4683, 0.4683]])
  assert.equal(answers([-1e30, 1e30, 3e38], [0]), [[2, 1, 0]])
})

t('no answer where a logit is not a number', () => {
  assert.equal(answers([1, NaN, 2, 0, 0, 0], [0, 0]), [
    [-1, 0, 0],
    [0, 0.3333, 0.3333],
  ])
})

t.run()
