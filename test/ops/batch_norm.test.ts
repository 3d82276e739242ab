/** Batch normalisation: every rung of its five ladders, training and inference, fused and not, against plain loops. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty } from '../../src/engine/launch.ts'
import type { Random } from '../../src/engine/random.ts'
import type { Shape } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { choose } from '../../src/gpu/ladder.ts'
import { type BatchNormOptions, batchNorm } from '../../src/ops/batch_norm.ts'
import { type Case, checkRungs, type Ref, relative } from '../support/check.ts'
import { setVariable } from '../support/variable.ts'

const LADDERS = [
  'batch_norm statistics',
  'batch_norm normalise',
  'batch_norm normalise add',
  'batch_norm backward sums',
  'batch_norm backward input',
  'batch_norm backward input add',
]

/** Mean and (biased) variance of each channel, in float64. */
function moments({ shape, data }: Ref): { mean: Float64Array; variance: Float64Array } {
  const [N, C] = shape as [number, number]
  const L = data.length / (N * C)
  const mean = new Float64Array(C)
  const variance = new Float64Array(C)
  const each = (f: (c: number, v: number) => void) =>
    data.forEach((v, i) => {
      f(Math.floor(i / L) % C, v)
    })
  each((c, v) => {
    mean[c]! += v / (N * L)
  })
  each((c, v) => {
    variance[c]! += (v - mean[c]!) ** 2 / (N * L)
  })
  return { mean, variance }
}

/** The definition, in float64. Inputs: x, weight, bias, running_mean, running_var and perhaps a residual. */
function normalised(
  [x, weight, bias, runningMean, runningVar, residual]: Ref[],
  { training, eps = 1e-5, relu }: BatchNormOptions,
): Float64Array {
  const [N, C] = x!.shape as [number, number]
  const L = x!.data.length / (N * C)
  const { mean, variance } = training ? moments(x!) : { mean: runningMean!.data, variance: runningVar!.data }
  return x!.data.map((v, i) => {
    const c = Math.floor(i / L) % C
    const y =
      ((v - mean[c]!) / Math.sqrt(variance[c]! + eps)) * weight!.data[c]! + bias!.data[c]! + (residual?.data[i] ?? 0)
    return relu ? Math.min(Math.max(y, 0), relu === 6 ? 6 : Infinity) : y
  })
}

/**
 * x uniform in -1..1 around `offset`, with standard deviation 1 when an offset is given; variances positive.
 * If `steep`, some of y is below 0 and some above 6.
 */
const inputs =
  (offset: number, steep: boolean) =>
  (random: Random, index: number, size: number): number[] =>
    Array.from({ length: size }, () => {
      const v = random.uniform(-1, 1)
      if (steep && (index === 1 || index === 2)) return 4 + v
      return index === 0 ? (offset ? offset + v * Math.sqrt(3) : v) : index === 4 ? 1.5 + v : v
    })

type More = { residual?: boolean; offset?: number; tolerance?: number }

const norm = (shape: Shape, options: Omit<BatchNormOptions, 'residual'>, more: More = {}): Case => {
  const C = shape[1]!
  const { residual: add = false, offset = 0, ...check } = more
  return [
    [shape, [C], [C], [C], [C], ...(add ? [shape] : [])],
    (x, weight, bias, mean, variance, residual) =>
      batchNorm(
        x!,
        { weight: weight!, bias: bias!, running_mean: mean!, running_var: variance! },
        { ...options, ...(residual ? { residual } : {}) },
      ),
    refs => normalised(refs, options),
    { inputs: inputs(offset, options.relu === 6), gradients: add ? [0, 1, 2, 5] : [0, 1, 2], ...check },
  ]
}

const t = suite('ops/batch_norm')

t('training: every rung agrees with the definition, forward and gradients', async () => {
  await checkRungs(
    LADDERS,
    [false, true].flatMap(relu =>
      [false, true].flatMap(residual => [
        norm([3, 5, 4, 7], { training: true, relu }, { residual }),
        norm([2, 3, 3, 5], { training: true, relu }, { residual }), // rows that are no multiple of 4
        // Rows over one walk of 8 lanes and of 64; channels no multiple of 8.
        norm([2, 9, 10, 14], { training: true, relu }, { residual }),
        norm([1, 1, 2, 6], { training: true, relu }, { residual }),
      ]),
    ),
  )
})

t('with a ReLU6: every rung agrees with the definition, forward and gradients', async () => {
  await checkRungs(
    LADDERS,
    [false, true].flatMap(residual => [
      norm([3, 5, 4, 7], { training: true, relu: 6 }, { residual }),
      norm([2, 3, 3, 5], { training: true, relu: 6 }, { residual }),
    ]),
  )
})

t('inference: every rung agrees with the definition, forward and gradients', async () => {
  await checkRungs(
    LADDERS.slice(1),
    [false, true].flatMap(relu =>
      [false, true].flatMap(residual => [
        norm([3, 5, 4, 7], { training: false, relu }, { residual }),
        norm([2, 3, 3, 5], { training: false, relu, eps: 1e-3 }, { residual }),
      ]),
    ),
  )
})

