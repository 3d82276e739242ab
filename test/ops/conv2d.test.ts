/** Convolution: every rung, strides, paddings and dilations against plain loops. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import { Plan } from '../../src/engine/plan.ts'
import { Random } from '../../src/engine/random.ts'
import { finish, persistent, release } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { type ConvOptions, conv2d } from '../../src/ops/conv2d.ts'
import { add, type Relu, relu } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'
import { type Case, check, checkRungs } from '../support/check.ts'
import { convolve } from '../support/convolve.ts'

const conv = (x: number[], w: number[], options: ConvOptions = {}): Case => [
  [x, w],
  (x, w) => conv2d(x!, w!, undefined, options),
  refs => convolve(refs, options),
]

/** Two convolutions of one x: the gradient of the one is there when the other's is worked out, which adds it. */
const fork = (x: number[], w: number[], options: ConvOptions = {}): Case => [
  [x, w, w],
  (x, v, w) => add(conv2d(x!, v!, undefined, options), conv2d(x!, w!, undefined, options)),
  ([x, v, w]) => {
    const [a, b] = [v, w].map(w => convolve([x!, w!], options))
    return a!.map((value, i) => value + b![i]!)
  },
]

const t = suite('ops/conv2d')

t('every rung adds the gradient that x has from another use', async () => {
  await checkRungs(
    ['conv2d backward input'],
    [
      fork([2, 3, 9, 7], [4, 3, 3, 3], { padding: 1 }),
      fork([2, 8, 12, 20], [24, 8, 3, 3], { padding: 1, stride: 2 }),
      fork([1, 17, 3, 43], [17, 17, 1, 1]),
      fork([3, 8, 8, 8], [16, 8, 3, 3], { padding: 3, dilation: 3 }),
      fork([2, 32, 3, 3], [2, 32, 1, 1], { stride: 2 }),
      fork([2, 24, 8, 8], [24, 24, 3, 3], { padding: 1 }),
      fork([2, 8, 16, 16], [20, 8, 3, 3], { padding: 1, stride: 2 }),
      fork([9, 12, 2, 2], [10, 12, 3, 3], { padding: 1 }),
      fork([3, 12, 4, 5], [9, 12, 1, 1]),
      fork([3, 12, 6, 6], [20, 12, 1, 1]),
    ],
  )
  await check(...fork([2, 3, 9, 8], [5, 3, 3, 3], { padding: 1, algorithm: 'winograd' }))
  const x = persistent([1, 4, 6, 6])
  const w = [1, 2].map(() => persistent([4, 4, 3, 3]))
  for (const t of [x, ...w]) t.requiresGrad = true
  for (const algorithm of ['direct', 'winograd'] as const) {
    const step = () => {
      const [a, b] = w.map(w => conv2d(x, w, undefined, { padding: 1, algorithm }))
      return [...valueAndGrad(() => sum(add(a!, b!)), [x]).grads.values()]
    }
    assert.is(Plan.record(step).launches.filter(l => l.ladder.name === 'elementwise/binary').length, 1)
  }
})

