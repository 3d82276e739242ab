/**
 * Tensors and ops: two matrices, their product, a softmax.
 *
 *     npx tsx examples/01-tensors.ts
 */
import { close, matmul, open, persistent, read, softmax } from '../src/index.ts'

await open()

const a = persistent([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))
const b = persistent([3, 2], Float32Array.of(1, 0, 0, 1, 1, 1))
const y = softmax(matmul(a, b))

console.log(`a [${a.shape}] times b [${b.shape}], softmax over the last axis: [${y.shape}]`)
console.log(await read(y)) // until here nothing has waited for the GPU

await close()
