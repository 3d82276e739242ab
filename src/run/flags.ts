/** The flags of `npm run train`. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { ARMS, type ArmName } from '../train/arms.ts'
import { PRESETS, type PresetName } from '../train/presets.ts'
import { KEPT } from './checkpoints.ts'
import { SAVE_EVERY } from './recorder.ts'

export interface Flags {
  data?: string
  preset: PresetName
  arm: ArmName
  epochs?: number
  batch?: number
  accumulate?: number
  lr?: number
  attentionLr?: number
  attentionEpochs?: number
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
  saveEvery?: number
  keep?: number
  best?: boolean
  verify?: boolean
  skipDamaged?: boolean
}

/** Parses a whole number of at least `least`. */
export const wholeFrom =
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

const minutes = (text: string): number => {
  const n = Number(text)
  if (!(n > 0 && n <= 10_000)) throw new InvalidArgumentError('Minutes above 0 are needed, such as 10 or 0.5.')
  return n
}

/** The flags of the training itself: network, rates, images. */
const trainingOptions = (program: Command): Command =>
  program
    .option(
      '--data <dir>',
      'data set: photographs in folders by class, or the layout of CUB_200_2011 (default: the built-in birds)',
    )
    .addOption(new Option('--preset <name>', 'size of model and images').choices(Object.keys(PRESETS)).default('tiny'))
    .addOption(
      new Option('--arm <name>', 'TASN, or what it is compared with (npm run ablate)')
        .choices(Object.keys(ARMS))
        .default('tasn'),
    )
    .option(
      '--epochs <n>',
      "times through the training images (default of this and the next five flags: the preset's)",
      wholeFrom(1),
    )
    .option('--batch <n>', 'images worked on at once', wholeFrom(1))
    .option('--accumulate <n>', 'batches whose gradients are added up before each step', wholeFrom(1))
    .option('--lr <x>', 'largest learning rate of the classifier', rate)
    .option('--attention-lr <x>', 'largest learning rate of the attention net', rate)
    .option(
      '--attention-epochs <n>',
      'epochs at the start in which the attention net learns alone; 0, where it rests afterwards: it stays as it was ' +
        'loaded (--pretrained-attention)',
      wholeFrom(0),
    )
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

/** The flags of folders: for the results, and of earlier runs and files. */
const folderOptions = (program: Command): Command =>
  program
    .option('--run <dir>', 'folder for the results (default: runs/<date>-<preset>[-<arm>])')
    .option(
      '--resume <dir>',
      'go on with the run in this folder, with its own flags (--epochs, --lr and --attention-lr may be changed; ' +
        '--data names the same data at another place)',
    )
    .option(
      '--repeat <dir>',
      'the run in this folder once more into a new one: same flags, same kernels, same bits on the same adapter',
    )
    .option('--best', 'with --resume: go on from its best checkpoint, not from the newest')
    .option(
      '--save-every <minutes>',
      `save within epochs, too: no more than this is lost (default: ${SAVE_EVERY})`,
      minutes,
    )
    .option('--keep <n>', `checkpoints to keep, beside the best (default: ${KEPT})`, wholeFrom(1))
    .option(
      '--pretrained <file>',
      '.safetensors with weights for the classifier: of torchvision, timm, transformers, Keras or a run',
    )
    .option(
      '--pretrained-attention <file>',
      '.safetensors with weights for the attention net: the same, for its backbone, or of a run',
    )
    .option(
      '--attention-from <run>',
      "take the attention net's own epochs from this run, instead of running them again: the same seed, data and " +
        'settings, so the same bits (only where the net learns alone first, on a schedule of its own, as in preset ' +
        'tiny)',
    )

/** The flags of the check of the images. */
const verifyOptions = (program: Command): Command =>
  program
    .option('--verify', 'only read the lists and decode all images, and report all that is wrong with them')
    .option('--no-verify', 'train without decoding all images first, which is done once (not beside --skip-damaged)')
    .option('--skip-damaged', 'train without the images that cannot be used; they are counted and listed')

export const trainProgram = (): Command =>
  verifyOptions(
    folderOptions(
      trainingOptions(
        new Command('npm run train --').description(
          'Trains TASN on birds, or what your own photographs show: built-in, CUB-200-2011, or any folder like it.',
        ),
      ),
    ),
  )
    .addHelpText('after', GUARANTEES)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help explains every flag)')

const GUARANTEES = `
What can happen to a run, and what is lost:
  Ctrl-C, SIGTERM, npm or the terminal ends   nothing; go on with --resume RUN
  a kill, a crash, a power cut                ${SAVE_EVERY} minutes of work at most (--save-every); --resume RUN
  the GPU device is lost                      the same; three times the run goes on by itself
  the disk is full                            no work if it gets room, perhaps the best checkpoint; --resume RUN
  a checkpoint is damaged                     the work since the one before it; --resume RUN finds that
  a loss or weight is not finite              the work since the last checkpoint; the command to type is printed
  classes, labels, split, file names change   nothing; --resume refuses (it compares no pixels); --data DIR if moved
  images are damaged                          nothing; they are listed before the first step, --skip-damaged
Resumed, a run ends in the same bytes as one that was never cut off.`

const BESIDE_RESUME: readonly string[] = ['epochs', 'lr', 'attentionLr', 'best', 'data', 'saveEvery', 'keep', 'verify']
const BESIDE_REPEAT: readonly string[] = ['run', 'data', 'saveEvery', 'keep', 'verify']

/**
 * Parses the command line; commander ends the process where a flag is wrong.
 * @throws where --resume or --repeat has flags beside it that the other run decides.
 */
export function parseFlags(program: Command = trainProgram(), argv: readonly string[] = process.argv): Flags {
  program.parse(argv)
  const flags = program.opts<Flags>()
  if ((flags.resume ?? flags.repeat) === undefined) {
    if (flags.best) throw new Error('--best chooses a checkpoint of the run that --resume names')
    return flags
  }
  if (flags.verify) throw new Error('--verify stands alone, or beside --data: it trains nothing')
  const [own, beside] =
    flags.resume !== undefined ? (['resume', BESIDE_RESUME] as const) : (['repeat', BESIDE_REPEAT] as const)
  const others = Object.keys(flags).filter(
    name => program.getOptionValueSource(name) === 'cli' && name !== own && !beside.includes(name),
  )
  if (others.length)
    throw new Error(
      `--${own} takes the flags of that run; besides it only ${beside.map(dashed).join(', ')} can be given, found ` +
        `${others.map(dashed).join(', ')}`,
    )
  return flags
}

const dashed = (name: string) => `--${name.replace(/[A-Z]/g, c => `-${c.toLowerCase()}`)}`