t('every rung agrees with the definition, forward and gradients', async () => {
  await checkRungs(
    ['conv2d forward', 'conv2d backward input', 'conv2d backward weight'],
    [
      conv([2, 3, 9, 7], [4, 3, 3, 3], { padding: 1 }),
      conv([2, 3, 9, 7], [4, 3, 3, 3], { padding: 1, stride: 2 }),
      conv([1, 2, 11, 8], [5, 2, 3, 3], { padding: 2, dilation: 2 }),
      conv([3, 8, 8, 8], [16, 8, 3, 3], { padding: 3, dilation: 3 }),
      conv([3, 8, 8, 8], [16, 8, 3, 3], { padding: 1 }), // groups of 12 rows of dy: they end inside an image
      conv([2, 8, 16, 16], [8, 8, 3, 3], { padding: 1 }),
      conv([2, 8, 17, 13], [16, 8, 3, 3], { padding: 1 }),
      conv([2, 8, 12, 20], [24, 8, 3, 3], { padding: 1, stride: 2 }),
      conv([2, 16, 7, 9], [8, 16, 1, 1]),
      conv([2, 5, 9, 11], [7, 5, 1, 1], { stride: 2 }),
      conv([1, 3, 23, 18], [8, 3, 7, 7], { stride: 2, padding: 3 }),
      conv([1, 1, 1, 1], [1, 1, 1, 1]),
      conv([1, 2, 5, 6], [3, 2, 3, 2]),
      conv([1, 2, 9, 9], [3, 2, 5, 5], { stride: 3, padding: 1, dilation: 2 }),
      conv([1, 2, 6, 6], [3, 2, 1, 1], { padding: 1 }),
      // Tiles of 16 channels and of 128 pixels or 32 columns: whole, one more, one less; images that share a tile.
      conv([2, 16, 8, 8], [16, 16, 3, 3], { padding: 1 }),
      conv([1, 17, 3, 43], [17, 17, 1, 1]),
      conv([3, 15, 6, 7], [31, 15, 1, 1]),
      conv([43, 2, 3, 1], [3, 2, 3, 1], { padding: 1 }),
      conv([5, 18, 5, 6], [33, 18, 3, 3], { padding: 1, stride: 2 }),
      conv([2, 32, 3, 3], [2, 32, 1, 1], { stride: 2 }),
      // Stride, padding and dilation together; phases of the stride that no tap reaches, and more phases than rows.
      conv([2, 5, 13, 10], [9, 5, 3, 3], { stride: 2, padding: 2, dilation: 2 }),
      conv([2, 4, 14, 11], [18, 4, 3, 2], { stride: 3, padding: 4, dilation: 2 }),
      conv([1, 3, 2, 3], [2, 3, 2, 2], { stride: 4, padding: 1 }),
      conv([3, 2, 9, 8], [4, 2, 2, 3], { stride: 3, padding: 1, dilation: 3 }),
      conv([1, 2, 3, 4], [3, 2, 3, 3], { padding: 4, dilation: 1 }),
      // One tap, C and an image's pixels in fours.
      conv([3, 20, 6, 10], [37, 20, 1, 1]),
      conv([3, 12, 6, 14], [20, 12, 1, 1]),
      conv([2, 8, 40, 52], [16, 8, 1, 1]),
      // Rows of whole vec4s, with octets, images and channels that are part empty.
      conv([3, 7, 5, 4], [17, 7, 3, 3], { padding: 1 }),
      conv([1, 9, 3, 8], [25, 9, 3, 3], { padding: 2, dilation: 2 }),
      conv([5, 8, 2, 16], [8, 8, 3, 3], { padding: 3, dilation: 3 }),
      conv([1, 17, 6, 32], [24, 17, 3, 3], { padding: 4, dilation: 4 }),
      conv([7, 1, 1, 4], [1, 1, 3, 3], { padding: 1 }),
      conv([2, 5, 3, 12], [6, 5, 3, 3], { padding: 1 }), // three vec4s: an octet has no whole rows
      conv([3, 9, 7, 8], [17, 9, 3, 3], { padding: 1, stride: 2 }),
      conv([2, 24, 6, 16], [25, 24, 3, 3], { padding: 1, stride: 2 }),
      conv([1, 3, 9, 64], [5, 3, 3, 3], { padding: 1, stride: 2 }),
      conv([5, 5, 2, 24], [3, 5, 3, 3], { padding: 1, stride: 2 }),
      conv([3, 6, 1, 8], [4, 6, 3, 3], { padding: 1, stride: 2 }),
      // Maps of 2x2.
      conv([9, 4, 2, 2], [9, 4, 3, 3], { padding: 1 }),
      conv([1, 36, 2, 2], [5, 36, 3, 3], { padding: 1 }),
      conv([17, 8, 2, 2], [16, 8, 3, 3], { padding: 1 }),
      conv([3, 6, 2, 2], [4, 6, 3, 3], { padding: 1 }), // six channels: filters do not begin at a vec4
      [
        [[2, 3, 6, 5], [4, 3, 3, 3], [4]],
        (x, w, b) => conv2d(x!, w!, b, { padding: 1 }),
        refs => convolve(refs, { padding: 1 }),
      ],
    ],
  )
})

t('one kernel shared by two dilations gets the sum of both gradients', async () => {
  const shared = ([N, C, H, W]: [number, number, number, number], stride = 1): Case => [
    [
      [N, C, H, W],
      [3, C, 3, 3],
    ],
    (x, w) =>
      add(
        relu(conv2d(x!, w!, undefined, { stride, padding: 1 })),
        relu(conv2d(x!, w!, undefined, { stride, padding: 2, dilation: 2 })),
      ),
    refs => {
      const a = convolve(refs, { stride, padding: 1 })
      const b = convolve(refs, { stride, padding: 2, dilation: 2 })
      return a.map((v, i) => Math.max(v, 0) + Math.max(b[i]!, 0))
    },
  ]
  const pointwise: Case = [
    [
      [1, 4, 4, 6],
      [3, 4, 1, 1],
    ],
    (x, w) => add(relu(conv2d(x!, w!)), conv2d(x!, w!, undefined, { padding: 0 })),
    refs => convolve(refs, {}).map(v => Math.max(v, 0) + v),
  ]
  await checkRungs(['conv2d forward'], [shared([1, 2, 8, 8]), shared([1, 2, 8, 8], 2), shared([9, 4, 2, 2]), pointwise])
})

