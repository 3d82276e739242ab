/** Two-dimensional convolution with stride, padding, dilation and an optional bias. */
import { empty, launch, mostToJoin } from '../engine/launch.ts'
import { InGroups, record } from '../engine/tape.ts'
import { axes, check, type Tensor } from '../engine/tensor.ts'
import { machine } from '../gpu/device.ts'
import { switches } from '../gpu/switches.ts'
import type { BatchNormParams } from './batch_norm.ts'
import { backwardInput, backwardWeight, forward } from './conv2d_ladders.ts'
import { type ConvShape, conv2dShape } from './conv2d_shape.ts'
import { depthwise, depthwiseGradInput, depthwiseGradWeight } from './depthwise.ts'
import { biasReluBackward, type Relu, reluBackward } from './elementwise.ts'
import { put } from './put.ts'
import { sum } from './reduce.ts'
import { winogradBackward, winogradForward } from './winograd.ts'

export interface ConvOptions {
  stride?: number
  /** Zeros on every side; or `same`: OH = ceil(H / stride), and what that takes is put half before, half behind. */
  padding?: number | 'same'
  dilation?: number
  /** 1, or C for a depthwise convolution: then w is (C,1,R,S). */
  groups?: number
  /**
   * `winograd` (3x3 filters, stride 1, no dilation) takes 2.25 times fewer products and has three times the rounding
   * error. Unless given, it is taken where it was measured to pay.
   */
  algorithm?: 'direct' | 'winograd'
}

/** Fused operations: done to the sums before they are written, instead of in launches of their own. */
export interface ConvEpilogue {
  /** true: y = max(y, 0); 6: y = min(max(y, 0), 6) */
  relu?: Relu
  /** Batch norm by its running statistics, in place of a bias. Not differentiable: for inference. */
  norm?: BatchNormParams & { eps?: number }
  /** Added before the ReLU: the shortcut of a residual block, of y's shape. Not differentiable. */
  residual?: Tensor
}

/**
 * y (N,K,OH,OW) = x (N,C,H,W) * w (K,C,R,S) + b (K),   OH = floor((H + 2 padding - dilation (R - 1) - 1) / stride) + 1.
 * With `groups` C, y[n,k] = x[n,k] * w[k,0]: every channel has a filter of its own (./depthwise.ts).
 * With dy taken behind the ReLU, if there is one: dx = dy convolved with w turned round, dw = x correlated with dy,
 * db = dy summed over N, OH and OW.
 * @throws where axes, channels, options or fused tensors do not fit together.
 */
export function conv2d(
  x: Tensor,
  w: Tensor,
  b?: Tensor,
  { relu = false, norm, residual, ...options }: ConvOptions & ConvEpilogue = {},
): Tensor {
  axes('conv2d', 'x', x, 'N C H W')
  axes('conv2d', 'w', w, 'K C R S')
  const shape = conv2dShape(x.shape, w.shape, options)
  const { N, K, OH, OW } = shape
  const deep = (options.groups ?? 1) > 1
  const y = empty([N, K, OH, OW])
  checkEpilogue(y, w, b, norm, residual)

  const epilogue = {
    AFFINE: norm ? 2 : b ? 1 : 0,
    RESIDUAL: Number(residual !== undefined),
    RELU: Number(relu),
    EPS: norm?.eps ?? 1e-5,
  }
  // A shader's bindings are always bound: to w, where it will not look at them.
  const bound = {
    mean: norm?.running_mean ?? w,
    variance: norm?.running_var ?? w,
    gamma: norm?.weight ?? w,
    beta: norm?.bias ?? b ?? w,
    residual: residual ?? w,
  }
  const u = !deep && byWinograd(shape, options.algorithm) ? winogradForward(x, w, y, shape, bound, epilogue) : undefined
  if (deep) depthwise({ x, w, ...bound, y }, shape, epilogue)
  else if (!u) launch(forward, { x, w, ...bound, y }, { ...shape, ...epilogue })

  // residual and norm are parents so that a gradient wanted for them alone is refused, too, and not lost.
  return record(
    'conv2d',
    y,
    [x, w, ...(b ? [b] : []), ...(residual ? [residual] : []), ...(norm ? [norm.weight, norm.bias] : [])],
    (dOut, take) => {
      check(
        !norm && !residual,
        () => 'conv2d: with norm or residual fused in there is no gradient: run them as ops of their own',
      )
      const wantB = b?.requiresGrad ?? false
      const both = relu && wantB ? biasReluBackward(y, dOut, relu) : undefined
      const dy = both ? both.g : relu ? reluBackward(y, dOut, relu) : dOut
      const soFar = take(0)
      const [dInput, dWeight] = deep ? [depthwiseGradInput, depthwiseGradWeight] : [gradInput, gradWeight]
      const [dx, dw] = u
        ? winogradBackward(x, w, u, dy, shape, { wantX: x.requiresGrad, wantW: w.requiresGrad, soFar })
        : [x.requiresGrad ? dInput(dy, w, shape, soFar) : null, w.requiresGrad ? dWeight(x, dy, shape) : null]
      return [dx, dw, both ? both.db : wantB ? sum(dy, [0, 2, 3]) : null]
    },
  )
}

