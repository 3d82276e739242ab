/** jax-js on its WebGPU device, in a page. */
import * as jax from '@jax-js/jax'
import { jaxJs } from './jax_contestant.mjs'

/** @throws where it has no WebGPU device. */
export async function contestant() {
  const devices = await jax.init('webgpu')
  if (!devices.includes('webgpu')) throw new Error('jax-js has no WebGPU device here')
  jax.defaultDevice('webgpu')
  return jaxJs(jax)
}
