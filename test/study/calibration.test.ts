/** Calibration: answers fall into the right bins, and the error is that of Guo et al., equation 3. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { calibrationOf } from '../../src/study/evaluation/calibration.ts'

const t = suite('study/calibration')
const answers = (confidence: number, rights: number, wrongs: number) =>
  Array.from({ length: rights + wrongs }, (_, i) => ({ confidence, right: i < rights }))
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a}, not ${b}`)

t('the mean distance of accuracy and confidence, weighted by the images of each bin', () => {
  // |0.5 - 0.9| for 4 images of 10, |1 - 0.7| for 6.
  const { error, confidence, bins } = calibrationOf([...answers(0.9, 2, 2), ...answers(0.7, 6, 0)])
  near(error, 0.4 * 0.4 + 0.6 * 0.3)
  near(confidence, 0.4 * 0.9 + 0.6 * 0.7)
  assert.is(bins.length, 15)
  assert.equal(
    bins.flatMap((b, i) => (b.images ? [[i, b.images, b.accuracy]] : [])),
    [
      [10, 6, 1],
      [13, 4, 0.5],
    ],
  )
})

t('within a bin errors of both signs cancel; a model that knows how sure it may be has none', () => {
  near(calibrationOf([...answers(0.71, 1, 0), ...answers(0.69, 0, 1)], 2).error, 0.2)
  near(calibrationOf(answers(0.75, 3, 1)).error, 0)
})

t('a border belongs to the bin below; 0 and 1 have bins, too', () => {
  const bin = (confidence: number, count = 15) =>
    calibrationOf(answers(confidence, 1, 0), count).bins.findIndex(b => b.images)
  assert.equal(
    [0, 0.2, 0.2001, 0.6, 1 / 15, 1].map(v => bin(v)),
    [0, 2, 3, 8, 0, 14],
  )
  for (let i = 1; i <= 15; i++) assert.is(bin(i / 15), i - 1)
  assert.is(bin(0.3, 10), 2)
})

t.run()
