/**
 * Trains TASN on CUB-200-2011, on photographs in folders by class, or on the built-in birds.
 *
 *   npm run train
 *   npm run train -- --data DIR --preset small
 */
import { decodePool } from '../src/data/feed/pool.ts'
import { DeviceLost } from '../src/gpu/device.ts'
import { finish, open, useChoices } from '../src/index.ts'
import { sharedAttention } from '../src/run/attention_from.ts'
import { checkRoom, keepCheckpoint, putInPlace } from '../src/run/checkpoints.ts'
import { choose, defined, fitted, fittedText } from '../src/run/choice.ts'
import { resumeCommand } from '../src/run/commands.ts'
import { configOf } from '../src/run/config.ts'
import { checkSameData, datasetOf, imagesOf, verifyOnly } from '../src/run/data.ts'
import { endRun } from '../src/run/ending.ts'
import { type Flags, parseFlags } from '../src/run/flags.ts'
import type { RunFolder } from '../src/run/folder.ts'
import { checkFirstWeights, loadFirstWeights, untrainedText } from '../src/run/pretrained.ts'
import { runProgram, sayError } from '../src/run/program.ts'
import { Recorder } from '../src/run/recorder.ts'
import { goOnInNewProcess, MOST_RESTARTS, restarts } from '../src/run/restart.ts'
import { Stop, Stopped } from '../src/run/stop.ts'
import { takeUp } from '../src/run/take_up.ts'
import { outliveTerminal } from '../src/run/terminal.ts'
import { beginningText, missingText, modelText } from '../src/run/text.ts'
import { explained } from '../src/run/trouble.ts'
import { hasAttentionNet } from '../src/tasn/config.ts'
import type { Tasn } from '../src/tasn/network.ts'
import type { Plain } from '../src/tasn/plain.ts'
import { takeCheckpoint } from '../src/train/checkpoint.ts'
import { train } from '../src/train/loop.ts'
import { setUp } from '../src/train/setup.ts'

const say = (...lines: (string | undefined)[]) => {
  for (const line of lines) if (line !== undefined) console.log(line)
}
const warn = (...lines: (string | undefined)[]) => {
  for (const line of lines) if (line !== undefined) console.warn(`warning: ${line}`)
}
/** The run, once it has begun. */
let begun: { folder: RunFolder; stop: Stop } | undefined

async function main(given: Flags): Promise<void> {
  if (given.verify) {
    await checkFirstWeights(given)
    const { report, sound } = await verifyOnly(given)
    say(report)
    if (!sound) process.exitCode = 1
    return
  }
  const { choice, folder, found } = await choose(given)
  const { checkpoint, warnings } = found
  const { flags, kernels } = choice
  const { seed, keep, saveEvery, evaluateEvery } = flags
  warn(...warnings)
  if (!checkpoint) await checkFirstWeights(flags)
  // --no-verify beside --resume is for this start alone.
  const dataset = await datasetOf({ ...flags, ...defined({ verify: given.verify }) }, choice.data !== undefined)
  warn(...dataset.warnings)
  checkSameData(given, choice.data, dataset)
  await open()
  if (kernels) warn(missingText(useChoices(kernels)))
  say(beginningText(dataset))

  const config = { ...choice.model, classes: dataset.classes.length }
  const settings = fitted(choice.training, dataset.train.length, flags)
  if (!checkpoint) warn(untrainedText(flags, hasAttentionNet(config)))
  say(fittedText(choice.training, settings, dataset.train.length))
  const attentionFrom =
    checkpoint || flags.attentionFrom === undefined
      ? undefined
      : sharedAttention(flags.attentionFrom, { flags, training: settings, model: config }, dataset)
  const start = performance.now()
  const pretrained = checkpoint
    ? undefined
    : async (model: Tasn | Plain) => say(...(await loadFirstWeights(model, flags)))
  const t = await setUp({
    config,
    settings,
    dataset,
    seed,
    pretrained,
    trainedAttention: checkpoint !== undefined || flags.pretrainedAttention !== undefined,
    pool: decodePool,
    images: imagesOf(flags, warn),
  })
  if (checkpoint) takeCheckpoint(t, checkpoint)
  await checkRoom(t, folder, checkpoint !== undefined, keep)
  // Only now: what fails before leaves no folder behind, and an earlier config.json as it was.
  await folder.claim()
  await folder.writeJson('config.json', configOf(flags, settings, config, dataset))
  const ready = ((performance.now() - start) / 1000).toFixed(1)
  say(modelText(t), `ready after ${ready} s; results go to ${folder.dir}\n`)

  await putInPlace(found, folder, keep)
  say(...(await takeUp(t, folder, { goesOn: checkpoint !== undefined, attentionFrom })))
  if (!checkpoint) await keepCheckpoint(t, folder, keep)
  const stop = new Stop(say, resumeCommand(folder.dir))
  begun = { folder, stop }
  const recorder = new Recorder(t, folder, { saveEvery, keep, stop })
  try {
    for await (const event of train(t, { evaluateEvery, settle: recorder.settle })) await recorder.take(event)
    await finish()
    stop.atOnce = true // all is saved
    say(...(await endRun(t, folder, recorder.measured(), warn)))
  } catch (error) {
    recorder.clearBar()
    stop.atOnce = true
    throw await explained(error, t, folder)
  } finally {
    recorder.clearBar()
    stop.off()
  }
}

/** Says what went wrong, or goes on where that is possible. Returns the exit code. */
async function afterTrouble(error: unknown): Promise<number> {
  if (error instanceof DeviceLost && begun) {
    const { folder, stop } = begun
    console.warn(`warning: ${error.message}`)
    folder.release()
    if (restarts() < MOST_RESTARTS && !stop.asked) {
      console.warn(
        `warning: going on from the last checkpoint in a new process (${restarts() + 1} of ${MOST_RESTARTS})`,
      )
      await decodePool.close() // this process only waits now
      return goOnInNewProcess(folder)
    }
    const often = stop.asked ? 'the device was lost' : `the device was lost ${MOST_RESTARTS + 1} times`
    console.error(`error: ${often}; once it works, go on with\n  ${resumeCommand(folder.dir)}`)
    return 1
  }
  if (!(error instanceof Stopped)) return sayError(error)
  console.log(`\n${error.message}`)
  return error.exitCode
}

outliveTerminal()
await runProgram(async () => main(parseFlags()), afterTrouble)
