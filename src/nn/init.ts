/** Initial weights. Every function draws from the generator it is given, so that a seed fixes the model. */

import type { Random } from '../engine/random.ts'
import { type Shape, sizeOf, type Tensor } from '../engine/tensor.ts'
import { persistent } from '../engine/transfer.ts'

/** A tensor that is learnt. `value` is called once for each element, in order. */
export function parameter(shape: Shape, value: () => number): Tensor {
  // A plain loop: Float32Array.from() takes 2.5 times as long to draw the weights of a ResNet-50.
  const values = new Float32Array(sizeOf(shape))
  for (let i = 0; i < values.length; i++) values[i] = value()
  const t = persistent(shape, values)
  t.requiresGrad = true
  return t
}

/** The inputs that meet in one output, and the outputs that one input meets in, for a weight (K,C,R,S) or (K,C). */
function fans([K, C, ...taps]: Shape): { fanIn: number; fanOut: number } {
  return { fanIn: C! * sizeOf(taps), fanOut: K! * sizeOf(taps) }
}

/** Gaussian with variance 2 / fan, for layers before a ReLU (He et al. 2015). torchvision's ResNets take fan-out. */
export function kaimingNormal(random: Random, shape: Shape, fan: 'in' | 'out' = 'out'): Tensor {
  const { fanIn, fanOut } = fans(shape)
  const std = Math.sqrt(2 / (fan === 'in' ? fanIn : fanOut))
  return parameter(shape, () => std * random.normal())
}

/** Uniform within ±1 / sqrt(fan-in): PyTorch's default for linear layers and their biases. */
export function uniformFanIn(random: Random, shape: Shape, fanIn = fans(shape).fanIn): Tensor {
  const bound = 1 / Math.sqrt(fanIn)
  return parameter(shape, () => random.uniform(-bound, bound))
}
