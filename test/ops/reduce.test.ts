/**
 * Reductions: every rung, every kind of axes set, axes longer than a workgroup, more outputs than a grid axis; running
 * sums.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import type { Shape, Tensor } from '../../src/engine/tensor.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { square } from '../../src/ops/elementwise.ts'
import { cumsum, max, mean, sum } from '../../src/ops/reduce.ts'
import { type Case, type CheckOptions, check, checkRungs, distinct, type Ref } from '../support/check.ts'

/** Folds x over `axes`, in float64. */
const fold = (
  { shape, data }: Ref,
  axes: readonly number[],
  start: number,
  f: (a: number, b: number) => number,
): Float64Array => {
  const kept = shape.map((_, i) => i).filter(i => !axes.includes(i))
  const y = new Float64Array(kept.reduce((p, i) => p * shape[i]!, 1)).fill(start)
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((p, n) => p * n, 1))
  data.forEach((v, at) => {
    const o = kept.reduce((o, i) => o * shape[i]! + (Math.floor(at / strides[i]!) % shape[i]!), 0)
    y[o] = f(y[o]!, v)
  })
  return y
}
const all = (shape: Shape): number[] => shape.map((_, i) => i)
const count = (shape: Shape, axes: readonly number[]): number => axes.reduce((p, i) => p * shape[i]!, 1)

const OPS = { sum, mean, max }
const REFERENCE = {
  sum: (x: Ref, axes: readonly number[]) => fold(x, axes, 0, (a, b) => a + b),
  mean: (x: Ref, axes: readonly number[]) => fold(x, axes, 0, (a, b) => a + b).map(v => v / count(x.shape, axes)),
  max: (x: Ref, axes: readonly number[]) => fold(x, axes, -Infinity, Math.max),
}
const reduced = (name: keyof typeof OPS, shape: Shape, axes?: readonly number[], options: CheckOptions = {}): Case => [
  [shape],
  x => OPS[name](x!, axes),
  ([x]) => REFERENCE[name](x!, axes ?? all(shape)),
  name === 'max' ? { inputs: distinct, ...options } : options,
]

const t = suite('ops/reduce')

for (const name of ['sum', 'mean', 'max'] as const) {
  t(`${name}: every rung, every set of axes`, async () => {
    const sets = [
      [0],
      [1],
      [2],
      [3],
      [0, 1],
      [1, 2],
      [2, 3],
      [0, 2],
      [1, 3],
      [0, 3],
      [0, 2, 3],
      [0, 1, 3],
      [1, 2, 3],
      [0, 1, 2, 3],
      [3, 0],
    ]
    await checkRungs(
      ['reduce'],
      [
        ...sets.map(axes => reduced(name, [2, 3, 5, 7], axes)),
        reduced(name, [2, 3, 5, 7]),
        reduced(name, [1]),
        reduced(name, [1, 1, 5], [0]),
        reduced(name, [7, 1, 3], [1]),
        reduced(name, [63], [0]),
        reduced(name, [64, 3], [0]),
        reduced(name, [65, 3], [0]),
        reduced(name, [2, 129, 3], [1]),
        reduced(name, [3, 1031], [1]),
        reduced(name, [1031, 3], [0]),
        reduced(name, [5, 130], [0, 1]),
        reduced(name, [2, 20000], [1]), // summed in parts
        reduced(name, [16411], [0]), // a prime: it cannot be
      ],
    )
  })
}

t('more outputs than the workgroups of one grid axis', async () => {
  // A direction through 140,000 gradients: their rounding adds up.
  await checkRungs(
    ['reduce'],
    [reduced('sum', [70_001, 2], [1], { tolerance: 5e-5 }), reduced('max', [2, 70_001], [0], { tolerance: 5e-5 })],
  )
})

t('an axis named twice counts once', async () => {
  await check(...(reduced('sum', [3, 5], [1, 1]).slice(0, 2) as [Shape[], () => Tensor]), ([x]) =>
    REFERENCE.sum(x!, [1]),
  )
})

t('the largest of equal elements: the first gets the gradient', async () => {
  const x = persistent([2, 2, 3], new Float32Array([1, 5, 5, 5, 0, 5, -1, -1, -1, -1, -1, -1]))
  x.requiresGrad = true
  for (const axes of [[1, 2], [2], [1], [0, 2], undefined]) {
    const { grads } = valueAndGrad(() => sum(max(x, axes)), [x])
    const got = await read(grads.get(x)!)
    const data = await read(x)
    const want = new Array<number>(12).fill(0)
    const kept = [0, 1, 2].filter(i => axes && !axes.includes(i))
    const strides = [6, 3, 1]
    const first = new Map<string, number>()
    data.forEach((v, i) => {
      const key = kept.map(k => Math.floor(i / strides[k]!) % x.shape[k]!).join()
      if (!first.has(key) || v > data[first.get(key)!]!) first.set(key, i)
    })
    for (const i of first.values()) want[i] = 1
    assert.equal([...got], want, `axes ${axes}`)
  }
})

t('all values below zero: the largest is below zero', async () => {
  const x = persistent(
    [200],
    Float32Array.from({ length: 200 }, (_, i) => -3 - i),
  )
  const [y] = scope(() => [max(x)])
  assert.is((await read(y))[0], -3)
})

t('cumsum', async () => {
  const ref = ([x]: Ref[]) => {
    const L = x!.shape.at(-1)!
    let s = 0
    return x!.data.map((v, i) => (s = i % L ? s + v : v))
  }
  for (const shape of [[1], [7], [3, 5], [2, 3, 131], [67, 2], [130, 1]]) await check([shape], x => cumsum(x!), ref)
  await check(
    [[3, 5]],
    x => square(cumsum(x!)),
    refs => ref(refs).map(v => v * v),
  )
})

t('axes that do not exist are named', () => {
  scope(() => {
    assert.throws(() => sum(empty([2, 3]), [2]), /sum: axes \[2\] are not axes of the shape \[2,3\]/)
    assert.throws(() => mean(empty([2, 3]), [-1]), /mean: axes/)
    assert.throws(() => max(empty([2, 3]), []), /max: axes/)
    return []
  })
})

t.run()
