/**
 * Names the bird in a photo with a trained model.
 *
 *     npx tsx examples/03-predict.ts runs/.../model.safetensors IMAGE
 */

import { loadShortSide } from '../src/data/short_side.ts'
import { Classifier, close, open } from '../src/index.ts'
import { readModel } from '../src/tasn/model_file.ts'

/** The model in a file. The file's numbers are not kept: they are on the GPU then. */
async function load(file: string): Promise<Classifier> {
  const weights = await readModel(file)
  await open()
  return new Classifier(weights)
}

const [model, photo] = process.argv.slice(2)
try {
  if (!model || !photo)
    throw new Error('two files are needed: npx tsx examples/03-predict.ts runs/.../model.safetensors IMAGE')
  const classifier = await load(model)

  // Shrunk like the images of training, and upright: a photo from a phone is often stored on its side.
  const { width, height, rgb } = await loadShortSide(photo, classifier.size, { upright: true })
  for (const { name, probability } of await classifier.classify({ width, height, data: rgb }, 3)) {
    console.log(`${(100 * probability).toFixed(1).padStart(5)} %  ${name}`)
  }
} catch (error) {
  console.error(`error: ${(error as Error).message}`)
  process.exitCode = 1
}
await close()
