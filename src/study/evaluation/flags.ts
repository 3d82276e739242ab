/** The flags of `npm run evaluate`. */
import { Command, Option } from 'commander'
import { wholeFrom } from '../../run/flags.ts'

export interface EvaluateFlags {
  data?: string
  images?: string
  best?: true
  batch?: number
  skipDamaged?: true
  predictions?: true
  out?: string
}

export const evaluateProgram = (): Command =>
  new Command('npm run evaluate --')
    .description(
      'Tests a trained model: accuracy of every head with 95 % intervals, each class, confusions, calibration.',
    )
    .argument('<run|model>', 'folder of a run (all heads, on its test images), or a model.safetensors (its one head)')
    .addOption(
      new Option(
        '--data <dir>',
        "data set, as of a training (default: the run's; for a model file the built-in birds)",
      ).conflicts('images'),
    )
    .option('--images <dir>', 'instead, photographs of your own: a folder for each class, named after it')
    .option('--best', "the run's best checkpoint, not its newest")
    .option('--batch <n>', "images worked on at once (default: the run's)", wholeFrom(1))
    .option(
      '--skip-damaged',
      'leave out images that cannot be used, and list them (for a run its own flags say if that is done)',
    )
    .option('--predictions', 'write predictions.csv, too: the answer to each image')
    .option('--out <dir>', "folder for the files (default: evaluation in the model's folder)")
    .allowExcessArguments(false)
    .showHelpAfterError('(--help explains every flag)')
