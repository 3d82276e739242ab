/** Layers on their own. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import { Zeros } from '../../src/engine/random.ts'
import { persistent, read, write } from '../../src/engine/transfer.ts'
import { Linear } from '../../src/nn/layers.ts'

const t = suite('nn/layers')

t('a linear layer is x wᵀ + b', async () => {
  const l = new Linear(new Zeros(), 2, 3)
  write(l.weight, new Float32Array([1, 2, 3, 4, 5, 6]))
  write(l.bias, new Float32Array([10, 20, 30]))
  const [y] = scope(() => [l.forward(persistent([1, 2], new Float32Array([1, -1])))])
  assert.equal([...(await read(y))], [9, 19, 29])
  assert.throws(() => scope(() => [l.forward(empty([1, 3]))]), /do not fit/)
})

t.run()
