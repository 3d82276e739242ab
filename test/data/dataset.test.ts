/** Images held out of the training side, to choose settings by. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { heldOut, type Sample } from '../../src/data/dataset.ts'

const t = suite('data/dataset')

t('held-out images: every sixth of each class, and never trained on', () => {
  const sample = (id: number, label: number): Sample => ({ id, file: `${id}.png`, label })
  const train = Array.from({ length: 26 }, (_, i) => sample(i, i % 2))
  const all = {
    dir: '',
    classes: [
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
    ],
    train,
    test: [sample(99, 0)],
    warnings: [],
  }
  const { train: kept, test, heldOut: marked } = heldOut(all)
  assert.ok(marked)
  assert.equal(
    test.map(s => s.id),
    [10, 11, 22, 23],
  )
  assert.throws(() => heldOut({ ...all, train: train.slice(0, 9) }), /--held-out tests on every sixth/)
  assert.equal(
    [...kept, ...test].map(s => s.id).sort((a, b) => a - b),
    train.map(s => s.id),
  )
})

t.run()
