/** Rows: parameters, gradients and what an optimiser keeps, side by side, so that one launch moves all. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { scope } from '../../src/engine/eager.ts'
import { watchLaunches } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import { inRows, moveIntoRow, zerosInRow } from '../../src/engine/row.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { finish, persistent, read, release, write } from '../../src/engine/transfer.ts'
import { parameter } from '../../src/nn/init.ts'
import { GradientSum, SGD } from '../../src/nn/optim.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { batchNorm } from '../../src/ops/batch_norm.ts'
import { add, mul, reshape, scale, square } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'

const numbers = async (t: Tensor): Promise<number[]> => [...(await read(t))]
/** Tensors of 3, 70 and 5 elements: the middle one is longer than the 64 of an alignment. */
const three = (): Tensor[] => [3, 70, 5].map((n, i) => parameter([n], () => i + 1))
const named = (list: readonly Tensor[]): Map<string, Tensor> => new Map(list.map((t, i) => [`${i}`, t]))

/** The launches of a kernel that `body` makes. */
function count(kernel: string, body: () => void): number {
  let n = 0
  const stop = watchLaunches(l => {
    n += Number(l.ladder.name === kernel)
  })
  try {
    body()
  } finally {
    stop()
  }
  return n
}

const t = suite('engine/row')

t('tensors that move side by side keep what they hold, and their buffer lasts until the last is released', async () => {
  const before = stats.buffers
  const [a, b, c] = three() as [Tensor, Tensor, Tensor]
  assert.is(stats.buffers, before + 3)
  moveIntoRow([a, b, c])
  assert.is(stats.buffers, before + 1)
  assert.equal(await numbers(b), new Array(70).fill(2))
  write(b, new Float32Array(70).fill(7))
  assert.equal(
    [await numbers(a), await numbers(c)],
    [
      [1, 1, 1],
      [3, 3, 3, 3, 3],
    ],
  )
  release(a)
  assert.equal(await numbers(b), new Array(70).fill(7))
  release(b)
  assert.is(stats.buffers, before + 1)
  release(c)
  assert.is(stats.buffers, before)
})

t('a tensor that is there under two names moves once', async () => {
  const before = stats.buffers
  const [a, b] = three() as [Tensor, Tensor]
  moveIntoRow([a, b, a, reshape(b, [7, 10])])
  assert.equal([await numbers(a), await numbers(b)], [[1, 1, 1], new Array(70).fill(2)])
  assert.is(stats.buffers, before + 2) // the row, and the third, which stays where it is
})

t('a gradient that a launch binds twice is in no row with what that launch writes', async () => {
  // The gradient of pos is the one that the batch norm's gradients are made from, bound as dy and in place of y.
  const pos = parameter([4, 2, 3], () => 0.5)
  const norm = { weight: parameter([2], () => 1), bias: parameter([2], () => 0) }
  const running = { running_mean: persistent([2]), running_var: persistent([2]) }
  const x = persistent(
    [4, 2, 3],
    Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  )
  const w = [norm.weight, norm.bias, pos]
  const sgd = new SGD(named(w), { momentum: 0 })
  sgd.advance(0.1)
  const plan = await Plan.make(() => {
    const f = () => sum(square(add(batchNorm(x, { ...norm, ...running }, { training: true }), pos)))
    const { value, grads } = valueAndGrad(f, w)
    sgd.step(grads)
    return [value]
  })
  plan.run()
  assert.ok((await numbers(pos)).every(v => Number.isFinite(v) && v !== 0.5))
  plan.destroy()
})

t('a tensor moves once: a second optimiser leaves it where it is, and both are right', async () => {
  const [a, b, c] = three() as [Tensor, Tensor, Tensor]
  const first = new SGD(named([a, b]), { momentum: 0 })
  const second = new SGD(named([c, b]), { momentum: 0 })
  first.advance(1)
  second.advance(1)
  scope(() => {
    const loss = () => add(add(sum(a), sum(b)), sum(c))
    const { grads } = valueAndGrad(loss, [a, b, c])
    first.step(grads)
    second.step(grads)
    return []
  })
  assert.equal(await numbers(a), [0, 0, 0])
  assert.equal(await numbers(b), new Array(70).fill(0))
  assert.equal(await numbers(c), new Array(5).fill(2))
})

