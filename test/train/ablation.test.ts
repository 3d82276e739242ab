/** What the ablation rests on: paired statistics, true boxes on augmented images, and that attention's quality is measured right. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_CHANGE } from '../../src/ops/image.ts'
import { boxMaps } from '../../src/train/box_maps.ts'
import { deviation, mean, pairedDifference } from '../../src/train/statistics.ts'

const t = suite('train/ablation')

t('mean and deviation', () => {
  assert.is(mean([1, 2, 6]), 3)
  assert.ok(Math.abs(deviation([1, 2, 6]) - Math.sqrt(7)) < 1e-12)
  assert.ok(Number.isNaN(deviation([1])))
})

t('paired differences: mean, Student\'s interval over seeds, bootstrap over images', () => {
  const run = (right: number): boolean[] => Array.from({ length: 100 }, (_, i) => i < right)
  const d = pairedDifference([run(70), run(74), run(72)], [run(60), run(60), run(66)])
  assert.ok(Math.abs(d.mean - 0.1) < 1e-12) // 10, 14 and 6 points
  const half = 4.303 * 0.04 / Math.sqrt(3)
  assert.ok(Math.abs(d.seeds[0] - (0.1 - half)) < 1e-9 && Math.abs(d.seeds[1] - (0.1 + half)) < 1e-9)
  assert.ok(d.images[0] > 0.03 && d.images[0] < 0.1 && d.images[1] > 0.1 && d.images[1] < 0.17)
  assert.equal(pairedDifference([run(50)], [run(50)]).images, [0, 0])
  assert.ok(Number.isNaN(pairedDifference([run(51)], [run(50)]).seeds[0]))
  assert.throws(() => pairedDifference([run(1)], [run(1), run(2)]), /same seeds and images/)
})

t('the box goes where augment() takes the bird', () => {
  const box = Float32Array.of(0.5, 0.25, 1, 0.5), at = (map: Float32Array, i: number, j: number) => map[4 * i + j]
  const inside = (change: readonly number[]) => { const m = boxMaps(box, Float32Array.from(change), [4, 4]); return [...m.keys()].filter(i => m[i] === 1) }
  assert.equal(inside(NO_CHANGE), [6, 7])                            // row 1, columns 2 and 3
  assert.equal(inside([-1, 0, 0, 0, 1, 0, 1, 1, 1]), [4, 5])         // mirrored: columns 0 and 1
  assert.equal(inside([1, 0, 0.5, 0, 1, 0, 1, 1, 1]), [5, 6])        // each place looks a quarter further right: the bird is a column further left
  const none = boxMaps(new Float32Array(4), Float32Array.from(NO_CHANGE), [2, 2])
  assert.equal([...none], [1, 1, 1, 1])
  assert.ok(Math.abs(at(boxMaps(box, Float32Array.from(NO_CHANGE), [4, 4]), 0, 0)! - 0.12) < 1e-7)
})

t.run()