t('bias and ReLU in the same launch: every rung agrees, forward and gradients', async () => {
  await checkRungs(
    ['conv2d forward'],
    [
      [
        [[2, 3, 6, 5], [4, 3, 3, 3], [4]],
        (x, w, b) => conv2d(x!, w!, b, { padding: 1, relu: true }),
        refs => convolve(refs, { padding: 1 }).map(v => Math.max(v, 0)),
      ],
      [
        [[2, 9, 8, 9], [26, 9, 3, 3], [26]],
        (x, w, b) => conv2d(x!, w!, b, { padding: 2, dilation: 2, relu: true }),
        refs => convolve(refs, { padding: 2, dilation: 2 }).map(v => Math.max(v, 0)),
      ],
      [
        [[3, 5, 3, 8], [26, 5, 3, 3], [26]],
        (x, w, b) => conv2d(x!, w!, b, { padding: 1, relu: true }),
        refs => convolve(refs, { padding: 1 }).map(v => Math.max(v, 0)),
      ],
      [
        [[2, 4, 7, 9], [9, 4, 3, 3], [9]],
        (x, w, b) => conv2d(x!, w!, b, { stride: 2, padding: 1, relu: true }),
        refs => convolve(refs, { stride: 2, padding: 1 }).map(v => Math.max(v, 0)),
      ],
      [
        [[9, 4, 2, 2], [10, 4, 3, 3], [10]],
        (x, w, b) => conv2d(x!, w!, b, { padding: 1, relu: true }),
        refs => convolve(refs, { padding: 1 }).map(v => Math.max(v, 0)),
      ],
      [
        [
          [1, 2, 5, 7],
          [3, 2, 3, 3],
        ],
        (x, w) => conv2d(x!, w!, undefined, { relu: true }),
        refs => convolve(refs, {}).map(v => Math.max(v, 0)),
      ],
      [
        [[2, 8, 4, 7], [5, 8, 1, 1], [5]],
        (x, w, b) => conv2d(x!, w!, b, { relu: true }),
        refs => convolve(refs, {}).map(v => Math.max(v, 0)),
      ],
    ],
  )
})

t('batch norm by running statistics, shortcut and ReLU in the same launch: every rung agrees', async () => {
  const eps = 1e-3
  // The epilogue is one text (lib/conv_epilogue.wgsl) that each rung calls: all of it is run by each rung, and its
  // variants by the first one, for a variant may take a CPU a second to compile.
  const fused = (x: number[], w: number[], relu: Relu, shortcut: boolean, stride = 1): Case => {
    const K = w[0]!
    const y = [x[0]!, K, Math.ceil(x[2]! / stride), Math.ceil(x[3]! / stride)]
    return [
      [x, w, [K], [K], [K], [K], ...(shortcut ? [y] : [])],
      (x, w, weight, bias, running_mean, running_var, residual) =>
        conv2d(x!, w!, undefined, {
          stride,
          padding: (w!.shape[2]! - 1) / 2,
          relu,
          norm: { weight: weight!, bias: bias!, running_mean: running_mean!, running_var: running_var!, eps },
          ...(residual ? { residual } : {}),
        }),
      ([x, w, weight, bias, mean, variance, residual]) =>
        convolve([x!, w!], { stride, padding: (w!.shape[2]! - 1) / 2 }).map((v, i) => {
          const k = Math.floor(i / (y[2]! * y[3]!)) % K
          const u =
            ((v - mean!.data[k]!) / Math.sqrt(variance!.data[k]! + eps)) * weight!.data[k]! +
            bias!.data[k]! +
            (residual?.data[i] ?? 0)
          return relu ? Math.min(Math.max(u, 0), relu === 6 ? 6 : Infinity) : u
        }),
      {
        gradients: [],
        ...(relu !== true || !shortcut ? { rungs: (name: string) => name === 'naive' } : {}),
        inputs: (random, i, size) =>
          Array.from({ length: size }, () => random.uniform(-1, 1) + (i === 5 ? 1.5 : relu === 6 && i === 3 ? 4 : 0)),
      },
    ]
  }
  await checkRungs(
    ['conv2d forward'],
    [
      ...[false, true].flatMap(relu =>
        [false, true].flatMap(shortcut => [
          fused([2, 5, 7, 9], [18, 5, 3, 3], relu, shortcut),
          fused([3, 8, 4, 4], [24, 8, 3, 3], relu, shortcut),
          fused([2, 12, 6, 6], [10, 12, 1, 1], relu, shortcut),
          fused([9, 4, 2, 2], [10, 4, 3, 3], relu, shortcut),
        ]),
      ),
      fused([2, 12, 6, 6], [10, 12, 1, 1], 6, true),
      fused([2, 5, 7, 9], [18, 5, 3, 3], true, true, 2),
    ],
  )
})

