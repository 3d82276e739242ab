/** Names the bird in a photograph with a trained model.      npx tsx examples/03-predict.ts RUN_FOLDER IMAGE */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { augment, close, open, persistent, Random, read, softmax, Tasn, type TasnConfig } from '../src/index.ts'
import { loadShortSide } from '../src/data/decode.ts'
import { crop } from '../src/data/loader.ts'
import { readTensors } from '../src/io/checkpoint.ts'
import { noChanges } from '../src/train/augmentation.ts'

const [run, file] = process.argv.slice(2)
if (!run || !file) throw new Error('usage: npx tsx examples/03-predict.ts RUN_FOLDER IMAGE')

const { model: config, classes } = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as { model: TasnConfig, classes: string[] }
await open()
const model = new Tasn(new Random(0), config).train(false)
model.load((await readTensors(join(run, 'checkpoint.safetensors'))).tensors, { partial: true }) // what is left over belongs to the optimisers

const [size] = config.imageSize, pixels = new Uint32Array(size * size)
crop(await loadShortSide(file, size), 0.5, pixels, size) // as in testing
const x = augment(persistent([1, size, size], pixels), persistent([1, 9], noChanges(1)))
const chances = await read(softmax(model.predict(x)))

const best = [...chances.keys()].sort((a, b) => chances[b]! - chances[a]!).slice(0, 3)
for (const i of best) console.log(`${(100 * chances[i]!).toFixed(1).padStart(5)} %  ${classes[i]}`)
await close()
