/**
 * Trains TASN on a data set in the layout of CUB-200-2011, or on the built-in birds.
 *
 *   npm run train
 *   npm run train -- --data DIR --preset small
 */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { builtInBirds } from '../src/data/birds/built_in.ts'
import { loadCub } from '../src/data/cub.ts'
import { heldOut } from '../src/data/dataset.ts'
import { adapterInfo, type Choices, choices, close, open, useChoices } from '../src/index.ts'
import { ATTENTION_FILE, RunFolder } from '../src/run/folder.ts'
import { PICTURE_COLUMNS, savePictures } from '../src/run/pictures.ts'
import { duration, progress } from '../src/run/progress.ts'
import { attentionSettings, differences, learnsAlone, type RunConfig } from '../src/run/settings.ts'
import { HEAD_NAMES, percent } from '../src/run/summary.ts'
import { makeTrainer } from '../src/run/trainer.ts'
import { versions } from '../src/run/versions.ts'
import { Tasn } from '../src/tasn/network.ts'
import { loadPretrained, loadPretrainedAttention } from '../src/tasn/pretrained.ts'
import { ARMS, type ArmName, chooseArm } from '../src/train/arms.ts'
import { PRESETS, type Preset, type PresetName, type TrainingConfig } from '../src/train/presets.ts'

interface Flags {
  data?: string
  preset: PresetName
  arm: ArmName
  epochs?: number
  batch?: number
  accumulate?: number
  lr?: number
  attentionLr?: number
  seed: number
  classes?: number
  limit?: number
  heldOut?: boolean
  run?: string
  resume?: string
  repeat?: string
  pretrained?: string
  pretrainedAttention?: string
  attentionFrom?: string
  evaluateEvery?: number
}

const wholeFrom =
  (least: number) =>
  (text: string): number => {
    const n = Number(text)
    if (!Number.isSafeInteger(n) || n < least)
      throw new InvalidArgumentError(`A whole number of at least ${least} is needed.`)
    return n
  }
const rate = (text: string): number => {
  const n = Number(text)
  if (!(n > 0 && n < 100)) throw new InvalidArgumentError('A number between 0 and 100 is needed, such as 0.01.')
  return n
}

const program = new Command('npm run train --')
  .description('Trains TASN on birds: CUB-200-2011, any folder in its layout, or the built-in birds.')
  .option(
    '--data <dir>',
    'data set in the layout of CUB_200_2011 (default: the built-in birds, drawn when first needed)',
  )
  .addOption(new Option('--preset <name>', 'size of model and images').choices(Object.keys(PRESETS)).default('tiny'))
  .addOption(
    new Option('--arm <name>', 'TASN, or what it is compared with (npm run ablate)')
      .choices(Object.keys(ARMS))
      .default('tasn'),
  )
  .option(
    '--epochs <n>',
    "times through the training images (default, as of the next four: the preset's)",
    wholeFrom(1),
  )
  .option('--batch <n>', 'images worked on at once', wholeFrom(1))
  .option('--accumulate <n>', 'batches whose gradients are added up before each step', wholeFrom(1))
  .option('--lr <x>', 'largest learning rate of the classifier', rate)
  .option('--attention-lr <x>', 'largest learning rate of the attention net', rate)
  .addOption(
    new Option('--seed <n>', 'of weights, order, augmentation and picks')
      .argParser(wholeFrom(0))
      .env('SEED')
      .default(0),
  )
  .option('--classes <n>', 'only the first n classes', wholeFrom(2))
  .option('--limit <n>', 'at most n training and n test images', wholeFrom(1))
  .option(
    '--held-out',
    'test on every sixth training image, which then is not trained on: for choosing settings without the test images',
  )
  .option(
    '--evaluate-every <n>',
    'look at the test images after every n epochs, and after the last (default: every epoch)',
    wholeFrom(1),
  )
  .option('--run <dir>', 'folder for the results (default: runs/<date>-<preset>[-<arm>])')
  .option('--resume <dir>', 'go on with the run in this folder, with its own flags (--epochs may be raised)')
  .option(
    '--repeat <dir>',
    'the run in this folder once more into a new one: same flags, same kernels, same bits on the same adapter',
  )
  .option('--pretrained <file>', ".safetensors with weights for the classifier: torchvision's, timm's, or of a run")
  .option(
    '--pretrained-attention <file>',
    '.safetensors with weights for the attention net: a ResNet of torchvision or timm, or of a run',
  )
  .option(
    '--attention-from <run>',
    "take the attention net's own epochs from this run, instead of running them again: the same seed, data and " +
      'settings, so the same bits (only where the net learns alone first, on a schedule of its own, as in preset tiny)',
  )
  .allowExcessArguments(false)
  .showHelpAfterError('(--help explains every flag)')

