/**
 * Names the birds in photographs with a trained model, and draws what it looked at.
 *
 *     npm run predict -- runs/.../model.safetensors PHOTO ...
 *     npm run predict -- --model RUN PHOTO ...
 */
import { statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { Command } from 'commander'
import { isPhoto } from '../src/data/image_kinds.ts'
import { someOf } from '../src/data/problems.ts'
import { loadShortSide } from '../src/data/short_side.ts'
import { Classifier, open } from '../src/index.ts'
import { modelFileOf } from '../src/run/folder.ts'
import { keepPicture, lookPicture } from '../src/run/look.ts'
import { runProgram, sayError } from '../src/run/program.ts'
import { projectPath } from '../src/run/project_path.ts'
import { readModel } from '../src/tasn/model_file.ts'

interface Flags {
  model?: string
  out: string
}
const command = new Command('npm run predict --')
  .description('Names birds, or what your own photographs show, and draws what the model looked at.')
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

/** The model and the photographs of the command line. @throws saying which of them is missing. */
function given(model: string | undefined, files: readonly string[]): [model: string, photos: readonly string[]] {
  const [first, ...others] = files
  const [named, photos] = model === undefined && !(first && isPhoto(first)) ? [first, others] : [model, files]
  if (named !== undefined && photos.length) return [named, photos]
  if (named !== undefined) throw new Error(`found only ${named}: name a photograph, too`)
  if (photos.length) throw new Error(`found only ${someOf(photos)}: name the model, too: --model runs/...`)
  throw new Error('a model and a photograph are needed: npm run predict -- --model runs/... photo.jpg')
}

async function predict(classifier: Classifier, photo: string, out: string): Promise<void> {
  if (statSync(photo, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${photo} is a folder: name its files, such as ${join(photo, '*.jpg')}`)
  // Shrunk like the images of training, and upright: a photo from a phone is often stored on its side.
  const { width, height, rgb } = await loadShortSide(photo, classifier.size, { upright: true })
  const seen = await classifier.explain({ width, height, data: rgb })
  console.log(photo)
  for (const { name, probability } of seen.guesses.slice(0, 5))
    console.log(`${(100 * probability).toFixed(1).padStart(7)} %  ${name}`)
  const name = `${basename(photo, extname(photo))}-seen`
  console.log(`    it looked at ${await keepPicture(out, name, lookPicture(seen))}`)
}

await runProgram(async () => {
  const { model: named, out } = command.opts<Flags>()
  const [model, photos] = given(named, command.args)
  const classifier = await load(modelFileOf(model))
  // A photograph that cannot be read leaves the others to be named.
  for (const photo of photos)
    await predict(classifier, photo, out).catch((error: unknown) => {
      process.exitCode = sayError(error)
    })
})