/** @throws unless what is fused fits the output y (N,K,OH,OW) of a convolution with w (K,C,R,S). */
function checkEpilogue(y: Tensor, w: Tensor, b?: Tensor, norm?: BatchNormParams, residual?: Tensor): void {
  check(!b || !norm, () => 'conv2d: a bias and a batch norm were given; the norm has a bias of its own')
  const { weight, bias, running_mean, running_var } = norm ?? {}
  for (const [name, t] of Object.entries(norm ? { weight, bias, running_mean, running_var } : { b })) {
    const [K] = w.shape
    check(!t || t.size === K, () => `conv2d: w [${w.shape}] makes ${K} channels, ${name} [${t!.shape}] has ${t!.size}`)
  }
  check(
    !residual || `${residual.shape}` === `${y.shape}`,
    () => `conv2d: residual [${residual!.shape}] is not of y's shape [${y.shape}]`,
  )
}

/**
 * True where conv2d goes by Winograd's algorithm, forward and backward. Measured on a CPU: with this many channels and
 * tiles of 2x2 outputs 1.3 to 2.5 times as fast as the direct kernels, forward and backward together; no faster with
 * fewer, or with 64 channels where outputs come in rows of 4, 8, 16 or 32, which the direct kernels have rungs for. On
 * GPUs it is not measured.
 */
export function byWinograd(
  { N, C, K, R, S, OH, OW, stride, dilation, pad }: ConvShape,
  algorithm?: ConvOptions['algorithm'],
): boolean {
  const possible = R === 3 && S === 3 && stride === 1 && dilation === 1 && pad <= 2
  check(
    algorithm !== 'winograd' || possible,
    () =>
      `conv2d: winograd needs a 3x3 filter, stride 1, dilation 1 and padding up to 2; found ${R}x${S}, ${stride}, ` +
      `${dilation}, ${pad}`,
  )
  if (algorithm || !possible || switches.naive) return algorithm === 'winograd'
  const tiles = N * Math.ceil(OH / 2) * Math.ceil(OW / 2)
  const channels = Math.min(C, K)
  const enough = 32 % OW === 0 ? 128 : 64
  return (switches.winograd ?? machine() === 'cpu') && channels >= enough && channels * tiles >= 16384
}

/** dx, with the gradient that x has so far added to it. */
function gradInput(dy: Tensor, w: Tensor, shape: ConvShape, soFar?: Tensor): Tensor {
  const dx = empty([shape.N, shape.C, shape.H, shape.W])
  const { so_far, ADD } = put(soFar)
  launch(backwardInput, { dy, w, dx, so_far }, { ...shape, ADD })
  return dx
}

/**
 * The rows of dy, of all images, are cut into groups that are summed apart. A small filter alone has too few elements
 * to fill a machine. A GPU's multiprocessors get a tile of 64 x 64 each, if there are some hundred, of no less than
 * 256 pixels. For a CPU's few cores 4 tiles of the subgroup rung are enough, and one group saves the sum over groups.
 * And no group has more than 4,096 pixels, unless one row has, or the groups would not fit one binding: a longer sum in
 * float32 would lose digits.
 */
export function groupsOf({ N, K, C, R, S, OH, OW }: ConvShape): number {
  const pixels = N * OH * OW
  const forCpu = Math.min(N, Math.ceil(2048 / (K * C * R * S)))
  const tiles = Math.ceil(K / 64) * Math.ceil((C * R * S) / 64)
  const forGpu = Math.min(Math.floor(128 / tiles), Math.floor(pixels / 256))
  const most = Math.max(1, Math.floor(mostToJoin() / (4 * K * C * R * S)))
  return Math.min(N * OH, most, Math.max(machine() === 'gpu' ? forGpu : forCpu, Math.ceil(pixels / 4096)))
}

function gradWeight(x: Tensor, dy: Tensor, shape: ConvShape): Tensor | InGroups {
  const { C, K, R, S } = shape
  const G = groupsOf(shape)
  const dw = empty(G === 1 ? [K, C, R, S] : [G, K, C, R, S])
  launch(backwardWeight, { x, dy, dw }, { ...shape, G })
  return G === 1 ? dw : new InGroups(dw)
}
