/**
 * Ops that treat every element alike: arithmetic, activations, powers, one bias per channel; and reshape, which touches
 * none.
 */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { check, type Shape, sizeOf, Tensor } from '../engine/tensor.ts'
import { ladder, strips } from '../gpu/kernel.ts'
import { sum } from './reduce.ts'

type Count = { n: number }

const reluForward = strips<Count>('elementwise/relu.wgsl', p => p.n)
const reluGradient = strips<Count>('elementwise/relu_backward.wgsl', p => p.n)

/** y = max(x, 0), any shape; NaN stays NaN.      dx = dy where y is not 0, else 0. */
export function relu(x: Tensor): Tensor {
  const y = empty(x.shape)
  launch(reluForward, { x, y }, { n: y.size })

  return record('relu', y, [x], dy => [reluBackward(y, dy)])
}

const relu6Forward = strips<Count>('elementwise/relu6.wgsl', p => p.n)
const relu6Gradient = strips<Count>('elementwise/relu6_backward.wgsl', p => p.n)

/** y = min(max(x, 0), 6), any shape; NaN stays NaN.      dx = dy where y is neither 0 nor 6, else 0. */
export function relu6(x: Tensor): Tensor {
  const y = empty(x.shape)
  launch(relu6Forward, { x, y }, { n: y.size })

  return record('relu6', y, [x], dy => [reluBackward(y, dy, 6)])
}

/** An activation fused into another op: true is ReLU, 6 is ReLU6. In shaders it is the switch RELU: 0, 1 or 6. */
export type Relu = boolean | 6

/**
 * dy where y is not 0, nor 6 with ReLU6, else 0: PyTorch's rule, by which dy passes where x is NaN. Also the gradient
 * of an activation that is fused into another op.
 */
export function reluBackward(y: Tensor, dy: Tensor, kind: Relu = true): Tensor {
  const dx = empty(y.shape)
  launch(kind === 6 ? relu6Gradient : reluGradient, { y, dy, dx }, { n: dx.size })
  return dx
}

// ---- y = f(x)
// ------------------------------------------------------------------------------------------------------------

type Unary = Record<'OP' | 'n' | 'a' | 'b', number>

const unaryForward = strips<Unary>('elementwise/unary.wgsl', p => p.n)
const unaryBackward = strips<Unary>('elementwise/unary_backward.wgsl', p => p.n)

/** The numbers of unary.wgsl's switch. */
const UNARY = { scale: 0, exp: 1, log: 2, sqrt: 3, square: 4, sigmoid: 5, tanh: 6, abs: 7, power: 8 }

function unary(name: keyof typeof UNARY, x: Tensor, a = 0, b = 0): Tensor {
  const y = empty(x.shape)
  const params = { OP: UNARY[name], n: x.size, a, b }
  launch(unaryForward, { x, y }, params)

  return record(name, y, [x], dy => {
    const dx = empty(x.shape)
    launch(unaryBackward, { x, y, dy, dx }, params)
    return [dx]
  })
}

/** y = factor * x + offset.      dx = factor * dy. */
export const scale = (x: Tensor, factor: number, offset = 0): Tensor => unary('scale', x, factor, offset)
/** y = e^x.      dx = y * dy. */
export const exp = (x: Tensor): Tensor => unary('exp', x)
/** y = ln x: minus infinity at 0, NaN below.      dx = dy / x. */
export const log = (x: Tensor): Tensor => unary('log', x)
/** y = square root of x, x not below 0.      dx = dy / (2 y), infinite at 0. */
export const sqrt = (x: Tensor): Tensor => unary('sqrt', x)
/** y = x².      dx = 2 x * dy. */
export const square = (x: Tensor): Tensor => unary('square', x)
/** y = 1 / (1 + e^-x), from 0 to 1.      dx = y (1 - y) * dy. */
export const sigmoid = (x: Tensor): Tensor => unary('sigmoid', x)
/** y = (e^x - e^-x) / (e^x + e^-x), from -1 to 1.      dx = (1 - y²) * dy. */
export const tanh = (x: Tensor): Tensor => unary('tanh', x)
/** y = |x|.      dx = dy where x > 0, -dy where x < 0, else 0. */
export const abs = (x: Tensor): Tensor => unary('abs', x)
/** y = x^exponent where x > 0, NaN where x is, else 0.      dx = exponent * x^(exponent - 1) * dy, in the same way. */
export const power = (x: Tensor, exponent: number): Tensor => unary('power', x, exponent)

// ---- y = f(a, b)
// -----------------------------------------------------------------------------------------------------------

const binaryForward = strips<{ OP: number; n: number }>('elementwise/binary.wgsl', p => p.n)

