/** Depthwise convolution: every rung, strides, paddings and dilations against plain loops. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Random } from '../../src/engine/random.ts'
import { persistent } from '../../src/engine/transfer.ts'
import { adapterInfo } from '../../src/gpu/device.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { choose } from '../../src/gpu/ladder.ts'
import { type ConvOptions, conv2d } from '../../src/ops/conv2d.ts'
import { conv2dShape } from '../../src/ops/conv2d_shape.ts'
import { tileOf } from '../../src/ops/depthwise_rows.ts'
import { add } from '../../src/ops/elementwise.ts'
import { type Case, check, checkRungs } from '../support/check.ts'
import { convolve } from '../support/convolve.ts'
import { setVariable } from '../support/variable.ts'

/** Rows are compiled in at their width, so a width is run by the widest of the vectors that it is made of, alone. */
const widest = (W: number) => {
  const slow = W % 4 === 0 ? /^(rows|rows vec2|halving vec2)$/ : W % 2 === 0 ? /^rows$/ : /^$/
  return { rungs: (name: string) => !slow.test(name) }
}

const deep = (x: [number, number, number, number], size: [number, number], options: ConvOptions = {}): Case => [
  [x, [x[1], 1, ...size]],
  (x, w) => conv2d(x!, w!, undefined, { groups: x!.shape[1]!, ...options }),
  refs => convolve(refs, { groups: x[1], ...options }),
  widest(x[3]),
]

/** Two of one x: the gradient of the one is there when the other's is worked out, which adds it. */
const fork = (x: [number, number, number, number], options: ConvOptions): Case => [
  [x, [x[1], 1, 3, 3], [x[1], 1, 3, 3]],
  (x, v, w) =>
    add(
      conv2d(x!, v!, undefined, { groups: x!.shape[1]!, ...options }),
      conv2d(x!, w!, undefined, { groups: x!.shape[1]!, ...options }),
    ),
  ([x, v, w]) => {
    const [a, b] = [v, w].map(w => convolve([x!, w!], { groups: x!.shape[1]!, ...options }))
    return a!.map((value, i) => value + b![i]!)
  },
  widest(x[3]),
]

const t = suite('ops/depthwise')

t('every rung agrees with the definition, forward and gradients', async () => {
  await checkRungs(
    ['depthwise forward', 'depthwise backward input', 'depthwise backward weight'],
    [
      deep([1, 3, 9, 7], [3, 3], { padding: 1 }),
      deep([2, 1, 37, 6], [3, 3], { padding: 'same' }), // strips of 8 and 32 rows, the last one short
      deep([3, 2, 35, 8], [3, 3], { padding: 1 }),
      deep([2, 3, 9, 7], [3, 3], { padding: 2, dilation: 2 }),
      deep([2, 3, 9, 8], [3, 3], { padding: 2, dilation: 2 }),
      deep([1, 3, 7, 25], [3, 3], { padding: 1 }), // lanes that share a row, by number, vec2 and vec4
      deep([1, 3, 7, 34], [3, 3], { padding: 1 }),
      deep([1, 3, 6, 44], [3, 3], { padding: 1 }),
      deep([1, 2, 10, 44], [3, 3], { padding: 'same', dilation: 3 }),
      deep([2, 3, 9, 7], [3, 3], { padding: 1, stride: 2 }),
      deep([3, 4, 7, 6], [3, 3], { padding: 1, stride: 2 }),
      deep([2, 4, 10, 6], [3, 3], { padding: 1, stride: 2 }),
      deep([2, 4, 10, 6], [3, 3], { padding: 'same', stride: 2 }),
      deep([2, 4, 17, 8], [3, 3], { padding: 1, stride: 2 }), // an odd height
      deep([2, 9, 16, 8], [3, 3], { padding: 1, stride: 2 }),
      deep([1, 2, 66, 8], [3, 3], { padding: 'same', stride: 2 }),
      deep([3, 4, 7, 7], [3, 3], { padding: 'same', stride: 2 }),
      deep([1, 2, 8, 36], [3, 3], { padding: 1, stride: 2 }),
      deep([2, 3, 6, 9], [3, 3], {}),
      deep([2, 3, 9, 8], [3, 3], { stride: 2 }),
      deep([2, 3, 5, 6], [3, 3], { padding: 2 }),
      deep([2, 3, 5, 6], [3, 3], { padding: 3 }),
      deep([1, 4, 11, 10], [5, 5], { padding: 2, stride: 3 }),
      deep([1, 4, 11, 10], [5, 5], { padding: 'same', dilation: 2 }),
      deep([2, 3, 4, 5], [1, 1], {}),
      deep([1, 2, 1, 4], [3, 3], { padding: 1 }),
      deep([5, 1, 104, 8], [3, 3], { padding: 1 }), // more than 4,096 pixels: groups of rows
      deep([5, 1, 208, 8], [3, 3], { padding: 'same', stride: 2 }),
    ],
  )
})

