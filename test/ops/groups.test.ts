/** Sums of groups: gradients that a kernel leaves in parts, added up four at a time. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { watchLaunches } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { InGroups } from '../../src/engine/tape.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { parameter } from '../../src/nn/init.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { add } from '../../src/ops/elementwise.ts'
import { sumsOfGroups } from '../../src/ops/groups.ts'
import { sum } from '../../src/ops/reduce.ts'
import { relative } from '../support/check.ts'

const random = new Random(3)
const noise = (shape: readonly number[]): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-1, 1))

const t = suite('ops/groups')

t('one to five gradients, of sizes around a workgroup, each the sum over its groups', async () => {
  const shapes = [
    [2, 63],
    [17, 1],
    [3, 64],
    [40, 5, 13],
    [2, 129],
  ]
  for (let n = 1; n <= shapes.length; n++) {
    const data = shapes.slice(0, n).map(noise)
    const ys = scope(() => sumsOfGroups(data.map((d, i) => new InGroups(persistent(shapes[i]!, d)))))
    assert.is(ys.length, n)
    for (const [i, y] of ys.entries()) {
      const [G, ...rest] = shapes[i]! as [number, ...number[]]
      const size = data[i]!.length / G
      const want = Array.from({ length: size }, (_, k) => {
        let total = 0
        for (let g = 0; g < G; g++) total += data[i]![g * size + k]!
        return total
      })
      assert.equal(y.shape, rest)
      assert.ok(relative(await read(y), want) < 1e-6)
    }
  }
})

t('four weights of one step are summed by one launch; a weight that is used twice, before it is added', async () => {
  // Small filters over several images: their gradients come in groups (groupsOf() in ops/conv2d.ts).
  const w = Array.from({ length: 5 }, () => {
    const values = noise([2, 2, 3, 3])
    let i = 0
    return parameter([2, 2, 3, 3], () => values[i++]!)
  })
  const x = persistent([3, 2, 16, 16], noise([3, 2, 16, 16]))
  const f = (use: readonly number[]) => () =>
    use.map(i => conv2d(x, w[i]!, undefined, { padding: 1, algorithm: 'direct' })).reduce(add)
  const launches: string[] = []
  const stop = watchLaunches(l => {
    launches.push(l.ladder.name)
  })
  const gradients = (use: readonly number[]) => {
    launches.length = 0
    return scope(() => [...valueAndGrad(() => sum(f(use)()), w).grads.values()])
  }
  try {
    const five = gradients([0, 1, 2, 3, 4])
    assert.is(launches.filter(name => name === 'reduce/groups').length, 1)
    const twice = gradients([0, 1, 0])
    assert.is(launches.filter(name => name === 'reduce/groups').length, 0)
    assert.is(five.length, 5)
    assert.is(twice.length, 2)
    // Every gradient is the same: x correlated with ones.
    const want = await read(five[0]!)
    assert.ok(want.some(v => Math.abs(v) > 1))
    for (const g of five) assert.ok(relative(await read(g), want) < 1e-6)
    assert.ok(
      relative(
        await read(twice[0]!),
        want.map(v => 2 * v),
      ) < 1e-6,
    )
    assert.ok(relative(await read(twice[1]!), want) < 1e-6)
  } finally {
    stop()
  }
})

t.run()
