/**
 * The pictures of README.zh.md: a drawn bird and its attention, the sampler, both gradients, a teacher's soft answers.
 *
 *     npx tsx examples/explained/zh/pictures.ts
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { drawBird } from '../../../src/data/birds/index.ts'
import {
  Classifier,
  close,
  crossEntropy,
  IMAGENET_MEAN,
  IMAGENET_STD,
  open,
  persistent,
  readAll,
  sampleGrid,
  samplingGrid,
  softmax,
  TasnInference,
  valueAndGrad,
  Zeros,
} from '../../../src/index.ts'
import { readModel } from '../../../src/node.ts'
import { enlarged, heat, type Picture, pictureOf, save, sideBySide, warped } from '../../../src/run/picture.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const SIZE = 192
const SIDE = 144
/** The one of examples/07-attention.ts. */
const CHANNEL = 1

/** Writes a picture with few colours: it is small then. */
async function write(name: string, pictures: readonly Picture[]): Promise<void> {
  save(here(name), sideBySide(pictures))
  const bytes = await sharp(await readFile(here(name)))
    .png({ palette: true, colours: 32, effort: 10 })
    .toBuffer()
  await sharp(bytes).toFile(here(name))
}
/** Numbers as white to black, the largest black. */
function ink(values: Float32Array, width: number): Picture {
  const largest = Math.max(...values)
  const rgb = new Float32Array(3 * values.length).map((_, i) => 1 - (values[Math.floor(i / 3)]! / largest) ** 0.5)
  return { width, height: values.length / width, rgb }
}
/** Probabilities as bars. */
function bars(values: Float32Array): Picture {
  const rgb = new Float32Array(3 * SIDE * SIDE).fill(0.96)
  const step = Math.floor(SIDE / values.length)
  for (const [k, v] of values.entries())
    for (let y = Math.round(SIDE * (1 - v)); y < SIDE; y++)
      for (let x = k * step + 4; x < (k + 1) * step - 4; x++) rgb.set([0, 0.45, 0.7], 3 * (y * SIDE + x))
  return { width: SIDE, height: SIDE, rgb }
}

await open()
const weights = await readModel(here('../../browser/model.safetensors'))
const classifier = new Classifier(weights)
const bird = drawBird(0, 3300)
const seen = await classifier.attend({ width: SIZE, height: SIZE, data: bird.rgb }).explain({ channel: CHANNEL })
const [, h, w] = seen.features.shape as [number, number, number]
const image = pictureOf(seen.image)
const map = (of: ArrayLike<number>, c: number): Float32Array => Float32Array.from(of).slice(c * h * w, (c + 1) * h * w)
const heatOf = (values: Float32Array): Picture => enlarged(heat(image, values, h, w), SIDE)
const structure = seen.structure.map.data as Float32Array
const { rows, columns } = seen.structure
const lines = enlarged(warped(image, rows.positions, columns.positions), SIDE)

await write('trilinear.png', [
  enlarged(image, SIDE),
  heatOf(map(seen.features.data, CHANNEL)),
  heatOf(map(seen.attention.data, CHANNEL)),
  heatOf(structure),
])
await write('sampler.png', [
  heatOf(structure),
  lines,
  enlarged(pictureOf(seen.structure.sample), SIDE),
  enlarged(pictureOf(seen.shrunk), SIDE),
])

// The classifier's loss, with a gradient to the image and, by the exact cap, one to the map.
const model = new TasnInference(new Zeros(), classifier.config)
model.load(weights.tensors)
const planes = new Float32Array(3 * SIZE ** 2).map((_, i) => {
  const [c, pixel] = [Math.floor(i / SIZE ** 2), i % SIZE ** 2]
  return (image.rgb[3 * pixel + c]! - IMAGENET_MEAN[c]!) / IMAGENET_STD[c]!
})
const x = persistent([1, 3, SIZE, SIZE], planes)
const A = persistent([1, h, w], structure)
for (const wanted of [x, A]) wanted.requiresGrad = true
const label = persistent([1], Uint32Array.of(bird.label))
const { classifierSize } = classifier.config
const { grads } = valueAndGrad(() => {
  const grid = samplingGrid(A, [SIZE, SIZE], classifierSize, { cap: 'exact' })
  return crossEntropy(model.classifier.forward(sampleGrid(x, grid)), label)
}, [x, A])
const [dx, dA] = (await readAll([grads.get(x)!, grads.get(A)!])) as [Float32Array, Float32Array]
const each = dx.subarray(0, SIZE ** 2).map((_, i) => Math.hypot(dx[i]!, dx[SIZE ** 2 + i]!, dx[2 * SIZE ** 2 + i]!))
await write('gradient.png', [lines, enlarged(ink(each, SIZE), SIDE), enlarged(ink(dA.map(Math.abs), w), SIDE)])
const share = (values: Float32Array): string => {
  const touched = values.filter(v => v !== 0).length
  return `${touched} of ${values.length}`
}
console.log(`a gradient reaches ${share(each)} pixels of the image, and ${share(dA)} cells of the map`)

const logits = persistent([1, 5], Float32Array.of(6, 4.5, 1, 0, -1))
const answers = await readAll([1, 4, 10].map(T => softmax(logits, 1, 1 / T)))
await write(
  'temperature.png',
  answers.map(q => bars(q as Float32Array)),
)
await close()
