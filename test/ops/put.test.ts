/** put(): the first use of a tensor stores its gradient, the next one adds to it, in the same launch. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { watchLaunches } from '../../src/engine/launch.ts'
import { read } from '../../src/engine/transfer.ts'
import { parameter } from '../../src/nn/init.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { slice } from '../../src/ops/batch.ts'
import { add, scale } from '../../src/ops/elementwise.ts'
import { put } from '../../src/ops/put.ts'
import { sum } from '../../src/ops/reduce.ts'

const t = suite('ops/put')

t('without a gradient so far the switch is off, with one it is on and that one is bound', () => {
  const soFar = parameter([5], () => 1)
  assert.is(put(undefined).ADD, 0)
  assert.ok(put(undefined).so_far.size >= 4, 'an Element may be four numbers')
  assert.equal(put(soFar), { so_far: soFar, ADD: 1 })
})

t('two slices of one tensor: gradients of both, and no launch that adds them', async () => {
  const x = parameter([3, 2], () => 1)
  const launched: string[] = []
  const stop = watchLaunches(l => launched.push(l.ladder.name))
  try {
    const [dx] = scope(() => [
      valueAndGrad(() => sum(add(slice(x, 0, 2), scale(slice(x, 1, 3), 10))), [x]).grads.get(x)!,
    ])
    assert.equal([...(await read(dx!))], [1, 1, 11, 11, 10, 10])
    assert.is(launched.filter(name => name === 'batch/pad').length, 2)
    assert.is(launched.filter(name => name === 'elementwise/binary').length, 1, 'the forward one')
  } finally {
    stop()
  }
})

t.run()