program.parse()
try {
  const { resume, repeat } = program.opts<Flags>()
  const besides = resume !== undefined ? ['resume', 'epochs'] : ['repeat', 'run']
  const others = Object.keys(program.opts()).filter(
    name => program.getOptionValueSource(name) === 'cli' && !besides.includes(name),
  )
  if ((resume ?? repeat) !== undefined && others.length) {
    const dashed = (name: string) => `--${name.replace(/[A-Z]/g, c => `-${c.toLowerCase()}`)}`
    throw new Error(
      `--${besides[0]} takes the flags of that run; besides it only --${besides[1]} can be given, found ` +
        `${others.map(dashed).join(', ')}`,
    )
  }
  await main(program.opts<Flags>())
} catch (error) {
  console.error(process.env.DEBUG ? error : `error: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await close().catch((error: unknown) => {
    console.error(`error: ${(error as Error).message}`)
    process.exitCode = 1
  })
}

async function main(given: Flags): Promise<void> {
  const earlier = given.resume ?? given.repeat
  const before =
    earlier === undefined ? undefined : runFolder(given.resume !== undefined ? '--resume' : '--repeat', earlier)
  const { flags, training: wanted, model: size, kernels } = before ? again(before, given) : chosen(given)
  const folder =
    given.resume !== undefined
      ? before!
      : new RunFolder(
          given.run ??
            join(
              'runs',
              `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${flags.preset}${flags.arm === 'tasn' ? '' : `-${flags.arm}`}`,
            ),
        )

  const all = await loadCub(flags.data ?? (await drawnBirds()), defined({ classes: flags.classes, limit: flags.limit }))
  const dataset = flags.heldOut ? heldOut(all) : all
  for (const warning of dataset.warnings) console.warn(`warning: ${warning}`)
  await open()
  const missing = kernels ? useChoices(kernels) : []
  if (missing.length)
    console.warn(
      `warning: ${missing.length} kernel(s) of that run are not to be had here, so the last bits will differ; the ` +
        `first: ${missing[0]}`,
    )
  const model = { ...size, classes: dataset.classes.length }
  console.log(
    'adapter: ' +
      `${adapterInfo.description || adapterInfo.device || adapterInfo.architecture}${adapterInfo.software ? ' (software: runs on the CPU)' : ''}`,
  )
  console.log(
    `data: ${relative(process.cwd(), dataset.dir) || '.'}: ${dataset.classes.length} classes, ` +
      `${dataset.train.length} training and ${dataset.test.length} ${flags.heldOut ? 'held-out' : 'test'} images`,
  )

  const training = fitting(wanted, dataset.train.length, flags)
  const compileStart = performance.now()
  const attentionFrom =
    flags.attentionFrom === undefined || existsSync(folder.path('checkpoint.safetensors'))
      ? undefined
      : sharedAttention(flags.attentionFrom, { flags, training, model })
  const trainer = await makeTrainer(model, training, dataset, flags.seed, folder, {
    attentionFrom,
    evaluateEvery: flags.evaluateEvery,
    pretrained: async net => {
      if (flags.pretrained)
        console.log(
          await loadPretrained(
            net.classifier,
            flags.pretrained,
            net instanceof Tasn ? [net.part, net.master, net.shared] : [net.shared],
          ),
        )
      if (!flags.pretrainedAttention) return
      if (!(net instanceof Tasn)) throw new Error(`--pretrained-attention: --arm ${flags.arm} has no attention net`)
      console.log(await loadPretrainedAttention(net.attention, flags.pretrainedAttention))
    },
  })
  // Only now: what fails before leaves no folder behind.
  folder.writeJson('config.json', {
    flags,
    seed: flags.seed,
    training,
    model,
    kernels: choices(),
    classes: dataset.classes.map(c => c.name),
    adapter: adapterInfo,
    versions: versions(),
  })
  console.log(
    `${trainer.describe()}\nready after ${((performance.now() - compileStart) / 1000).toFixed(1)} s; results go to ` +
      `${folder.dir}\n`,
  )

  const summary = await trainer.run()
  // A run that was killed between its last epoch and here is finished now.
  if (!summary.trained && existsSync(folder.path('summary.json'))) return
  folder.writeJson('summary.json', { ...summary, adapter: adapterInfo })
  const picture =
    trainer.model instanceof Tasn
      ? await savePictures(trainer.model, trainer.test, folder.path('pictures'), { seed: flags.seed })
      : undefined
  console.log(
    `\n${summary.trained} epoch${summary.trained > 1 ? 's' : ''} of ${summary.trainImages} images in ${duration(summary.seconds)}, ${summary.imagesPerSecond.toFixed(1)} images/s${
      summary.trained < summary.epochs ? `, after ${summary.epochs - summary.trained} from before` : ''
    }`,
  )
  console.log(`test accuracy on ${summary.testImages} images (chance ${percent(1 / dataset.classes.length)}):`)
  for (const head of trainer.model.heads) {
    const [last, best] = [summary.final[head], summary.best[head]].map(a =>
      (a === undefined ? '' : percent(a)).padStart(7),
    )
    console.log(`  ${HEAD_NAMES[head].padEnd(15)} ${last}   in epoch ${summary.bestEpoch} ${best}`)
  }
  console.log(
    `(shared(master) is what predicts; epoch ${summary.bestEpoch} was its best on these very images, so that ` +
      'column flatters)',
  )
  const { attention } = summary
  if (attention?.inBox !== undefined)
    console.log(
      `attention in the bird's box: ${percent(attention.inBox)} (evenly spread: ${percent(attention.uniformInBox!)})`,
    )
  if (picture) console.log(`\npictures: ${picture} (${PICTURE_COLUMNS})`)
  console.log(`${picture ? '' : '\n'}metrics:  ${folder.path('metrics.jsonl')}`)
  if (picture)
    console.log(
      `model:    ${folder.path('model.safetensors')} (all that recognition needs; checkpoint.safetensors beside it ` +
        'is for --resume)',
    )
}

/** What to train, and how: everything that config.json keeps of the command line. */
interface Choice {
  flags: Flags
  training: TrainingConfig
  model: Preset['model']
  /** Rungs that the run took by measurement: others would give other last bits. */
  kernels?: Choices
}

function chosen(flags: Flags): Choice {
  return {
    flags,
    ...chooseArm(
      flags.arm,
      flags.preset,
      defined({
        epochs: flags.epochs,
        batch: flags.batch,
        accumulate: flags.accumulate,
        lr: flags.lr,
        attentionLr: flags.attentionLr,
      }),
    ),
  }
}

/** The folder of a run that there is. @throws naming the flag. */
function runFolder(flag: string, dir: string): RunFolder {
  try {
    return new RunFolder(dir, { resume: true })
  } catch (error) {
    throw new Error(`${flag}: ${(error as Error).message}`)
  }
}

/** The file with the attention net of another run. @throws where its own epochs would not be the same here. */
function sharedAttention(run: string, now: RunConfig): string {
  if (!learnsAlone(now))
    throw new Error(
      '--attention-from: in this run no attention net learns alone on a schedule of its own, so there is nothing ' +
        `to take from ${run} (attentionAfter is ${now.training.attentionAfter})`,
    )
  const other = runFolder('--attention-from', run)
  const changed = differences(attentionSettings(other.readJson('config.json') as RunConfig), attentionSettings(now))
  if (changed.length)
    throw new Error(
      `--attention-from: the attention net of ${run} is not the one that this run would train ` +
        `(${changed.slice(0, 3).join('; ')})`,
    )
  const file = other.path(ATTENTION_FILE)
  if (!existsSync(file))
    throw new Error(
      `--attention-from: ${file} is not there: it is written after that run's ${now.training.attentionEpochs} ` +
        'epochs for the attention net',
    )
  return file
}

/**
 * With fewer images than a preset's batch, the batch shrinks to them, and with fewer batches than a step adds up, it
 * adds up fewer.
 */
function fitting(training: TrainingConfig, images: number, flags: Flags): TrainingConfig {
  const batch = flags.batch ?? Math.min(training.batch, images)
  const accumulate = flags.accumulate ?? Math.max(1, Math.min(training.accumulate, Math.floor(images / batch)))
  if (batch !== training.batch || accumulate !== training.accumulate) {
    console.log(
      `${images} training images: ${[
        ...(batch !== training.batch ? [`batch ${batch} instead of ${training.batch}`] : []),
        ...(accumulate !== training.accumulate
          ? [`${accumulate} batch${accumulate > 1 ? 'es' : ''} a step instead of ${training.accumulate}`]
          : []),
      ].join(', ')}`,
    )
  }
  return { ...training, batch, accumulate }
}

/**
 * The choice of the run being resumed or repeated. Only --epochs may change; that stretches the curve of the learning
 * rate. What a run took from another one, its repetition computes: the bits are the same, and that other folder may be
 * gone.
 */
function again(folder: RunFolder, { epochs, repeat }: Flags): Choice {
  const {
    flags: { attentionFrom, ...flags },
    training,
    model,
    kernels,
  } = folder.readJson('config.json') as Choice
  if (repeat === undefined && epochs !== undefined && epochs < training.epochs)
    throw new Error(`--epochs ${epochs}: that run was started for ${training.epochs}; they can only be raised`)
  return {
    flags: { ...flags, ...(repeat === undefined ? defined({ attentionFrom }) : {}), ...defined({ epochs }) },
    training: { ...training, ...defined({ epochs }) },
    model,
    kernels: kernels ?? {},
  }
}

async function drawnBirds(): Promise<string> {
  let bar: ReturnType<typeof progress> | undefined
  try {
    return await builtInBirds((done, total) => {
      ;(bar ??= progress('drawing', total)).update(done, 'birds')
    })
  } finally {
    bar?.stop()
  }
}

function defined<T extends object>(o: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