t('a plan that was made before its parameters moved goes on with them', async () => {
  const [a, b] = three() as [Tensor, Tensor]
  const plan = await Plan.make(() => [scale(a, 2)])
  plan.run()
  moveIntoRow([a, b])
  write(a, new Float32Array([4, 5, 6]))
  const [y] = plan.run()
  assert.equal(await numbers(y!), [8, 10, 12])
  plan.destroy()
})

t('one launch moves all parameters, eagerly and in a plan, to the same bits', async () => {
  const results: number[][] = []
  for (const planned of [false, true]) {
    const w = three()
    const sgd = new SGD(named(w), { momentum: 0.9, weightDecay: 0.1 })
    const step = () => {
      const { value, grads } = valueAndGrad(() => w.map(t => sum(mul(t, t))).reduce(add), w)
      sgd.step(grads)
      return [value]
    }
    assert.is(
      count('optim/sgd', () => void Plan.record(step)),
      1,
    )
    const plan = planned ? await Plan.make(step) : undefined
    for (let k = 0; k < 3; k++) {
      sgd.advance(0.1)
      if (plan) plan.run()
      else scope(step)
      await finish()
    }
    results.push((await Promise.all(w.map(numbers))).flat())
    plan?.destroy()
    for (const t of [...w, ...sgd.state().values()]) release(t)
  }
  assert.equal(results[0], results[1])
  assert.ok(results[0]!.every(v => v > 0 && v < 3))
})

t('a gradient that two parameters share is right for both', async () => {
  const w = [1, 2, 3].map(v => parameter([4], () => v))
  const sgd = new SGD(named(w), { momentum: 0 })
  sgd.advance(1)
  const plan = await Plan.make(() => {
    const { value, grads } = valueAndGrad(() => sum(mul(add(w[0]!, w[1]!), w[2]!)), w)
    assert.is(grads.get(w[0]!), grads.get(w[1]!))
    sgd.step(grads)
    return [value]
  })
  plan.run()
  assert.equal(
    await Promise.all(w.map(numbers)),
    [-2, -1, 0].map(v => [v, v, v, v]),
  )
  plan.destroy()
})

t('parameters without a gradient stay as they are', async () => {
  const w = three()
  const sgd = new SGD(named(w), { momentum: 0, weightDecay: 1 })
  sgd.advance(1)
  scope(() => {
    const { grads } = valueAndGrad(() => add(sum(w[0]!), sum(w[2]!)), w)
    assert.is(
      count('optim/sgd', () => sgd.step(grads)),
      2,
    )
    return []
  })
  assert.equal(await Promise.all(w.map(numbers)), [[-1, -1, -1], new Array(70).fill(2), new Array(5).fill(-1)])
})

t('the sum of gradients is added to and cleared in one launch each', async () => {
  const w = three()
  const sums = new GradientSum(named(w))
  const step = () => {
    sums.add(valueAndGrad(() => w.map(t => sum(mul(t, t))).reduce(add), w).grads)
    return []
  }
  assert.is(
    count('optim/accumulate', () => scope(step)),
    1,
  )
  scope(step)
  assert.equal(await numbers(sums.totals.get(w[1]!)!), new Array(70).fill(8))
  assert.is(
    count('optim/fill', () => sums.clear()),
    1,
  )
  assert.equal(await numbers(sums.totals.get(w[2]!)!), new Array(5).fill(0))
})

t('no row is longer than may be bound', () => {
  const w = zerosInRow(new Array(6).fill([64]))
  const step = () => {
    const rows = inRows(w.map(t => ({ w: t, g: scale(t, 2) })))
    return rows.map(({ g }) => scale(g, 1))
  }
  assert.is(Plan.record(step, { most: 6 * 256 }).outputs.length, 1)
  assert.is(Plan.record(step, { most: 6 * 256 - 1 }).outputs.length, 2)
  assert.is(Plan.record(step, { most: 256 }).outputs.length, 6)
})

t.run()
