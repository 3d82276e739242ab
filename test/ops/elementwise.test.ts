/**
 * Elementwise ops against plain loops: every function, domain and shape; tensors used twice; more elements than one
 * grid axis.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import type { Random } from '../../src/engine/random.ts'
import type { Shape, Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { lacking, withRung } from '../../src/gpu/ladder.ts'
import {
  abs,
  add,
  addRelu,
  bias,
  biasReluBackward,
  div,
  exp,
  log,
  mul,
  power,
  type Relu,
  relu,
  relu6,
  reshape,
  scale,
  sigmoid,
  sqrt,
  square,
  sub,
  tanh,
} from '../../src/ops/elementwise.ts'
import { awayFromZero, type CheckOptions, check, type Ref, relative } from '../support/check.ts'

const SHAPES: readonly Shape[] = [[1], [7], [64], [65], [3, 5], [2, 3, 5, 7], [13, 11]]
const between =
  (from: number, to: number) =>
  (random: Random, _: number, size: number): number[] =>
    Array.from({ length: size }, () => random.uniform(from, to))
/** Signs alternate, so that each half is there even in a small tensor. */
const bothSigns =
  (from: number, to: number) =>
  (random: Random, _: number, size: number): number[] =>
    Array.from({ length: size }, (_, i) => random.uniform(from, to) * (i % 2 ? -1 : 1))

const one = async (op: (x: Tensor) => Tensor, f: (v: number) => number, options: CheckOptions = {}): Promise<void> => {
  for (const shape of SHAPES)
    await check(
      [shape],
      x => op(x!),
      ([x]) => x!.data.map(f),
      options,
    )
}

const t = suite('ops/elementwise')

t('relu', async () => {
  await one(relu, v => Math.max(v, 0), { inputs: awayFromZero() })
})

t('relu6', async () => {
  // Away from both kinks, and some on each side of them.
  const inputs = (random: Random, _: number, size: number) =>
    Array.from({ length: size }, (_, i) => [-1, 1, 5, 7][i % 4]! + random.uniform(-0.9, 0.9))
  await one(relu6, v => Math.min(Math.max(v, 0), 6), { inputs })
})

t('functions of one tensor', async () => {
  await one(
    x => scale(x, -2.5),
    v => -2.5 * v,
  )
  await one(
    x => scale(x, 0.75, -3),
    v => 0.75 * v - 3,
  )
  await one(exp, Math.exp, { inputs: between(-4, 4) })
  await one(log, Math.log, { inputs: between(0.2, 5) })
  await one(sqrt, Math.sqrt, { inputs: between(0.1, 9) })
  await one(square, v => v * v)
  await one(sigmoid, v => 1 / (1 + Math.exp(-v)), { inputs: between(-6, 6) })
  await one(tanh, Math.tanh, { inputs: between(-3, 3) })
  await one(abs, Math.abs, { inputs: awayFromZero() })
})

t('power is zero, and has no gradient, at and below zero', async () => {
  for (const exponent of [1, 2, 3, 0.5, -1, 1.7]) {
    await one(
      x => power(x, exponent),
      v => (v > 0 ? v ** exponent : 0),
      { inputs: bothSigns(0.3, 2), tolerance: 2e-5 },
    )
  }
  const x = persistent([3], new Float32Array([0, -0, -1e-30]))
  const [y] = scope(() => [power(x, 0.5)])
  assert.equal([...(await read(y))], [0, 0, 0])
})

t('far out, sigmoid and tanh are flat and not NaN', async () => {
  const x = persistent([6], new Float32Array([-Infinity, -200, -90, 90, 200, Infinity]))
  const [s, h] = scope(() => [sigmoid(x), tanh(x)])
  assert.ok((await read(s)).every((v, i) => Math.abs(v - (i < 3 ? 0 : 1)) < 1e-30))
  assert.equal([...(await read(h))], [-1, -1, -1, 1, 1, 1])
})

t('functions of two tensors', async () => {
  const two = (op: (a: Tensor, b: Tensor) => Tensor, f: (a: number, b: number) => number, options: CheckOptions = {}) =>
    Promise.all(
      SHAPES.map(shape =>
        check(
          [shape, shape],
          (a, b) => op(a!, b!),
          ([a, b]) => a!.data.map((v, i) => f(v, b!.data[i]!)),
          options,
        ),
      ),
    )
  await two(add, (a, b) => a + b)
  await two(addRelu, (a, b) => Math.max(a + b, 0), { inputs: awayFromZero(1.01), gradients: [] })
  await two(addRelu, (a, b) => Math.max(a + b, 0), { inputs: (r, i, n) => awayFromZero(i ? 0 : 1.01)(r, i, n) })
  await two(sub, (a, b) => a - b)
  await two(mul, (a, b) => a * b)
  await two(div, (a, b) => a / b, { inputs: bothSigns(0.5, 2) })
})

t('only the side that wants a gradient gets one', async () => {
  const ops = { add, sub, mul, div }
  const f = {
    add: (a: number, b: number) => a + b,
    sub: (a: number, b: number) => a - b,
    mul: (a: number, b: number) => a * b,
    div: (a: number, b: number) => a / b,
  }
  for (const name of ['add', 'sub', 'mul', 'div'] as const)
    for (const side of [0, 1]) {
      await check(
        [[5], [5]],
        (a, b) => ops[name](a!, b!),
        ([a, b]) => a!.data.map((v, i) => f[name](v, b!.data[i]!)),
        { inputs: bothSigns(0.5, 2), gradients: [side] },
      )
    }
})

