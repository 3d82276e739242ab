/** Layers: ops with weights of their own. Names and shapes of the weights are PyTorch's. */

import type { Random } from '../engine/random.ts'
import { wantsGradient } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { persistent } from '../engine/transfer.ts'
import { batchNorm } from '../ops/batch_norm.ts'
import { type ConvEpilogue, type ConvOptions, conv2d } from '../ops/conv2d.ts'
import type { Relu } from '../ops/elementwise.ts'
import { linear } from '../ops/matmul.ts'
import { kaimingNormal, parameter, uniformFanIn } from './init.ts'
import { Module } from './module.ts'

/**
 * Convolution (N,C,H,W) -> (N,K,H',W') with weight (K,C/groups,size,size), Kaiming-initialised. It has a bias (K) only
 * where asked for, because in ResNets a batch norm follows.
 */
export class Conv2d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | undefined
  readonly options: ConvOptions

  constructor(
    random: Random,
    C: number,
    K: number,
    size: number,
    { bias = false, fan = 'out', ...options }: ConvOptions & { bias?: boolean; fan?: 'in' | 'out' } = {},
  ) {
    super()
    this.weight = kaimingNormal(random, [K, C / (options.groups ?? 1), size, size], fan)
    this.bias = bias ? parameter([K], () => 0) : undefined
    this.options = options
  }

  /** Convolves x. `options` override the layer's own: TASN runs one kernel at several dilations. */
  forward(x: Tensor, options: ConvOptions & ConvEpilogue = {}): Tensor {
    return conv2d(x, this.weight, this.bias, { ...this.options, ...options })
  }
}

/** Batch norm of each channel of (N,C,H,W) or (N,C), with running statistics (C). */
export class BatchNorm2d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly running_mean: Tensor
  readonly running_var: Tensor
  readonly eps: number

  constructor(C: number, { eps = 1e-5 }: { eps?: number } = {}) {
    super()
    this.eps = eps
    this.weight = parameter([C], () => 1)
    this.bias = parameter([C], () => 0)
    this.running_mean = persistent([C])
    this.running_var = persistent([C], new Float32Array(C).fill(1))
  }

  /** Normalises x; with a `residual` of its shape added and a ReLU (6: ReLU6), if asked for, in the same launch. */
  forward(x: Tensor, fused: { relu?: Relu; residual?: Tensor } = {}): Tensor {
    return batchNorm(x, this, { training: this.training, eps: this.eps, ...fused })
  }
}

/**
 * norm(conv(x)), then the addition of a `residual` and a ReLU (6: a ReLU6), if asked for. In inference all of it is one
 * launch, because the norm's numbers are fixed and no gradient is wanted.
 */
export function convNorm(
  conv: Conv2d,
  norm: BatchNorm2d,
  x: Tensor,
  fused: { relu?: Relu; residual?: Tensor } = {},
): Tensor {
  return norm.training || wantsGradient() || conv.bias
    ? norm.forward(conv.forward(x), fused)
    : conv.forward(x, { norm, ...fused })
}

/** y (N,K) = x (N,C) wᵀ + b with weight (K,C) and bias (K). */
export class Linear extends Module {
  readonly weight: Tensor
  readonly bias: Tensor

  constructor(random: Random, C: number, K: number) {
    super()
    this.weight = uniformFanIn(random, [K, C])
    this.bias = uniformFanIn(random, [K], C)
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }
}

/** The head of a network. @throws if it was made without classes. */
export function headOf(head: Linear | undefined, network: string): Linear {
  check(
    head !== undefined,
    () => `${network}: this network was made without classes, so it has features() but no logits`,
  )
  return head
}
