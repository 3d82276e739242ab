/** Statistics of repeated trainings: means, paired differences, and the one standard for an effect. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deviation, mean, pairedDifference, verdict, wilson } from '../../src/study/statistics.ts'

const t = suite('study/statistics')

t('mean and deviation', () => {
  assert.is(mean([1, 2, 6]), 3)
  assert.ok(Math.abs(deviation([1, 2, 6]) - Math.sqrt(7)) < 1e-12)
  assert.ok(Number.isNaN(deviation([1])))
})

t("paired differences: mean, Student's interval over seeds, bootstrap over images", () => {
  const run = (right: number): boolean[] => Array.from({ length: 100 }, (_, i) => i < right)
  const d = pairedDifference([run(70), run(74), run(72)], [run(60), run(60), run(66)])
  assert.ok(Math.abs(d.mean - 0.1) < 1e-12) // 10, 14 and 6 points
  const half = (4.303 * 0.04) / Math.sqrt(3)
  assert.ok(Math.abs(d.seeds[0] - (0.1 - half)) < 1e-9 && Math.abs(d.seeds[1] - (0.1 + half)) < 1e-9)
  assert.ok(d.images[0] > 0.03 && d.images[0] < 0.1 && d.images[1] > 0.1 && d.images[1] < 0.17)
  assert.equal(pairedDifference([run(50)], [run(50)]).images, [0, 0])
  assert.ok(Number.isNaN(pairedDifference([run(51)], [run(50)]).seeds[0]))
  const many = pairedDifference(
    Array.from({ length: 31 }, (_, s) => run(50 + (s % 2))),
    Array.from({ length: 31 }, () => run(50)),
  )
  const t30 = 2.0423 // beyond the table
  assert.ok(
    Math.abs(many.seeds[1] - many.mean - (t30 * 0.01 * Math.sqrt((31 / 30) * (15 / 31) * (16 / 31))) / Math.sqrt(31)) <
      1e-6,
  )
  assert.throws(() => pairedDifference([run(1)], [run(1), run(2)]), /same seeds and images/)
})

t('an effect: yes by both intervals, likely by one, else none seen', () => {
  const [above, below, around] = [
    [0.01, 0.05],
    [-0.05, -0.01],
    [-0.01, 0.05],
  ] as const
  const none = [NaN, NaN] as const // of one seed
  for (const [seeds, images, want] of [
    [above, above, 'yes'],
    [below, below, 'yes'],
    [above, around, 'likely'],
    [around, below, 'likely'],
    [none, above, 'likely'],
    [around, around, 'no effect seen'],
    [none, around, 'no effect seen'],
    [[0, 0.1], [-0.1, 0], 'no effect seen'], // 0 is in an interval that ends there
  ] as const)
    assert.is(verdict({ seeds, images }), want, `${seeds} and ${images}`)
})

t("Wilson's interval, as published by Newcombe (Statistics in Medicine 17, 1998, table I, method 3)", () => {
  for (const [right, images, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const)
    assert.equal(
      wilson(right, images).map(v => Number(v.toFixed(4))),
      [low, high],
    )
  const [low, high] = wilson(20, 20) // the mirror image of 0 of 20
  assert.equal([Number(low.toFixed(4)), high], [0.8389, 1])
  assert.equal(wilson(0, 0), [0, 1])
})

t.run()
