/** The images that a trained model is evaluated on: those that its run was tested on, a data set's, or one's own. */
import { resolve } from 'node:path'
import { readClassFolders } from '../../data/class_folders.ts'
import type { Dataset } from '../../data/dataset.ts'
import type { ImageCache } from '../../data/feed/image_cache.ts'
import { DataError } from '../../data/problems.ts'
import { printable } from '../../io/printable.ts'
import { checkSameAs, datasetOf, imagesOf, soundPart, verified } from '../../run/data.ts'
import type { Flags } from '../../run/flags.ts'
import { MODEL_FILE } from '../../run/folder.ts'
import type { EvaluateFlags } from './flags.ts'
import type { Trained } from './model.ts'

export interface TestImages {
  /** Its `test` side is what counts. */
  readonly dataset: Dataset
  readonly images: ImageCache | undefined
  /** True for the very images that the model's run was tested on. */
  readonly ofRun: boolean
}

/**
 * Finds the images, and verifies that all of them can be decoded.
 * @throws DataError with all that is wrong, or where the images are not those of the run, or of other classes.
 */
export async function testImages(
  trained: Trained,
  flags: EvaluateFlags,
  warn: (text: string) => void,
): Promise<TestImages> {
  const found =
    flags.images === undefined
      ? await ofDataSet(trained, flags, warn)
      : await ownPhotographs(flags.images, trained, flags)
  for (const warning of found.dataset.warnings) warn(warning)
  return found
}

async function ofDataSet(trained: Trained, flags: EvaluateFlags, warn: (text: string) => void): Promise<TestImages> {
  const { run, classes } = trained
  const wanted = run ? ofRun(run.choice.flags, flags) : ofFile(flags, classes.length)
  const checked = (found: Dataset) => checkClasses(trained, found)
  const dataset = await datasetOf(wanted, run !== undefined, run ? undefined : checked)
  if (run) {
    checkSameAs(run.dir, run.choice.data, dataset, `evaluate its ${MODEL_FILE} on them`)
    checked(dataset)
  }
  return { dataset, images: imagesOf(wanted, warn), ofRun: run !== undefined }
}

/** The run's own flags decide which images those are; --data tells where they are now. */
const ofRun = (own: Flags, { data }: EvaluateFlags): Flags => ({
  ...own,
  ...(data === undefined ? {} : { data: resolve(data) }),
})

/** The first classes, as many as the model knows: a training by --classes takes the same. */
const ofFile = ({ data, skipDamaged }: EvaluateFlags, classes: number): Flags => ({
  preset: 'tiny',
  arm: 'tasn',
  seed: 0,
  classes,
  ...(skipDamaged ? { skipDamaged } : {}),
  ...(data === undefined ? {} : { data: resolve(data) }),
})

/** @throws where the labels of the data would mean other classes to the model. */
function checkClasses({ file, classes }: Trained, { dir, classes: found }: Dataset): void {
  const fail = (difference: string) => {
    throw new DataError(
      `${file} was not trained on the classes in ${dir} (${difference}): give the data that it was trained on with ` +
        '--data, or photographs in folders by class with --images',
    )
  }
  if (classes.length !== found.length) fail(`it knows ${classes.length}, and there are ${found.length}`)
  const other = found.findIndex(({ name }, k) => printable(name, 300) !== printable(classes[k]!, 300))
  if (other >= 0)
    fail(
      `class ${other + 1} of ${classes.length} is ${printable(classes[other]!)} to it, and ` +
        `${printable(found[other]!.name)} there`,
    )
}

async function ownPhotographs(dir: string, { classes }: Trained, { skipDamaged }: EvaluateFlags): Promise<TestImages> {
  const { dataset: all, faults: known } = await readClassFolders(dir, classes)
  const { faults, warnings } = await verified(all, known)
  const sound = soundPart(all, [...known, ...faults], skipDamaged)
  const dataset = { ...sound, warnings: [...sound.warnings, ...warnings] }
  return { dataset, images: undefined, ofRun: false }
}
