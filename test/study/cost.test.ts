/** The cost of recognition. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { flopAtTest } from '../../src/study/cost.ts'
import { type ArmName, chooseArm } from '../../src/train/arms.ts'
import { setVariable } from '../support/variable.ts'

const t = suite('study/cost')

t('of the network that each arm uses at test time', () => {
  const cost = (arm: ArmName) => flopAtTest({ ...chooseArm(arm, 'tiny', {}).model, classes: 16 })
  const before = stats.bytes
  const [plain, mid, box, tasn, mirror] = (['plain', 'plain-mid', 'true-box', 'tasn', 'mirror-test'] as const).map(
    cost,
  ) as [number, number, number, number, number]
  assert.is(plain, box)
  const head = 2 * 64 * 16 // the last layer does not see how large the image is
  assert.is(mid - head, 4 * (plain - head))
  assert.is(mirror, tasn + plain)
  assert.is(stats.bytes, before)
})

t("at the paper's size, every product counted: the classifier, TASN, and the classifier on the whole image", () => {
  const putBack = setVariable('KERNELS', 'naive') // Winograd's algorithm makes fewer products
  try {
    const cost = (arm: ArmName) => flopAtTest({ ...chooseArm(arm, 'paper', {}).model, classes: 200 }) / 1e9
    assert.equal(
      (['plain', 'tasn', 'plain-full'] as const).map(arm => cost(arm).toFixed(1)),
      ['8.2', '48.4', '42.7'],
    )
  } finally {
    putBack()
  }
})

t.run()
