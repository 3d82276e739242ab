/** jax-js on its WebGPU device, in Node. */
import './webgpu.mjs'
import { compete } from './common.mjs'
import { jaxJs } from './jax_contestant.mjs'

await compete(await jaxJs(await import('@jax-js/jax')))
process.exit(0)
