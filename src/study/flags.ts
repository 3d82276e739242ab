/** The flags of `npm run ablate`. */
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { wholeFrom } from '../run/flags.ts'
import { ARMS, type ArmName } from '../train/arms.ts'
import { PRESETS, type PresetName } from '../train/presets.ts'
import { ELSEWHERE, OTHER_PRESET, QUICK, QUICK_EPOCHS, ratesOf } from './extent.ts'

export interface AblateFlags {
  quick?: true
  seeds: number
  arms?: ArmName[]
  data?: string
  classes?: number
  skipDamaged?: true
  preset: PresetName
  pretrained?: string
  pretrainedAttention?: string
  out?: string
  epochs?: number
  rates?: number[]
  jobs: number
  reportOnly?: true
}

const named = (text: string): ArmName[] =>
  text.split(',').map(name => {
    if (!(name in ARMS))
      throw new InvalidArgumentError(`There is no arm ${name}; there are ${Object.keys(ARMS).join(', ')}.`)
    return name as ArmName
  })

const numbers = (text: string): number[] =>
  text.split(',').map(v => {
    if (!(Number(v) > 0 && Number(v) < 100))
      throw new InvalidArgumentError('Numbers between 0 and 100 are needed, such as 0.004,0.008.')
    return Number(v)
  })

export const ablateProgram = (): Command =>
  new Command('npm run ablate --')
    .description(
      'Trains TASN, its parts and its rivals, and compares them. Cut off, it goes on where it was when started again.',
    )
    .option('--quick', `${QUICK.join(', ')} for ${QUICK_EPOCHS} epochs, at the preset's learning rate`)
    .option('--seeds <n>', 'runs of each arm', wholeFrom(1), 3)
    .option(
      '--arms <list>',
      `of those below (default: all; with another preset than tiny ${OTHER_PRESET.join(', ')}, the last where all ` +
        `images have boxes; with --data and preset tiny ${ELSEWHERE.join(', ')})`,
      named,
    )
    .option('--data <dir>', 'data set: folders by class, or the layout of CUB_200_2011 (default: the built-in birds)')
    .option('--classes <n>', 'only the first n classes', wholeFrom(2))
    .option('--skip-damaged', 'train without the images that cannot be used; they are counted and listed')
    .addOption(
      new Option('--preset <name>', 'size of model and images, which the arms change')
        .choices(Object.keys(PRESETS))
        .default('tiny'),
    )
    .option('--pretrained <file>', 'first weights of every classifier, as npm run train takes them')
    .option('--pretrained-attention <file>', 'first weights of every attention net')
    .option(
      '--epochs <n>',
      "times through the training images (default: the preset's; with --data and preset tiny so many that the " +
        'network is shown as many images)',
      wholeFrom(1),
    )
    .option(
      '--rates <list>',
      'learning rates of the classifier to choose from, on held-out training images; one alone is taken as it is ' +
        `(default: half the preset's, its own and twice that: with tiny ${ratesOf('tiny').join(',')}; with --quick ` +
        'its own)',
      numbers,
    )
    .option(
      '--jobs <n>',
      'runs at a time; two small ones keep cores or a GPU busier than one',
      wholeFrom(1),
      Math.min(2, availableParallelism()),
    )
    .option('--out <dir>', 'folder for the runs (default: runs/ablate-<name of the data>)')
    .option('--report-only', 'train nothing, report what there is (with the flags it was trained with)')
    .addHelpText(
      'after',
      `\n${armsHelp()}\n\nAll arms of preset tiny with three seeds take about three hours on two CPU cores.`,
    )
    .allowExcessArguments(false)
    .showHelpAfterError('(--help explains every flag)')

const armsHelp = (): string =>
  `Arms, each a change of the preset (src/train/arms.ts):\n${Object.entries(ARMS)
    .map(([name, { title }]) => `  ${name.padEnd(19)}${title}`)
    .join('\n')}`