t('every rung adds the gradient that x has from another use', async () => {
  await checkRungs(
    ['depthwise backward input'],
    [
      fork([2, 3, 9, 7], { padding: 1 }),
      fork([2, 3, 7, 6], { padding: 1 }),
      fork([1, 3, 9, 8], { padding: 2, dilation: 2 }),
      fork([2, 3, 10, 8], { padding: 1 }),
      fork([2, 3, 10, 6], { padding: 1, stride: 2 }),
      fork([2, 3, 8, 8], { padding: 'same', stride: 2 }),
    ],
  )
})

t('with a bias and a ReLU in the same launch', async () => {
  await check(
    [[2, 6, 8, 8], [6, 1, 3, 3], [6]],
    (x, w, b) => conv2d(x!, w!, b, { groups: 6, padding: 1, relu: true }),
    refs => convolve(refs, { groups: 6, padding: 1 }).map(v => Math.max(0, v)),
  )
})

t('with a ReLU6, and with a bias before it, in the same launch', async () => {
  const six = (v: number) => Math.min(6, Math.max(0, v))
  const inputs = (random: Random, _: number, size: number) => Array.from({ length: size }, () => random.uniform(-3, 3))
  await check(
    [[2, 6, 8, 8], [6, 1, 3, 3], [6]],
    (x, w, b) => conv2d(x!, w!, b, { groups: 6, padding: 1, relu: 6 }),
    refs => convolve(refs, { groups: 6, padding: 1 }).map(six),
    { inputs },
  )
  await check(
    [
      [2, 6, 8, 8],
      [5, 6, 1, 1],
    ],
    (x, w) => conv2d(x!, w!, undefined, { relu: 6 }),
    refs => convolve(refs, {}).map(six),
    { inputs },
  )
})

t('a GPU gets four octets a workgroup for the gradient of the filters', () => {
  const putBack = setVariable('MACHINE', 'gpu')
  try {
    for (const [W, wanted] of [
      [28, 'octet vec4 by four'],
      [14, 'octet by four'],
    ] as const) {
      const shape = conv2dShape([8, 32, W, W], [32, 1, 3, 3], { padding: 1, groups: 32 })
      const { name } = choose(ladderNamed('depthwise backward weight'), { ...shape, ...tileOf(shape), G: 8 })
      assert.is(name, adapterInfo.subgroup >= 8 ? wanted : 'naive')
    }
  } finally {
    putBack()
  }
})

t("padding 'same' pads as TensorFlow's SAME does, in dense convolutions, too", async () => {
  for (const options of [{ stride: 2 }, { stride: 1 }, { stride: 3, dilation: 2 }])
    await check(
      [
        [2, 3, 12, 12],
        [4, 3, 3, 3],
      ],
      (x, w) => conv2d(x!, w!, undefined, { padding: 'same', ...options }),
      refs => convolve(refs, { padding: 'same', ...options }),
    )
})

t('what does not fit together is refused with both shapes', () => {
  const x = persistent([1, 4, 6, 6])
  const throws = (w: number[], options: ConvOptions, message: RegExp) =>
    assert.throws(() => conv2d(x, persistent(w), undefined, options), message)
  throws([4, 1, 3, 3], { groups: 2 }, /groups is 1, or the 4 channels/)
  throws([8, 1, 3, 3], { groups: 4 }, /groups is 1, or the 4 channels .* w \[8,1,3,3\]/)
  throws([4, 2, 3, 3], { groups: 4 }, /has 4 channels, w \[4,2,3,3\] expects 8/)
  throws([4, 1, 3, 3], { groups: 4, algorithm: 'winograd' }, /no winograd/)
  assert.throws(
    () => conv2d(persistent([1, 4, 6, 7]), persistent([4, 4, 3, 3]), undefined, { padding: 'same', stride: 2 }),
    /needs 0 rows and 1 columns of zeros at the start/,
  )
})

t.run()
