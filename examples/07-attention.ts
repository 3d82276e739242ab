/**
 * Trilinear attention on one image: a feature channel, the map that the product makes of it, and what it borrows.
 *
 *     npx tsx examples/07-attention.ts
 */
import { drawBird } from '../src/data/birds/index.ts'
import { Classifier, close, matmul, open, persistent, read, softmax } from '../src/index.ts'
import { readModel } from '../src/tasn/model_file.ts'
import { grey, shades, sideBySide } from './characters.ts'

await open()
const classifier = new Classifier(await readModel(new URL('browser/model.safetensors', import.meta.url).pathname))
const bird = drawBird(0, 3200)
const seen = await classifier.attend({ width: 192, height: 192, data: bird.rgb }).explain()
const [C, h, w] = seen.features.shape as [number, number, number]
const channelOf = (maps: ArrayLike<number>, c: number): number[] => Array.from(maps).slice(c * h * w, (c + 1) * h * w)

/** The share of a map that lies in the bird's box, which takes `area` of the image. */
const [left, top, width, height] = bird.box.map(v => (v * w) / 192) as [number, number, number, number]
const area = (width * height) / (w * h)
const inBox = (_: number, i: number): boolean =>
  (i % w) + 0.5 > left && (i % w) + 0.5 < left + width && i / w > top && i / w < top + height
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const onBird = (map: readonly number[]): number => sum(map.filter(inBox)) / sum(map)
