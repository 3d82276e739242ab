/** True boxes on augmented images. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_CHANGE } from '../../src/ops/image.ts'
import { boxMaps } from '../../src/train/box_maps.ts'

const t = suite('train/box_maps')

t('the box goes where augment() takes the bird', () => {
  const box = Float32Array.of(0.5, 0.25, 1, 0.5)
  const at = (map: Float32Array, i: number, j: number) => map[4 * i + j]
  const inside = (change: readonly number[]) => {
    const m = boxMaps(box, Float32Array.from(change), [4, 4])
    return [...m.keys()].filter(i => m[i] === 1)
  }
  assert.equal(inside(NO_CHANGE), [6, 7]) // row 1, columns 2 and 3
  assert.equal(inside([-1, 0, 0, 0, 1, 0, 1, 1, 1]), [4, 5]) // mirrored: columns 0 and 1
  // Each place looks a quarter further right: the bird is a column further left.
  assert.equal(inside([1, 0, 0.5, 0, 1, 0, 1, 1, 1]), [5, 6])
  const none = boxMaps(new Float32Array(4), Float32Array.from(NO_CHANGE), [2, 2])
  assert.equal([...none], [1, 1, 1, 1])
  assert.ok(Math.abs(at(boxMaps(box, Float32Array.from(NO_CHANGE), [4, 4]), 0, 0)! - 0.12) < 1e-7)
})

t.run()
