/** jax-js on its WebGPU device, in Node. */
import './webgpu.mjs'
import { compete } from './common.mjs'
import { jaxJs } from './jax_contestant.mjs'

const jax = await import('@jax-js/jax')
await jax.init('webgpu')
jax.defaultDevice('webgpu')
await compete(jaxJs(jax))
process.exit(0)
