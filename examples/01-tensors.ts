/**
 * Tensors and ops: two matrices, their product, a softmax along either axis.
 *
 *     npx tsx examples/01-tensors.ts
 */
import { close, matmul, open, persistent, read, relu, scale, scope, softmax, type Tensor } from '../src/index.ts'

/** A matrix (H,W) as text. */
async function rows(x: Tensor, digits = 0): Promise<string> {
  const [, W] = x.shape as [number, number]
  const numbers = [...(await read(x))].map(v => v.toFixed(digits).padStart(digits + 4))
  return numbers.map((text, i) => text + (i % W === W - 1 ? '\n' : '')).join('')
}

await open() // finds a GPU, or a driver that computes on the CPU

console.log(`A tensor is a shape over a block of GPU memory, row by row. persistent() uploads one, read() downloads it.
Between the two nothing waits: an op only tells the GPU what to do next.\n`)
const a = persistent([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))
const b = persistent([3, 2], Float32Array.of(1, 0, 0, 1, 1, 1))
console.log(`a [${a.shape}]\n${await rows(a)}`)
console.log(`b [${b.shape}]\n${await rows(b)}`)

const product = matmul(a, b)
console.log(`matmul(a, b) [${product.shape}]: a row of a times a column of b\n${await rows(product)}`)

const along = softmax(product)
console.log(`softmax(matmul(a, b)) [${along.shape}]: along the last axis, each row sums to 1`)
console.log(`The rows differ by a constant, 6, so their softmax is the same.\n${await rows(along, 4)}`)
const down = softmax(product, 0)
console.log(`softmax(matmul(a, b), 0) [${down.shape}]: along axis 0, each column sums to 1\n${await rows(down, 4)}`)

// Tensors that ops make are given back at the end of the scope() around them, all but those that it returns.
const [y] = scope(() => [relu(scale(a, 1, -3))])
console.log(`relu(a - 3) [${y.shape}]: what is below zero becomes zero\n${await rows(y)}`)

try {
  matmul(a, a)
} catch (error) {
  console.log(`matmul(a, a) is refused before anything runs:\n  ${(error as Error).message}`)
}
await close()
