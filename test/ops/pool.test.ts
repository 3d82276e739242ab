/** Max pooling over strides, paddings, overlaps and ties; global average. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import type { Shape } from '../../src/engine/tensor.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { mul } from '../../src/ops/elementwise.ts'
import { globalAveragePool, maxPool2d } from '../../src/ops/pool.ts'
import { sum } from '../../src/ops/reduce.ts'
import { check, checkRungs, distinct, type Ref } from '../support/check.ts'

interface Options {
  stride?: number
  padding?: number
}

/** Largest value and place (the first in row order) of every window. */
const windows = (
  { shape, data }: Ref,
  size: number,
  { stride = size, padding = 0 }: Options,
): { y: number[]; at: number[] } => {
  const [N, C, H, W] = shape as [number, number, number, number]
  const y: number[] = []
  const at: number[] = []
  const out = (n: number) => Math.floor((n + 2 * padding - size) / stride) + 1
  for (let n = 0; n < N * C; n++)
    for (let oh = 0; oh < out(H); oh++)
      for (let ow = 0; ow < out(W); ow++) {
        let best = -Infinity
        let place = -1
        for (let h = oh * stride - padding; h < oh * stride - padding + size; h++) {
          for (let w = ow * stride - padding; w < ow * stride - padding + size; w++) {
            if (h < 0 || w < 0 || h >= H || w >= W) continue
            const i = (n * H + h) * W + w
            if (data[i]! > best) {
              best = data[i]!
              place = i
            }
          }
        }
        y.push(best)
        at.push(place)
      }
  return { y, at }
}

const CASES: [Shape, number, Options][] = [
  [[2, 3, 8, 6], 2, {}],
  [[2, 3, 9, 7], 2, {}],
  [[1, 2, 9, 7], 3, { stride: 2, padding: 1 }],
  [[1, 2, 8, 12], 3, { stride: 2, padding: 1 }],
  [[2, 1, 7, 11], 3, { stride: 1, padding: 1 }],
  [[1, 3, 7, 5], 3, { stride: 1 }],
  [[1, 1, 11, 13], 5, { stride: 3, padding: 2 }],
  [[1, 2, 3, 2], 3, { stride: 2, padding: 1 }],
  [[1, 1, 9, 9], 2, { stride: 1, padding: 1 }],
  [[1, 2, 11, 13], 2, { stride: 3 }],
  [[1, 2, 11, 13], 2, { stride: 3, padding: 1 }],
  [[1, 2, 5, 5], 5, {}],
  [[1, 1, 1, 1], 1, {}],
  [[1, 1, 1, 1], 3, { stride: 2, padding: 1 }],
  [[3, 5, 6, 1], 1, { stride: 2 }],
  [[1, 1, 4, 4], 4, { stride: 1, padding: 2 }],
]

const t = suite('ops/pool')

t('max pooling agrees with the definition, forward and gradient', async () => {
  await checkRungs(
    ['pool max backward'],
    CASES.map(([shape, size, options]) => [
      [shape],
      x => maxPool2d(x!, size, options),
      ([x]) => windows(x!, size, options).y,
      { inputs: distinct },
    ]),
  )
  // All below zero: padding, were it a zero, would win.
  for (const [shape, size, options] of CASES) {
    await check(
      [shape],
      x => maxPool2d(x!, size, options),
      ([x]) => windows(x!, size, options).y,
      { inputs: (...a) => distinct(...a).map(v => v - 5) },
    )
  }
})

t('of equal values in a window the first takes the gradient', async () => {
  for (const [shape, size, options] of CASES) {
    const n = shape.reduce((p, v) => p * v, 1)
    const data = Float32Array.from({ length: n }, (_, i) => Math.floor(i * 2.7) % 3)
    const x = persistent(shape, data)
    const { y, at } = windows({ shape, data: Float64Array.from(data) }, size, options)
    const dy = y.map((_, i) => i + 1)
    const want = new Array<number>(n).fill(0)
    x.requiresGrad = true
    at.forEach((place, i) => {
      want[place]! += dy[i]!
    })
    const [dx] = scope(() => {
      const { grads } = valueAndGrad(() => {
        const pooled = maxPool2d(x, size, options)
        return sum(mul(pooled, persistent(pooled.shape, Float32Array.from(dy))))
      }, [x])
      return [grads.get(x)!]
    })
    assert.equal([...(await read(dx))], want, `${shape} ${size} ${JSON.stringify(options)}`)
  }
})

t('global average', async () => {
  for (const shape of [
    [2, 3, 5, 7],
    [1, 1, 1, 1],
    [3, 2, 13, 11],
    [1, 67, 2, 1],
  ]) {
    await check(
      [shape],
      x => globalAveragePool(x!),
      ([x]) => {
        const L = shape[2]! * shape[3]!
        return Array.from(
          { length: shape[0]! * shape[1]! },
          (_, i) => x!.data.slice(i * L, (i + 1) * L).reduce((a, b) => a + b) / L,
        )
      },
    )
  }
})

t('what does not fit is named', () => {
  scope(() => {
    assert.throws(() => maxPool2d(empty([1, 1, 8, 8]), 3, { padding: 2 }), /padding 2 is over half the window 3/)
    assert.throws(() => maxPool2d(empty([1, 8, 8]), 2), /axes \(N C H W\)/)
    assert.throws(() => maxPool2d(empty([1, 1, 2, 2]), 3), /maxPool2d|not a shape/)
    return []
  })
})

t('windows that fit nowhere and options that are none are named', () => {
  scope(() => {
    const x = empty([1, 2, 4, 5])
    const found = (size: number, o: Options, text: RegExp) => assert.throws(() => maxPool2d(x, size, o), text)
    found(5, {}, /^maxPool2d: x \[1,2,4,5\] with padding 0 is smaller than the window 5 x 5/)
    found(2, { stride: 0 }, /^maxPool2d: .*found size 2, stride 0, padding 0/)
    found(2, { stride: 1.5 }, /^maxPool2d: .*stride 1.5/)
    found(2, { padding: 0.5 }, /^maxPool2d: .*padding 0.5/)
    found(2, { padding: -1 }, /^maxPool2d: .*padding -1/)
    found(2, { padding: 2 }, /^maxPool2d: padding 2 is over half the window 2/)
    for (const size of [0, -2, 2.5, Number.NaN]) found(size, {}, /^maxPool2d: size and stride must be whole numbers/)
    return []
  })
})

t('30 odd windows: rows left over by the stride, overlaps, borders', async () => {
  const random = new Random(11)
  const int = (a: number, b: number) => a + random.int(b - a + 1)
  for (let k = 0; k < 30; ) {
    const [size, stride, H, W] = [int(1, 5), int(1, 4), int(1, 14), int(1, 14)]
    const padding = int(0, Math.floor(size / 2))
    if (Math.min(H, W) + 2 * padding < size) continue
    k++
    await check(
      [[int(1, 3), int(1, 5), H, W]],
      x => maxPool2d(x!, size, { stride, padding }),
      ([x]) => windows(x!, size, { stride, padding }).y,
      { inputs: distinct },
    )
  }
})

t.run()
