/** Batch normalisation (Ioffe and Szegedy 2015) with running statistics, and with ReLU or add + ReLU fused in. */
import { empty, launch } from '../engine/execute.ts'
import { record } from '../engine/tape.ts'
import { check, sizeOf, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder, type Params } from '../gpu/kernel.ts'
import { reluBackward } from './elementwise.ts'

const elements = (p: Params): number => p.N! * p.C! * p.L!
const channels = (p: Params): number => p.C!
const groupEach = (p: Params) => [p.C!, 1, 1] as const
/** Barriers cost a CPU more than the lanes that they keep busy: slower than rung 1 at 11 of 12 measured shapes. */
const longEnough = (p: Params, software: boolean): boolean => !software && p.N! * p.L! >= 128

/** Rungs that move four elements at a time. */
const inFours = (p: Params): boolean => p.L! % 4 === 0
const rows = (p: Params): number => 8 * p.N! * p.C!
const eightLanesEach = (p: Params): number => 8 * p.C!
const onCpu = { fits: inFours, subgroup: 8, pays: (_: Params, software: boolean) => software }
const fix = ['RELU'] as const

const statistics = ladder(
  'batch_norm statistics',
  kernel('batch_norm/statistics/1_naive.wgsl', channels),
  kernel('batch_norm/statistics/2_workgroup.wgsl', groupEach, { pays: longEnough }),
  kernel('batch_norm/statistics/3_subgroup.wgsl', eightLanesEach, onCpu),
  kernel('batch_norm/statistics/4_one_walk.wgsl', eightLanesEach, onCpu),
)
const running = kernel('batch_norm/running.wgsl', channels)
const normalise = ladder(
  'batch_norm normalise',
  kernel('batch_norm/normalise/1_naive.wgsl', elements, { fix }),
  kernel('batch_norm/normalise/2_rows.wgsl', rows, { fix, fits: inFours }),
)
const normaliseAdd = ladder(
  'batch_norm normalise add',
  kernel('batch_norm/normalise_add/1_naive.wgsl', elements, { fix }),
  kernel('batch_norm/normalise_add/2_rows.wgsl', rows, { fix, fits: inFours }),
)
const backwardSums = ladder(
  'batch_norm backward sums',
  kernel('batch_norm/backward_sums/1_naive.wgsl', channels, { fix }),
  kernel('batch_norm/backward_sums/2_workgroup.wgsl', groupEach, { fix, pays: longEnough }),
  kernel('batch_norm/backward_sums/3_subgroup.wgsl', eightLanesEach, { fix, ...onCpu }),
)
const backwardCoefficients = kernel('batch_norm/backward_coefficients.wgsl', channels, { fix: ['TRAINING'] })
const backwardInput = ladder(
  'batch_norm backward input',
  kernel('batch_norm/backward_input/1_naive.wgsl', elements, { fix }),
  kernel('batch_norm/backward_input/2_rows.wgsl', rows, { fix, fits: inFours }),
)

/** The tensors of a batch norm, each of shape (C), under torchvision's names. */
export interface BatchNormParams {
  weight: Tensor
  bias: Tensor
  running_mean: Tensor
  running_var: Tensor
}

export interface BatchNormOptions {
  /** Normalise by this batch's statistics and move the running ones; otherwise normalise by the running ones. */
  training: boolean
  eps?: number
  /** Weight of the new batch in the running statistics: PyTorch's convention, MXNet's is 1 minus this. */
  momentum?: number
  /** y = max(y, 0) in the same launch. */
  relu?: boolean
  /** Added before the ReLU, in the same launch: the shortcut of a residual block. Same shape as x. */
  residual?: Tensor
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias [+ residual] [ReLU], per channel on axis 1; x (N,C) or
 * (N,C,...). With xhat = (x - mean) / sqrt(variance + eps), g = dy behind the ReLU and means over everything but
 * channels: dbias = sum g,  dweight = sum g xhat,  dx = weight / sqrt(variance + eps) (g - mean(g) - xhat mean(g
 * xhat)),  dresidual = g.
 */
export function batchNorm(
  x: Tensor,
  { weight, bias, running_mean, running_var }: BatchNormParams,
  options: BatchNormOptions,
): Tensor {
  const { training, eps = 1e-5, momentum = 0.1, relu = false, residual } = options
  const [N, C, ...rest] = x.shape as [number, number, ...number[]]
  const L = sizeOf(rest)
  for (const [name, t] of Object.entries({ weight, bias, running_mean, running_var })) {
    check(t.size === C, () => `batchNorm: x [${x.shape}] has ${C} channels on axis 1, ${name} has ${t.size}`)
  }
  check(
    !residual || `${residual.shape}` === `${x.shape}`,
    () => `batchNorm: residual [${residual!.shape}] is not of x's shape [${x.shape}]`,
  )
  check(!training || N * L > 1, () => `batchNorm: training needs more than one value a channel, x is [${x.shape}]`)
  const shape = { N, C, L, eps, RELU: Number(relu), TRAINING: Number(training) }

  let mean = running_mean
  let variance = running_var
  if (training) {
    mean = empty([C])
    variance = empty([C])
    launch(statistics, { x, mean, variance }, shape)
    launch(running, { mean, variance, running_mean, running_var }, { C, count: N * L, momentum })
  }
  const y = empty(x.shape)
  if (residual) launch(normaliseAdd, { x, mean, variance, weight, bias, residual, y }, shape)
  else launch(normalise, { x, mean, variance, weight, bias, y }, shape)

  return record('batchNorm', y, residual ? [x, weight, bias, residual] : [x, weight, bias], dOut => {
    // The shortcut's gradient is dy behind the ReLU; once it exists, the rest needs no ReLU any more.
    const masked = relu && residual !== undefined
    const dy = masked ? reluBackward(y, dOut) : dOut
    const backward = { ...shape, RELU: Number(relu && !masked) }
    // Without a ReLU the kernels do not look at y: bind dy in its place, and y's memory is free sooner.
    const seen = backward.RELU ? y : dy
    const dweight = empty([C])
    const dbias = empty([C])
    const coefficients = empty([C, 4])
    const dx = empty(x.shape)
    launch(backwardSums, { x, y: seen, dy, mean, variance, dweight, dbias }, backward)
    launch(backwardCoefficients, { mean, variance, weight, dweight, dbias, coefficients }, backward)
    launch(backwardInput, { x, y: seen, dy, coefficients, dx }, backward)
    return residual ? [dx, dweight, dbias, dy] : [dx, dweight, dbias]
  })
}
