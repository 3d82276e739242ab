/**
 * Trilinear attention on one image: a feature channel, the map that the product makes of it, and what it borrows.
 *
 *     npx tsx examples/07-attention.ts
 */
import { close, matmul, open, persistent, readAll, softmax, trilinearAttention } from '../src/index.ts'
import { grey, percent, shades, sideBySide } from './characters.ts'
import { oneBird } from './one_bird.ts'

await open()
const { classifier, seen, onBird } = await oneBird()
const { trilinear } = classifier.config
const [C, h, w] = seen.features.shape as [number, number, number]
const features = seen.features.data as Float32Array

// The product, step by step. X has a channel in each row: its response in each of the h w places.
const X = persistent([1, C, h * w], features)
const N = softmax(X, 2, trilinear.innerScale) // each row sums to 1
const R = softmax(matmul(N, X, { transposeB: true })) // row i: how far each channel responds where channel i does
const M = matmul(R, X) // row i: the mean of the channels by those weights
const whole = trilinearAttention(persistent([1, C, h, w], features), trilinear)
const [relations, maps, same] = (await readAll([R, M, whole])) as Float32Array[]

const channel = (of: Float32Array, c: number): Float32Array => of.subarray(c * h * w, (c + 1) * h * w)
// Of the channels that respond strongly, the one that changes most.
const strong = seen.live.filter(c => Math.max(...channel(features, c)) > 0.3 * Math.max(...features))
const gains = strong.map(c => onBird(channel(maps!, c)) - onBird(channel(features, c)))
const c = strong[gains.indexOf(Math.max(...gains))]!
const meanOnBird = (of: Float32Array): string =>
  percent(seen.live.map(i => onBird(channel(of, i))).reduce((a, b) => a + b) / seen.live.length)
const apart = same!.reduce((most, v, i) => Math.max(most, Math.abs(v - maps![i]!)), 0)
const weights = [...relations!.subarray(c * C, (c + 1) * C).entries()].sort(([, a], [, b]) => b - a).slice(0, 5)

console.log(
  `A drawn bird, one of the ${C} channels of ${h} x ${w} places that the attention net has of it, and its map:\n`,
)
const pictures = { [`channel ${c}`]: shades(channel(features, c), w), [`map ${c}`]: shades(channel(maps!, c), w) }
console.log(sideBySide({ 'the image': grey(seen.shrunk), ...pictures }))
console.log(`
A channel responds to one pattern, wherever it is. Its map is a mean of channels, weighted by row ${c} of the matrix
softmax(N(X) X^T), C x C: a channel weighs more, the more it responds where channel ${c} does. The largest weights:

  channel ${weights.map(([i]) => `${i}`.padStart(8)).join('')}
  weight  ${weights.map(([, v]) => v.toFixed(3).padStart(8)).join('')}

So places on which channels agree stay, and places that one alone has seen fade. The share that lies on the bird, whose
box is ${percent(onBird(new Float32Array(h * w).fill(1)))} of the image:

                     feature     map
  channel ${`${c}`.padEnd(11)}${percent(onBird(channel(features, c)))}  ${percent(onBird(channel(maps!, c)))}
  mean of ${`${seen.live.length}`.padEnd(11)}${meanOnBird(features)}  ${meanOnBird(maps!)}

trilinearAttention() is the same four lines. The two differ by at most ${apart}.`)
await close()