t('x may have two axes', async () => {
  await checkRungs(
    ['batch_norm statistics'],
    [
      norm([7, 5], { training: true }),
      norm([7, 5], { training: false }),
      norm([6, 8, 4], { training: true }), // for the rung that needs rows in fours
      norm([150, 2, 4], { training: true, relu: true }),
    ],
  )
})

t('a mean that is large against the deviation', async () => {
  // A float32 of 100 is known to 4e-6, which is the error of the mean, and y = (x - mean) / 1 inherits it, larger still
  // because the mean is a sum of hundreds: rung 1, which adds one by one, is 1.4e-5 of the largest y away.
  await checkRungs(LADDERS, [
    norm([4, 3, 8, 9], { training: true }, { offset: 100, tolerance: 2e-5 }),
    norm([4, 3, 5, 7], { training: true, relu: true }, { offset: 100, tolerance: 2e-5 }),
    norm([4, 3, 8, 9], { training: true, relu: true }, { offset: 100, tolerance: 2e-5, residual: true }),
  ])
})

t('a first image that is far from the others', async () => {
  // The one-walk rung takes its bearings from the first image: at worst it magnifies rounding by the number of images.
  const far = (random: Random, index: number, size: number): number[] =>
    Array.from({ length: size }, (_, i) =>
      index === 0 ? random.uniform(-1, 1) + (i < size / 16 ? 1000 : 0) : index === 4 ? 1 : random.uniform(-1, 1),
    )
  await checkRungs(
    ['batch_norm statistics'],
    [
      [
        [[16, 3, 8, 9], [3], [3], [3], [3]],
        (x, weight, bias, mean, variance) =>
          batchNorm(
            x!,
            { weight: weight!, bias: bias!, running_mean: mean!, running_var: variance! },
            { training: true },
          ),
        refs => normalised(refs, { training: true }),
        { inputs: far, gradients: [], tolerance: 5e-6 },
      ],
    ],
  )
})

t('a GPU gets a workgroup a channel and many lanes a row; a small map gets less', () => {
  const putBack = setVariable('MACHINE', 'gpu')
  try {
    for (const [N, C, L, sums, rows] of [
      [8, 64, 56 * 56, 'workgroup 256', 'rows 256'],
      [16, 256, 14 * 14, 'workgroup 256', 'rows 64'],
      [8, 512, 7 * 7, 'workgroup', 'naive'],
      [64, 512, 7 * 7, 'workgroup', 'naive'],
      [8, 512, 4 * 4, 'workgroup', 'rows'],
      [4, 16, 5 * 5, 'naive', 'naive'],
    ] as const)
      for (const name of LADDERS) {
        const p = { N, C, L, eps: 1e-5, momentum: 0.1, RELU: 0, TRAINING: 1 }
        const wanted = /statistics|sums/.test(name) ? sums : rows
        assert.is(choose(ladderNamed(name), p).name, wanted, `${name}, ${N}x${C}x${L}`)
      }
  } finally {
    putBack()
  }
})

t("running statistics after two steps are PyTorch's: momentum 0.1 of the new, the variance unbiased", async () => {
  const shape = [3, 2, 4, 5]
  const xs = [1, 2].map(k => Float32Array.from({ length: 120 }, (_, i) => Math.sin(k * i * i) + k))
  const p = {
    weight: persistent([2], new Float32Array(2).fill(1)),
    bias: persistent([2]),
    running_mean: persistent([2]),
    running_var: persistent([2], new Float32Array(2).fill(1)),
  }
  const mean = [0, 0]
  const variance = [1, 1]
  for (const data of xs) {
    const x = persistent(shape, data)
    const now = moments({ shape, data: Float64Array.from(data) })
    scope(() => {
      batchNorm(x, p, { training: true })
      return []
    })
    for (const c of [0, 1]) {
      mean[c] = 0.9 * mean[c]! + 0.1 * now.mean[c]!
      variance[c] = 0.9 * variance[c]! + (0.1 * now.variance[c]! * 60) / 59
    }
    assert.ok(relative(await read(p.running_mean), mean) < 1e-6)
    assert.ok(relative(await read(p.running_var), variance) < 1e-6)
    // Inference only reads them.
    scope(() => {
      batchNorm(x, p, { training: false })
      return []
    })
    assert.ok(relative(await read(p.running_mean), mean) < 1e-6)
    release(x)
  }
  for (const tensor of Object.values(p)) release(tensor)
})

t('shapes that do not fit are named', () => {
  scope(() => {
    const p = { weight: empty([3]), bias: empty([3]), running_mean: empty([3]), running_var: empty([4]) }
    assert.throws(
      () => batchNorm(empty([2, 3, 4, 4]), p, { training: true }),
      /3 channels on axis 1, running_var has 4/,
    )
    const fine = { ...p, running_var: empty([3]) }
    assert.throws(
      () => batchNorm(empty([2, 3, 4]), fine, { training: true, residual: empty([2, 3]) }),
      /residual \[2,3\] is not of x's shape/,
    )
    assert.throws(() => batchNorm(empty([1, 3]), fine, { training: true }), /more than one value a channel/)
    return []
  })
})

t.run()
