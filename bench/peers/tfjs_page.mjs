/** TensorFlow.js on its WebGPU backend, in a page. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-webgpu'
import { tfjs } from './tfjs_contestant.mjs'

/** @throws where it has no WebGPU backend. */
export async function contestant() {
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs has no WebGPU backend here')
  await tf.ready()
  return tfjs(tf)
}
