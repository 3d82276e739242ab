/** Running means over the steps, in place: of weights, for a teacher that is the mean of its pupil's past. */
import { launch } from '../execute.ts'
import { kernel } from '../gpu/kernel.ts'
import type { Tensor } from '../tensor.ts'

const followKernel = kernel('running/follow.wgsl', p => p.n!)

/** follower = decay follower + (1 - decay) x, in place, any shape; not differentiable. */
export const follow = (follower: Tensor, x: Tensor, decay: number): void => launch(followKernel, { x, follower }, { n: x.size, decay })
