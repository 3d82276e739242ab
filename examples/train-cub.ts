/**
 * Trains TASN on a data set in the layout of CUB-200-2011, or on the built-in birds.
 *
 *   npm run train
 *   npm run train -- --data DIR --preset small
 */
import { switches } from '../src/gpu/switches.ts'
import { adapterInfo, close, finish, open, useChoices } from '../src/index.ts'
import { sharedAttention } from '../src/run/attention_from.ts'
import { choose, fitted, fittedText } from '../src/run/choice.ts'
import { configOf } from '../src/run/config.ts'
import { datasetOf, verifyOnly } from '../src/run/data.ts'
import { type Flags, parseFlags } from '../src/run/flags.ts'
import { CHECKPOINT_FILE } from '../src/run/folder.ts'
import { savePictures } from '../src/run/pictures.ts'
import { loadFirstWeights } from '../src/run/pretrained.ts'
import { Recorder } from '../src/run/recorder.ts'
import { summaryOf } from '../src/run/summary.ts'
import { takeUp } from '../src/run/take_up.ts'
import { beginningText, endText, filesText, missingText, modelText } from '../src/run/text.ts'
import { Tasn } from '../src/tasn/network.ts'
import type { Plain } from '../src/tasn/plain.ts'
import { train } from '../src/train/loop.ts'
import { setUp } from '../src/train/setup.ts'

const say = (...lines: (string | undefined)[]) => {
  for (const line of lines) if (line !== undefined) console.log(line)
}
const warn = (...lines: (string | undefined)[]) => {
  for (const line of lines) if (line !== undefined) console.warn(`warning: ${line}`)
}

async function main(given: Flags): Promise<void> {
  if (given.verify) return say(await verifyOnly(given))
  const { choice, folder } = choose(given)
  const { flags, kernels } = choice
  const { seed } = flags
  const dataset = await datasetOf(flags)
  warn(...dataset.warnings)
  await open()
  if (kernels) warn(missingText(useChoices(kernels)))
  say(beginningText(dataset, flags.heldOut))

  const config = { ...choice.model, classes: dataset.classes.length }
  const settings = fitted(choice.training, dataset.train.length, flags)
  say(fittedText(choice.training, settings, dataset.train.length))
  const begun = folder.has(CHECKPOINT_FILE)
  const attentionFrom =
    begun || flags.attentionFrom === undefined
      ? undefined
      : sharedAttention(flags.attentionFrom, { flags, training: settings, model: config })
  const start = performance.now()
  const pretrained = begun ? undefined : async (model: Tasn | Plain) => say(...(await loadFirstWeights(model, flags)))
  const t = await setUp({ config, settings, dataset, seed, pretrained })
  // Only now: what fails before leaves no folder behind.
  folder.writeJson('config.json', configOf(flags, settings, config, dataset))
  const ready = ((performance.now() - start) / 1000).toFixed(1)
  say(modelText(t), `ready after ${ready} s; results go to ${folder.dir}\n`)

  const recorder = new Recorder(t, folder)
  say(...(await takeUp(t, folder, attentionFrom)))
  try {
    for await (const event of train(t, { evaluateEvery: flags.evaluateEvery })) await recorder.take(event)
  } finally {
    recorder.stop()
  }
  await finish()

  // A run that was killed between its last epoch and here is finished now.
  if (!recorder.measured().epochs && folder.has('summary.json')) return
  const summary = await summaryOf(t, recorder.measured())
  folder.writeJson('summary.json', { ...summary, adapter: adapterInfo })
  const pictures = folder.path('pictures')
  const picture = t.model instanceof Tasn ? await savePictures(t.model, t.loaders.test, pictures, { seed }) : undefined
  say(`\n${endText(summary, t)}\n`, filesText(folder, picture))
}

try {
  await main(parseFlags())
} catch (error) {
  console.error(switches.debug ? error : `error: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await close().catch((error: unknown) => {
    console.error(`error: ${(error as Error).message}`)
    process.exitCode = 1
  })
}
