/** An op that adds its gradient to the one that is there already, in the launch that makes it: shaders/lib/put.wgsl. */

import type { Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'

/**
 * The gradient so far as lib/put.wgsl wants it: the tensor that is bound as so_far, and the switch ADD. Without one,
 * any tensor as long as an Element is bound, and not looked at.
 *
 * @param soFar of the shape of the gradient that the launch makes.
 */
export const put = (soFar: Tensor | undefined): { so_far: Tensor; ADD: number } => ({
  so_far: soFar ?? constant([4], 0),
  ADD: Number(soFar !== undefined),
})
