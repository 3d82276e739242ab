/** TensorFlow.js on its WebGPU backend, in Node. */
import './webgpu.mjs'
import { createRequire } from 'node:module'
import { compete } from './common.mjs'
import { tfjs } from './tfjs_contestant.mjs'

const require = createRequire(import.meta.url)
const tf = require('@tensorflow/tfjs')
require('@tensorflow/tfjs-backend-webgpu')
if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs has no WebGPU backend here')
await tf.ready()
await compete(tfjs(tf))
process.exit(0)
