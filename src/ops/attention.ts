/** From many attention maps to one: the mean of the live ones, or one live one picked at random. */
import { empty, launch } from '../engine/launch.ts'
import { record, recordConstant } from '../engine/tape.ts'
import { axes, check, type Tensor } from '../engine/tensor.ts'
import { kernel } from '../gpu/kernel.ts'

type Maps = Record<'N' | 'C' | 'L', number>
const places = ({ N, L }: Maps): number => N * L

const liveMeanKernel = kernel('attention/live_mean.wgsl', places)
const liveMeanBackward = kernel('attention/live_mean_backward.wgsl', places)
const chooseKernel = kernel<{ N: number; C: number }>('attention/choose_live.wgsl', p => p.N)
const pickKernel = kernel('attention/pick.wgsl', places)

/**
 * A (N,L) = mean of M (N,C,L) over the channels whose `largest` (N,C) is above zero; over all where none is. NaN for an
 * image with a `largest` that is NaN.
 * dM = dA / number of them, in each of them. `largest` gets no gradient. */
export function liveMean(M: Tensor, largest: Tensor): Tensor {
  const [N, C, L] = mapAxes('liveMean', M, largest)
  const A = empty([N, L])
  launch(liveMeanKernel, { M, largest, A }, { N, C, L })

  return record('liveMean', A, [M], dA => {
    const dM = empty(M.shape)
    launch(liveMeanBackward, { dA, largest, dM }, { N, C, L })
    return [dM]
  })
}

/**
 * A (N,L) = for each image the map of one channel of M (N,C,L), picked among those whose `largest` (N,C) is above zero
 * by u (N) in [0,1). NaN for an image with a `largest` that is NaN, or a u that is NaN or outside 0 to 1. Not
 * differentiable: a gradient that is wanted through it throws.
 */
export function pickLive(M: Tensor, largest: Tensor, u: Tensor): Tensor {
  const [N, C, L] = mapAxes('pickLive', M, largest)
  const A = empty([N, L])
  const channel = empty([N], 'u32')
  check(u.size === N, () => `pickLive: ${N} images need ${N} random numbers, found [${u.shape}]`)
  launch(chooseKernel, { largest, u, channel }, { N, C })
  launch(pickKernel, { M, channel, A }, { N, C, L })
  return recordConstant('pickLive', A, [M, largest, u])
}

function mapAxes(op: string, M: Tensor, largest: Tensor): [number, number, number] {
  const [N, C, L] = axes(op, 'M', M, 'N C L')
  check(
    `${largest.shape}` === `${[N, C]}`,
    () => `${op}: M [${M.shape}] needs a largest value per channel [${N},${C}], found [${largest.shape}]`,
  )
  return [N, C, L]
}
