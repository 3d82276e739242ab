/** jax-js on its WebGPU device, in a page. */
import * as jax from '@jax-js/jax'
import { jaxJs } from './jax_contestant.mjs'

/** @throws where it has no WebGPU device. */
export const contestant = () => jaxJs(jax)