t('what is fused for inference has no gradient, and says so', async () => {
  const w = persistent([2, 2, 1, 1])
  const one = persistent([2])
  w.requiresGrad = true
  const norm = { weight: one, bias: one, running_mean: one, running_var: one }
  scope(() => {
    assert.throws(
      () => valueAndGrad(() => sum(conv2d(empty([1, 2, 3, 3]), w, undefined, { norm })), [w]),
      /no gradient/,
    )
    return []
  })
  await finish()
  for (const t of [w, one]) release(t)
})

t('a gradient for what is fused in is refused, not lost', () => {
  const residual = persistent([1, 4, 6, 6])
  residual.requiresGrad = true
  scope(() => {
    assert.throws(
      () =>
        valueAndGrad(() => sum(conv2d(empty([1, 3, 8, 8]), empty([4, 3, 3, 3]), undefined, { residual })), [residual]),
      /run them as ops of their own/,
    )
    return []
  })
  release(residual)
})

t('20 odd shapes: rows left over by the stride, lines as filters, more padding than filter', async () => {
  const random = new Random(11)
  const int = (a: number, b: number) => a + random.int(b - a + 1)
  for (let k = 0; k < 20; ) {
    const [R, S, H, W] = [int(1, 5), int(1, 5), int(1, 14), int(1, 14)]
    const options = { stride: int(1, 4), dilation: int(1, 3), padding: int(0, 4) }
    const fits = (n: number, taps: number) => n + 2 * options.padding > options.dilation * (taps - 1)
    if (!fits(H, R) || !fits(W, S)) continue
    k++
    const [C, K] = [int(1, 9), int(1, 9)]
    await check(...conv([int(1, 3), C, H, W], [K, C, R, S], options))
  }
})

t('shapes that do not fit are named', () => {
  scope(() => {
    const norm = { weight: empty([4]), bias: empty([4]), running_mean: empty([4]), running_var: empty([5]) }
    assert.throws(() => conv2d(empty([1, 3, 8, 8]), empty([4, 3, 3, 3]), empty([3])), /makes 4 channels, b \[3\] has 3/)
    assert.throws(
      () => conv2d(empty([1, 3, 8, 8]), empty([4, 3, 3, 3]), undefined, { norm }),
      /makes 4 channels, running_var \[5\]/,
    )
    assert.throws(
      () =>
        conv2d(empty([1, 3, 8, 8]), empty([4, 3, 3, 3]), empty([4]), { norm: { ...norm, running_var: empty([4]) } }),
      /a bias and a batch norm/,
    )
    assert.throws(
      () => conv2d(empty([1, 3, 8, 8]), empty([4, 3, 3, 3]), undefined, { residual: empty([1, 4, 8, 8]) }),
      /not of y's shape \[1,4,6,6\]/,
    )
    assert.throws(
      () => conv2d(empty([1, 3, 8, 8]), empty([4, 64, 3, 3])),
      /x \[1,3,8,8\] has 3 channels, w \[4,64,3,3\] expects 64/,
    )
    assert.throws(
      () => conv2d(empty([1, 3, 8, 8]), empty([4, 3, 3, 3]), undefined, { stride: 1.5 }),
      /must be whole numbers from 1, padding from 0 or 'same'; found stride 1.5/,
    )
    assert.throws(() => conv2d(empty([3, 8, 8]), empty([4, 3, 3, 3])), /axes \(N C H W\)/)
    assert.throws(() => conv2d(empty([1, 3, 2, 2]), empty([4, 3, 3, 3])), /smaller than/)
    return []
  })
})

t.run()