function binary(name: string, OP: number, a: Tensor, b: Tensor): Tensor {
  check(
    `${a.shape}` === `${b.shape}`,
    () => `${name}: both shapes must be the same, found [${a.shape}] and [${b.shape}]`,
  )
  const y = empty(a.shape)
  launch(binaryForward, { a, b, y }, { OP, n: y.size })
  return y
}

/** y = a + b, same shape.      da = db = dy. */
export function add(a: Tensor, b: Tensor): Tensor {
  return record('add', binary('add', 0, a, b), [a, b], dy => [dy, dy])
}

/** y = max(a + b, 0), same shape, in one launch.      da = db = dy where y is not 0, else 0. */
export function addRelu(a: Tensor, b: Tensor): Tensor {
  const y = binary('addRelu', 4, a, b)
  return record('addRelu', y, [a, b], dy => {
    const d = reluBackward(y, dy)
    return [d, d]
  })
}

/** y = a - b, same shape.      da = dy, db = -dy. */
export function sub(a: Tensor, b: Tensor): Tensor {
  return record('sub', binary('sub', 1, a, b), [a, b], dy => [dy, b.requiresGrad ? scale(dy, -1) : null])
}

/** y = a * b, same shape.      da = dy * b, db = dy * a. */
export function mul(a: Tensor, b: Tensor): Tensor {
  return record('mul', binary('mul', 2, a, b), [a, b], dy => [
    a.requiresGrad ? mul(dy, b) : null,
    b.requiresGrad ? mul(dy, a) : null,
  ])
}

/** y = a / b, same shape.      da = dy / b, db = -(dy / b) * y. */
export function div(a: Tensor, b: Tensor): Tensor {
  const y = binary('div', 3, a, b)
  return record('div', y, [a, b], dy => {
    const da = div(dy, b)
    return [da, b.requiresGrad ? scale(mul(da, y), -1) : null]
  })
}

// ---- bias, reshape
// ---------------------------------------------------------------------------------------------------------

const biasForward = strips<{ n: number; C: number; inner: number }>('elementwise/bias.wgsl', p => p.n)

/** y = x + b along axis 1: x (N,C) or (N,C,...), b (C).      dx = dy, db = dy summed over every axis but 1. */
export function bias(x: Tensor, b: Tensor): Tensor {
  const [, C, ...rest] = x.shape
  check(C !== undefined && b.size === C, () => `bias: x [${x.shape}] has ${C} channels on axis 1, b has ${b.size}`)
  const y = empty(x.shape)
  launch(biasForward, { x, b, y }, { n: y.size, C, inner: sizeOf(rest) })

  return record('bias', y, [x, b], dy => {
    const everyAxisButOne = dy.shape.map((_, i) => i).filter(i => i !== 1)
    return [dy, b.requiresGrad ? sum(dy, everyAxisButOne) : null]
  })
}

type Channels = Record<'N' | 'C' | 'L' | 'RELU', number>
const biasRelu = ladder<Channels>('bias relu backward', [
  { name: 'naive', file: 'elementwise/bias_relu_backward/1_naive.wgsl', grid: p => p.C },
  {
    name: 'workgroup',
    file: 'elementwise/bias_relu_backward/2_workgroup.wgsl',
    grid: p => [p.C, 1, 1],
    on: 'gpu',
    pays: p => p.N * p.L >= 128,
  },
  {
    name: 'subgroup',
    file: 'elementwise/bias_relu_backward/3_subgroup.wgsl',
    grid: p => 8 * p.C,
    on: 'cpu',
    right: p => p.L % 4 === 0,
    needs: { subgroup: 8 },
  },
])

/**
 * The two gradients of y = relu(x + b), y (N,C,...): g = dy where y is not 0, else 0, which is that of x; and db (C) =
 * g summed over every axis but 1. With relu6 g is 0 where y is 6, too. For ops that have bias and ReLU fused in.
 */
export function biasReluBackward(y: Tensor, dy: Tensor, kind: Relu = true): { g: Tensor; db: Tensor } {
  const [N, C, ...rest] = y.shape as [number, number, ...number[]]
  const g = empty(y.shape)
  const db = empty([C])
  launch(biasRelu, { y, dy, g, db }, { N, C, L: sizeOf(rest), RELU: Number(kind) })
  return { g, db }
}

/** The same memory under another shape of the same size.      dx = dy under the old shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  check(sizeOf(shape) === x.size, () => `reshape: [${x.shape}] has ${x.size} elements, [${shape}] has ${sizeOf(shape)}`)
  const y = new Tensor(shape, x.storage, x.dtype)

  return record('reshape', y, [x], dy => [reshape(dy, x.shape)])
}
