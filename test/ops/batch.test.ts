/** Joining, cutting and collecting. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { concat, gather, gathered, slice } from '../../src/ops/batch.ts'
import { add, mul, scale, square } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'
import { check } from '../support/check.ts'

const t = suite('ops/batch')

t('concat', async () => {
  for (const [a, b] of [
    [
      [2, 3],
      [5, 3],
    ],
    [[1], [1]],
    [[65], [64]],
    [
      [1, 3, 5, 7],
      [2, 3, 5, 7],
    ],
  ] as const) {
    for (const gradients of [[0, 1], [0], [1]]) {
      await check(
        [a, b],
        (a, b) => concat(a!, b!),
        ([a, b]) => [...a!.data, ...b!.data],
        { gradients },
      )
    }
  }
  await check(
    [[3, 2]],
    x => concat(x!, x!),
    ([x]) => [...x!.data, ...x!.data],
  )
})

t('slice', async () => {
  for (const [from, to] of [
    [0, 5],
    [0, 1],
    [4, 5],
    [1, 4],
  ] as const) {
    for (const rest of [[], [3], [3, 2, 7]]) {
      const row = rest.reduce((p, n) => p * n, 1)
      await check(
        [[5, ...rest]],
        x => slice(x!, from, to),
        ([x]) => x!.data.slice(from * row, to * row),
      )
    }
  }
})

t('parts of one tensor meet again: their gradients add up', async () => {
  await check(
    [[5, 3]],
    x => add(slice(x!, 0, 3), slice(x!, 2, 5)),
    ([x]) => Array.from({ length: 9 }, (_, i) => x!.data[i]! + x!.data[i + 6]!),
  )
  await check(
    [
      [4, 3],
      [2, 3],
    ],
    (a, b) => {
      const j = concat(a!, b!)
      return mul(square(slice(j, 0, 3)), slice(j, 3, 6))
    },
    ([a, b]) => {
      const j = [...a!.data, ...b!.data]
      return Array.from({ length: 9 }, (_, i) => j[i]! ** 2 * j[i + 9]!)
    },
  )
})

t('in a plan, concat and slice share memory where they can, and give the bits that they give eagerly', async () => {
  for (const [rows, copies] of [
    [2, 0], // 2 x 32 elements: the second half begins at a place that can be bound
    [3, 3],
  ] as const) {
    const data = Float32Array.from({ length: rows * 32 }, (_, i) => Math.sin(i))
    const w = persistent([rows, 32], data)
    w.requiresGrad = true
    const step = () => {
      const { value, grads } = valueAndGrad(() => {
        const y = concat(scale(w, 2), square(w))
        const [a, b] = [slice(y, 0, rows), slice(y, rows, 2 * rows)]
        return sum(mul(mul(a, b), add(b, square(a))))
      }, [w])
      return [value, grads.get(w)!]
    }
    const plan = await Plan.make(step)
    const moved = plan.launches.filter(l => /^batch\/(concat|slice)$/.test(l.ladder.name)).length
    assert.is(moved, copies)
    const eager = scope(step)
    for (const [i, y] of plan.run().entries()) assert.equal(await read(y), await read(eager[i]!))
    plan.destroy()
  }
})

t(
  'in a plan, joined tensors that are joined again, or of a length that is no multiple of four, give the right numbers',
  async () => {
    const w = [0, 1, 2].map(k =>
      persistent(
        [64],
        Float32Array.from({ length: 64 }, (_, i) => 100 * k + i),
      ),
    )
    const short = persistent([3], Float32Array.of(7, 8, 9))
    const step = () => {
      const [a, b, c] = w.map(t => scale(t, 1)) as [Tensor, Tensor, Tensor]
      const y = concat(a, b)
      return [
        concat(y, c),
        gather([y, sum(c)]),
        concat(scale(w[0]!, 2), scale(short, 1)),
        mul(a, slice(y, 0, 64)),
      ] as const
    }
    const plan = await Plan.make(step)
    const eager = scope(step)
    for (const [i, y] of plan.run().entries()) {
      const [got, want] = [await read(y), await read(eager[i]!)]
      assert.is(got.length, y.size)
      if (i === 1) assert.equal(gathered(got, [128, 1]), gathered(want, [128, 1]))
      else assert.equal(got, want)
    }
    assert.throws(() => release(plan.outputs[0]), /made in a plan's step/)
    plan.destroy()
  },
)

t('gather puts all side by side, eagerly and in a plan, and gathered() takes them apart', async () => {
  const parts = [[3], [1], [2, 35], [1, 1], [64]].map((shape, k) =>
    persistent(
      shape,
      Float32Array.from({ length: shape.reduce((p, n) => p * n, 1) }, (_, i) => 100 * k + i),
    ),
  )
  // Tensors that the step makes, one of them twice, and one that was there before.
  const step = () => {
    const made = parts.map(p => scale(p, 1))
    return [gather([...made, made[2]!, parts[0]!])] as const
  }
  const all = [...parts, parts[2]!, parts[0]!]
  const want: number[][] = []
  for (const p of all) want.push([...(await read(p))])
  const plan = await Plan.make(step)
  assert.is(plan.launches.filter(l => l.ladder.name === 'batch/copy').length, 2)
  const sizes = all.map(p => p.size)
  for (const [y] of [scope(step), plan.run()])
    assert.equal(
      gathered(await read(y), sizes).map(v => [...v]),
      want,
    )
  plan.destroy()
})

t('what does not fit is named', () => {
  scope(() => {
    assert.throws(() => concat(empty([2, 3]), empty([2, 4])), /concat: \[2,3\] and \[2,4\] may differ on axis 0 only/)
    assert.throws(() => slice(empty([4, 2]), 0.5, 1.5), /slice: 0.5 to 1.5 is not inside axis 0/)
    assert.throws(() => slice(empty([5]), 2, 6), /slice: 2 to 6 is not inside axis 0 of \[5\]/)
    assert.throws(() => slice(empty([5]), 3, 3), /slice/)
    return []
  })
})

t.run()
