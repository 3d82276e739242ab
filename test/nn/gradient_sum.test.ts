/** Gradients summed over micro-batches, against those of one large batch. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { accumulate, fill, GradientSum } from '../../src/nn/optim.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { tanh } from '../../src/ops/elementwise.ts'
import { crossEntropy } from '../../src/ops/loss.ts'
import { linear } from '../../src/ops/matmul.ts'

const t = suite('nn/gradient_sum')

t('gradients of micro-batches, summed and scaled, are those of one large batch', async () => {
  const random = new Random(4)
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform(-1, 1))
  const weight = persistent([3, 5], draw(15))
  const data = draw(30)
  const labels = Uint32Array.from([0, 1, 2, 2, 1, 0])
  weight.requiresGrad = true
  const sum = new GradientSum(new Map([['weight', weight]]))
  const gradient = (from: number, to: number): Tensor => {
    const x = persistent([to - from, 5], data.slice(5 * from, 5 * to))
    const y = persistent([to - from], labels.slice(from, to))
    return valueAndGrad(() => crossEntropy(tanh(linear(x, weight)), y), [weight]).grads.get(weight)!
  }
  const [large] = scope(() => [gradient(0, 6)])
  const want = await read(large)
  for (let round = 0; round < 2; round++) {
    for (const from of [0, 2, 4])
      scope(() => {
        sum.add(new Map([[weight, gradient(from, from + 2)]]))
        return []
      })
    const total = await read(sum.totals.get(weight)!)
    assert.ok(
      want.every((v, i) => Math.abs(v - total[i]! / 3) < 1e-7),
      `round ${round}`,
    )
    sum.clear()
    assert.ok((await read(sum.totals.get(weight)!)).every(v => v === 0))
  }
})

t('accumulate and fill', async () => {
  const y = persistent([67])
  fill(y, 2.5)
  accumulate(
    y,
    persistent(
      [67],
      Float32Array.from({ length: 67 }, (_, i) => i),
    ),
  )
  assert.equal(
    [...(await read(y))],
    Array.from({ length: 67 }, (_, i) => 2.5 + i),
  )
})

t.run()
