/**
 * Names the birds in photographs with a trained model, and draws what it looked at.
 *
 *     npx tsx examples/predict.ts runs/.../model.safetensors PHOTO ...
 *     npx tsx examples/predict.ts --model RUN PHOTO ...
 */
import { basename, extname } from 'node:path'
import { Command } from 'commander'
import { loadShortSide } from '../src/data/short_side.ts'
import { switches } from '../src/gpu/switches.ts'
import { Classifier, close, open } from '../src/index.ts'
import { modelFileOf } from '../src/run/folder.ts'
import { keepPicture, lookPicture } from '../src/run/look.ts'
import { projectPath } from '../src/run/project_path.ts'
import { readModel } from '../src/tasn/model_file.ts'

interface Flags {
  model?: string
  out: string
}
const command = new Command('npx tsx examples/predict.ts')
  .description('Names the birds in photographs, and draws what the model looked at.')
  .argument('[files...]', 'photographs, JPEG or PNG; before them the model, unless --model names it')
  .option('--model <path>', 'a model.safetensors, or the folder of a run')
  .option('--out <dir>', 'folder for the pictures', projectPath('runs', 'predict'))
  .parse()

/** The model in a file. The file's numbers are not kept: they are on the GPU then. */
async function load(file: string): Promise<Classifier> {
  const weights = await readModel(file)
  await open()
  return new Classifier(weights)
}

async function predict(classifier: Classifier, photo: string, out: string): Promise<void> {
  // Shrunk like the images of training, and upright: a photo from a phone is often stored on its side.
  const { width, height, rgb } = await loadShortSide(photo, classifier.size, { upright: true })
  const seen = await classifier.explain({ width, height, data: rgb })
  console.log(photo)
  for (const { name, probability } of seen.guesses.slice(0, 5))
    console.log(`${(100 * probability).toFixed(1).padStart(7)} %  ${name}`)
  const name = `${basename(photo, extname(photo))}-seen`
  console.log(`    it looked at ${await keepPicture(out, name, lookPicture(seen))}`)
}

function fail(error: unknown): void {
  console.error(switches.debug ? error : `error: ${(error as Error).message}`)
  process.exitCode = 1
}

try {
  const { model: named, out } = command.opts<Flags>()
  const [model, photos] = named === undefined ? [command.args[0], command.args.slice(1)] : [named, command.args]
  if (model === undefined || !photos.length)
    throw new Error('a model and a photograph are needed: npx tsx examples/predict.ts runs/.../model.safetensors PHOTO')
  const classifier = await load(modelFileOf(model))
  for (const photo of photos) await predict(classifier, photo, out).catch(fail)
} catch (error) {
  fail(error)
}
await close()
