/** The tape: what is followed, what is not, and how gradients meet. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { detached, noGrad, record } from '../../src/engine/tape.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { pickLive } from '../../src/ops/attention.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { gather } from '../../src/ops/batch.ts'
import { add, mul, relu, reshape, scale, square, sub } from '../../src/ops/elementwise.ts'
import { augment } from '../../src/ops/image.ts'
import { correct } from '../../src/ops/loss.ts'
import { sum } from '../../src/ops/reduce.ts'
import { resizeArea } from '../../src/ops/resize.ts'

const parameter = (...values: number[]): Tensor => {
  const p = persistent([values.length], Float32Array.from(values))
  p.requiresGrad = true
  return p
}
const values = async (t: Tensor | undefined): Promise<number[]> => {
  assert.ok(t, 'no gradient')
  return [...(await read(t))]
}

const t = suite('ops/backward')

t('value and gradients come back, nothing is stored', async () => {
  const x = parameter(1, -2, 3)
  const { value, grads } = valueAndGrad(() => sum(square(x)), [x])
  assert.equal(await values(value), [14])
  assert.equal(await values(grads.get(x)), [2, -4, 6])
  assert.equal(Object.keys(x).sort(), ['dtype', 'requiresGrad', 'shape', 'size', 'storage'])
  // Again: not twice as much.
  assert.equal(await values(valueAndGrad(() => sum(square(x)), [x]).grads.get(x)), [2, -4, 6])
})

t('a parameter that the value does not depend on is missing', () => {
  const x = parameter(1)
  const unused = parameter(2)
  const aside = parameter(3)
  const { grads } = valueAndGrad(() => {
    square(aside)
    return sum(square(x))
  }, [x, unused, aside])
  assert.equal([...grads.keys()], [x])
})

t('only what is asked for is in the map', () => {
  const x = parameter(1)
  const y = parameter(2)
  assert.equal([...valueAndGrad(() => sum(mul(x, y)), [y]).grads.keys()], [y])
  assert.is(valueAndGrad(() => sum(mul(x, y)), []).grads.size, 0)
})

t('the value must be one number', () => {
  const x = parameter(1, 2)
  assert.throws(() => valueAndGrad(() => square(x), [x]), /must be one number, found the shape \[2\]/)
})

t('a value that is itself a parameter', async () => {
  const x = parameter(5)
  assert.equal(await values(valueAndGrad(() => x, [x]).grads.get(x)), [1])
})

t('noGrad keeps its result off the record, and gives the tape back, even after an error', async () => {
  const x = parameter(3)
  const { grads } = valueAndGrad(() => {
    const constant = noGrad(() => square(x))
    assert.not(constant.requiresGrad)
    assert.throws(
      () =>
        noGrad(() => {
          throw new Error('inside')
        }),
      'inside',
    )
    return sum(mul(constant, x))
  }, [x])
  assert.equal(await values(grads.get(x)), [9])
})

t('an error inside leaves no tape behind', () => {
  const x = parameter(1)
  assert.throws(
    () =>
      valueAndGrad(() => {
        throw new Error('inside')
      }, [x]),
    'inside',
  )
  assert.not(square(x).requiresGrad)
})

t('without a tape nothing is recorded; with one, only what leads back to a parameter', () => {
  const x = parameter(1)
  const constant = persistent([1], new Float32Array([2]))
  assert.not(square(x).requiresGrad)
  valueAndGrad(() => {
    assert.not(square(constant).requiresGrad)
    assert.ok(square(x).requiresGrad)
    return sum(x)
  }, [x])
})

t('one gradient given to two parents is not added to in place', async () => {
  // add() hands the same tensor to both sides. Were x's second gradient added into it, y's would change as well.
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const x = parameter(1, 2)
    const y = parameter(3, 4)
    const { grads } = valueAndGrad(() => {
      const terms = [scale(x, 10), add(x, y)]
      return sum(add(terms[order[0]!]!, terms[order[1]!]!))
    }, [x, y])
    assert.equal(await values(grads.get(x)), [11, 11])
    assert.equal(await values(grads.get(y)), [1, 1])
  }
  const x = parameter(1, 2)
  const y = parameter(3, 4)
  const { grads } = valueAndGrad(() => {
    const u = add(x, y)
    const v = add(u, x)
    return sum(add(v, relu(u)))
  }, [x, y])
  assert.equal(await values(grads.get(x)), [3, 3])
  assert.equal(await values(grads.get(y)), [2, 2])
})

t('many uses of one tensor, through views too', async () => {
  const x = parameter(1, 2, 3, 4)
  const { grads } = valueAndGrad(() => {
    let total = sum(x)
    for (let i = 1; i <= 5; i++) total = add(total, sum(scale(reshape(x, [2, 2]), i)))
    return sub(total, sum(square(x)))
  }, [x])
  assert.equal(await values(grads.get(x)), [14, 12, 10, 8])
})

t('gradients do not run through an op that returns none', async () => {
  const x = parameter(2)
  const y = parameter(3)
  const { grads } = valueAndGrad(() => {
    const out = mul(x, y)
    const stopped = noGrad(() => scale(out, 1))
    return sum(record('half', stopped, [x, y], d => [d, null]))
  }, [x, y])
  assert.equal([...grads.keys()], [x])
})

t('with a gradient from behind, the value may be any tensor', async () => {
  const x = parameter(1, 2, 3)
  const dy = persistent([3], Float32Array.of(10, 20, 30))
  const { value, grads } = valueAndGrad(() => square(x), [x], dy)
  assert.equal(await values(value), [1, 4, 9])
  assert.equal(await values(grads.get(x)), [20, 80, 180])
  assert.throws(() => valueAndGrad(() => square(x), [x]), /one number.*give dValue/)
  assert.throws(() => valueAndGrad(() => sum(x), [x], dy), /dValue \[3\] is not of the value's shape \[1\]/)
})

t('a valueAndGrad inside another has a tape of its own', async () => {
  const x = parameter(3)
  const { grads } = valueAndGrad(() => {
    const inner = valueAndGrad(() => sum(square(x)), [x]).grads.get(x)!
    return sum(mul(inner, x)) // 2x, a constant here, times x
  }, [x])
  assert.equal(await values(grads.get(x)), [6])
})

t('a gradient that reaches an op without a derivative throws, and is not lost', () => {
  const x = persistent([1, 1, 2, 2], Float32Array.of(1, 2, 3, 4))
  const rows = persistent([1, 4], Float32Array.of(1, 2, 3, 4))
  const change = persistent([1, 9])
  for (const t of [x, rows, change]) t.requiresGrad = true
  const maps = reshape(x, [1, 4, 1])
  const u = persistent([1])
  const ops: [string, (x: Tensor) => Tensor, Tensor][] = [
    ['resizeArea', x => resizeArea(x, [1, 1]), x],
    ['augment', c => augment(persistent([1, 2, 2], undefined, 'u32'), c), change],
    ['pickLive', r => pickLive(maps, r, u), rows],
    ['gather', r => gather([persistent([2]), r]), rows],
    ['correct', r => correct(r, persistent([1], Uint32Array.of(2))), rows],
  ]
  for (const [name, op, input] of ops) {
    assert.throws(() => valueAndGrad(() => sum(op(input)), [input]), new RegExp(`^${name}: it is not differentiable`))
    // Off the way to the value, off the record, or of a constant: nothing is lost.
    valueAndGrad(() => {
      op(input)
      return sum(input)
    }, [input])
    valueAndGrad(() => sum(noGrad(() => op(input))), [input])
    valueAndGrad(() => sum(op(detached(input))), [input])
  }
})

t.run()