t('a tensor used twice gets both gradients', async () => {
  const loop =
    (f: (v: number) => number) =>
    ([x]: Ref[]) =>
      x!.data.map(f)
  await check(
    [[7]],
    x => add(x!, x!),
    loop(v => 2 * v),
  )
  await check(
    [[7]],
    x => mul(x!, x!),
    loop(v => v * v),
  )
  await check(
    [[7]],
    x => sub(x!, x!),
    loop(() => 0),
  )
  await check(
    [[9]],
    x => div(x!, x!),
    loop(() => 1),
    { inputs: bothSigns(0.5, 2), gradients: [] },
  )
  await check(
    [[3, 5]],
    x => {
      const u = scale(x!, 3)
      return add(relu(u), u)
    },
    loop(v => Math.max(3 * v, 0) + 3 * v),
    { inputs: awayFromZero() },
  )
  await check(
    [[3, 5]],
    x => {
      const u = square(x!)
      return mul(add(u, x!), add(x!, u))
    },
    loop(v => (v * v + v) ** 2),
  )
})

t('bias along axis 1, with two and more axes', async () => {
  const ref = ([x, b]: Ref[]) => {
    const [, C, ...rest] = x!.shape as [number, number, ...number[]]
    const inner = rest.reduce((p, n) => p * n, 1)
    return x!.data.map((v, i) => v + b!.data[Math.floor(i / inner) % C]!)
  }
  for (const shape of [
    [5, 7],
    [1, 1],
    [3, 1],
    [67, 3],
    [2, 3, 5, 7],
    [1, 5, 1, 9],
    [3, 2, 4],
    [130, 2, 3, 3],
  ]) {
    await check([shape, [shape[1]!]], (x, b) => bias(x!, b!), ref)
    await check([shape, [shape[1]!]], (x, b) => bias(x!, b!), ref, { gradients: [1] })
  }
})

t('reshape keeps the memory, and its gradient has the old shape', async () => {
  await check(
    [[2, 3, 5]],
    x => square(reshape(x!, [6, 5])),
    ([x]) => x!.data.map(v => v * v),
  )
  await check(
    [[12]],
    x => reshape(square(reshape(x!, [3, 4])), [2, 6]),
    ([x]) => x!.data.map(v => v * v),
  )
  scope(() => {
    const x = empty([2, 3])
    assert.is(reshape(x, [6]).storage, x.storage)
    return []
  })
})

t('more elements than the workgroups of one grid axis', async () => {
  const n = 4_300_001
  const data = Float32Array.from({ length: n }, (_, i) => (i % 7) - 3)
  const x = persistent([n], data)
  assert.ok(n > 65535 * 64)
  const [r, s, d] = scope(() => [relu(x), scale(x, 2), add(x, x)])
  const [rd, sd, dd] = [await read(r), await read(s), await read(d)]
  let wrong = 0
  for (let i = 0; i < n; i++)
    if (rd[i] !== Math.max(data[i]!, 0) || sd[i] !== 2 * data[i]! || dd[i] !== 2 * data[i]!) wrong++
  assert.is(wrong, 0)
  release(x)
})

t('shapes that do not fit are named', () => {
  scope(() => {
    assert.throws(
      () => add(empty([2, 3]), empty([3, 2])),
      /add: both shapes must be the same, found \[2,3\] and \[3,2\]/,
    )
    assert.throws(() => bias(empty([2, 3]), empty([2])), /bias: x \[2,3\] has 3 channels on axis 1, b has 2/)
    assert.throws(() => bias(empty([3]), empty([3])), /bias/)
    assert.throws(() => reshape(empty([2, 3]), [4]), /\[2,3\] has 6 elements, \[4\] has 4/)
    assert.throws(() => empty([2, 0]), /\[2,0\] is not a shape/)
    return []
  })
})

t('the gradients of bias and ReLU together, on every rung', async () => {
  // Channels in fours and not; more than one walk of 8 lanes and of 64; NaN passes where y is NaN.
  for (const [relu, ...shape] of [
    [true, 3, 5, 4, 7],
    [6, 3, 5, 4, 7],
    [true, 2, 9, 10, 14],
    [true, 4, 3, 3, 5],
    [6, 4, 3, 3, 5],
    [true, 7, 6],
  ] as [Relu, ...number[]][]) {
    const [N, C] = shape as [number, number]
    const size = shape.reduce((a, b) => a * b, 1)
    const L = size / (N * C)
    const y = Float32Array.from({ length: size }, (_, i) =>
      i === 4 ? NaN : Math.min(6, Math.max(0, 9 * Math.sin(i * i))),
    )
    const dy = Float32Array.from({ length: size }, (_, i) => Math.cos(i * i))
    const want = dy.map((d, i) => (y[i] === 0 || (relu === 6 && y[i] === 6) ? 0 : d))
    const sums = new Float64Array(C)
    want.forEach((d, i) => {
      sums[Math.floor(i / L) % C]! += d
    })
    const inputs = [persistent(shape, y), persistent(shape, dy)] as const
    const l = ladderNamed('bias relu backward')
    const ran = new Set<string>()
    for (const rung of l.rungs) {
      if (lacking(rung) || (rung.right && !rung.right({ N, C, L, RELU: Number(relu) }))) continue
      ran.add(rung.name)
      const [g, db] = withRung(l, rung.name, () =>
        scope(() => {
          const made = biasReluBackward(...inputs, relu)
          return [made.g, made.db]
        }),
      )
      assert.equal(await read(g!), want, rung.name)
      assert.ok(relative(await read(db!), sums) < 1e-6, rung.name)
    }
    assert.ok(ran.has('naive') && ran.has('workgroup'))
  }
})

t.run()
