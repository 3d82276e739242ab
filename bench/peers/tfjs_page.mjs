/** TensorFlow.js on its WebGPU backend, in a page. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-webgpu'
import { tfjs } from './tfjs_contestant.mjs'

/** @throws where it has no WebGPU backend. */
export const contestant = () => tfjs(tf)
