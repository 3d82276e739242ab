/** Batch normalisation (Ioffe and Szegedy 2015) with running statistics, and with ReLU or add + ReLU fused in. */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { check, sizeOf, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder } from '../gpu/kernel.ts'
import type { Relu } from './elementwise.ts'

/** N images of C channels of L places. */
type Shape = Record<'N' | 'C' | 'L', number>
type Fused = Shape & Record<'eps' | 'momentum' | 'RELU' | 'TRAINING', number>

const elements = ({ N, C, L }: Shape): number => N * C * L
const channels = ({ C }: { C: number }): number => C
const groupEach = ({ C }: Shape) => [C, 1, 1] as const
/** Rungs that move four elements at a time. */
const inFours = ({ L }: Shape): boolean => L % 4 === 0
/**
 * Barriers cost a CPU more than the lanes that they keep busy: slower than the first rung at 11 of 12 measured shapes.
 */
const groups = { on: 'gpu', grid: groupEach, pays: ({ N, L }: Shape): boolean => N * L >= 128 } as const
/** As many lanes as every adapter has in a workgroup, where each has work, and half of them or more in each image. */
const widest = {
  ...groups,
  name: 'workgroup 256',
  consts: { WG: 256 },
  pays: ({ N, L }: Shape): boolean => N * L >= 2048 && L >= 128,
} as const
const octets = { on: 'cpu', grid: ({ C }: Shape): number => 8 * C, right: inFours, needs: { subgroup: 8 } } as const
/** The same with four lanes, for a CPU whose subgroups have no more: SwiftShader. */
const quartets = {
  on: 'cpu',
  grid: ({ C }: Shape): number => 4 * C,
  right: inFours,
  needs: { subgroup: 4 },
  consts: { LANES: 4 },
} as const

const batch = { axis: 'N', tensors: ['x', 'y', 'dx', 'dy', 'residual', 'dresidual'] } as const
/**
 * Elementwise kernels. By rows a channel's numbers are loaded once a row, and four elements move at a time. On a CPU an
 * octet walks a row. A GPU needs more lanes than that: as many as there are vec4s, or nearly.
 */
const byRows = (pass: string) => {
  const rows = { file: `batch_norm/${pass}/2_rows.wgsl`, right: inFours }
  const wide = (lanes: number) => ({
    ...rows,
    name: `rows ${lanes}`,
    grid: ({ N, C }: Shape): number => lanes * N * C,
    consts: { WG: lanes, LANES: lanes },
    on: 'gpu' as const,
    pays: ({ L }: Shape): boolean => L >= 2 * lanes,
  })
  return [
    { name: 'naive', file: `batch_norm/${pass}/1_naive.wgsl`, grid: elements },
    { ...rows, name: 'rows', grid: ({ N, C }: Shape): number => 8 * N * C },
    wide(64),
    wide(256),
  ] as const
}

const statistics = ladder<Fused>(
  'batch_norm statistics',
  [
    { name: 'naive', file: 'batch_norm/statistics/1_naive.wgsl', grid: channels },
    { name: 'workgroup', file: 'batch_norm/statistics/2_workgroup.wgsl', ...groups },
    { file: 'batch_norm/statistics/2_workgroup.wgsl', ...widest },
    { name: 'one walk quartet', file: 'batch_norm/statistics/4_one_walk.wgsl', ...quartets },
    { name: 'one walk', file: 'batch_norm/statistics/4_one_walk.wgsl', ...octets },
  ],
  { updates: ['running_mean', 'running_var'], batch },
)
/** The running statistics in the form of `moments`. */
const packed = kernel<{ C: number }>('batch_norm/moments.wgsl', channels)
const normalise = ladder<Fused>('batch_norm normalise', byRows('normalise'), { batch })
const normaliseAdd = ladder<Fused>('batch_norm normalise add', byRows('normalise_add'), { batch })
const backwardSums = ladder<Fused>(
  'batch_norm backward sums',
  [
    { name: 'naive', file: 'batch_norm/backward_sums/1_naive.wgsl', grid: channels },
    { name: 'workgroup', file: 'batch_norm/backward_sums/2_workgroup.wgsl', ...groups },
    { file: 'batch_norm/backward_sums/2_workgroup.wgsl', ...widest },
    { name: 'quartet', file: 'batch_norm/backward_sums/3_subgroup.wgsl', ...quartets },
    { name: 'subgroup', file: 'batch_norm/backward_sums/3_subgroup.wgsl', ...octets },
  ],
  { batch },
)
const backwardInput = ladder<Fused>('batch_norm backward input', byRows('backward_input'), { batch })
const backwardInputAdd = ladder<Fused>('batch_norm backward input add', byRows('backward_input_add'), { batch })

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
  /** In the same launch, true: y = max(y, 0); 6: y = min(max(y, 0), 6). */
  relu?: Relu
  /** Added before the ReLU, in the same launch: the shortcut of a residual block. Same shape as x. */
  residual?: Tensor
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias [+ residual] [ReLU or ReLU6], per channel on axis 1; x (N,C) or
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
  const shape = { N, C, L, eps, momentum, RELU: Number(relu), TRAINING: Number(training) }

  const moments = empty([C, 2])
  if (training) launch(statistics, { x, moments, running_mean, running_var }, shape)
  else launch(packed, { running_mean, running_var, moments }, { C })
  const y = empty(x.shape)
  if (residual) launch(normaliseAdd, { x, moments, weight, bias, residual, y }, shape)
  else launch(normalise, { x, moments, weight, bias, y }, shape)

  return record('batchNorm', y, residual ? [x, weight, bias, residual] : [x, weight, bias], dy => {
    // Without a ReLU the kernels do not look at y: bind dy in its place, and y's memory is free sooner.
    const seen = relu ? y : dy
    const dweight = empty([C])
    const dbias = empty([C])
    const coefficients = empty([C, 4])
    const dx = empty(x.shape)
    launch(backwardSums, { x, y: seen, dy, moments, weight, dweight, dbias, coefficients }, shape)
    if (!residual || !relu) {
      launch(backwardInput, { x, y: seen, dy, coefficients, dx }, shape)
      return residual ? [dx, dweight, dbias, dy] : [dx, dweight, dbias]
    }
    const dresidual = empty(x.shape)
    launch(backwardInputAdd, { x, y, dy, coefficients, dx, dresidual }, shape)
    return [dx, dweight, dbias, dresidual]
  })
}
