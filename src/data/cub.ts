/** Reads a data set in the layout of CUB_200_2011, and reports everything that is wrong with it at once. */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { checkClasses, checkSplits } from './cub/checks.ts'
import { checkFiles } from './cub/files.ts'
import { addBoxes, addParts, joinImages } from './cub/join.ts'
import { readTables } from './cub/tables.ts'
import { type Dataset, evenly, type Fault, faultText } from './dataset.ts'
import { DataError, throwIfAny } from './problems.ts'

/** The part of a data set to keep. Default: all of it. */
export interface CubOptions {
  /** The first so many classes by id. */
  classes?: number
  /** At most so many training and so many test images, spread evenly over the classes. */
  limit?: number
}

/** A data set as it was read, with all that is wrong. Without `problems` and `faults` it can be trained on. */
export interface Reading {
  dataset: Dataset
  /** Faults of the lists. */
  problems: string[]
  /** Images of it whose files are not there, empty, or not to be read. */
  faults: Fault[]
}

/**
 * Reads the data set in `dir`: the folder that holds images.txt, or the one above it when that is called CUB_200_2011.
 *
 * Lines are joined by their ids and no folder is ever listed, so order, gaps, stray files and extra lines about images
 * that images.txt does not have do not matter. Boxes and parts are optional, as files and for every image.
 *
 * A class without any image is an error: keeping it would give the classifier an output that nothing trains, and
 * dropping it would renumber the labels unseen. A class is kept, with a warning, if it has images on one side of the
 * split only, or if `limit` leaves it none, for the user asked for that.
 *
 * Boxes and parts count the pixels of the file as they are stored, from the upper left corner, as in CUB-200-2011
 * itself and as PIL and torchvision read it: no EXIF orientation turns picture or box, in JPEG or PNG.
 *
 * Lists may be in UTF-8, or in UTF-16 as PowerShell writes it. Paths may have backslashes, and may begin with images/.
 *
 * @throws DataError with all that is wrong, file and line each.
 */
export async function loadCub(dir: string, options: CubOptions = {}): Promise<Dataset> {
  return whole(await readCub(dir, options))
}

/** The data set of a reading without faults. @throws DataError with all that is wrong. */
export function whole({ dataset, problems, faults }: Reading): Dataset {
  throwIfAny([...problems, ...faults.map(f => faultText(dataset.dir, f))], `data set in ${dataset.dir}`)
  return dataset
}

/**
 * Reads the data set as loadCub() does, and returns what is wrong with it.
 *
 * @throws DataError where there is no data set to speak of: no such folder, a table that is missing.
 */
export async function readCub(dir: string, options: CubOptions = {}): Promise<Reading> {
  const { classes: keep = Infinity, limit = Infinity } = options
  for (const [name, n] of Object.entries({ classes: keep, limit })) {
    if (n !== Infinity && !(Number.isInteger(n) && n > 0))
      throw new DataError(`${name} must be a whole number from 1, not ${n}`)
  }
  const root = await findRoot(resolve(dir))
  const problems: string[] = []
  const tables = await readTables(root, problems)
  const classes = [...tables['classes.txt'].values()].map(({ fields: [id, name] }) => ({ id: Number(id), name: name! }))
  classes.sort((a, b) => a.id - b.id)

  const warnings: string[] = []
  const images = join(root, 'images')
  const { samples, training } = joinImages(images, tables, classes, problems)
  addBoxes(samples, tables, problems)
  addParts(samples, tables, problems)
  const all = [...samples.values()].sort((a, b) => a.id - b.id)
  const kept = all.filter(s => s.label < keep)
  const train = kept.filter(s => training.has(s.id))
  const test = kept.filter(s => !training.has(s.id))
  const used = { train: evenly(train, limit), test: evenly(test, limit) }
  // The files that are used, and no others: those may still be on their way.
  const wanted = new Set([...used.train, ...used.test])
  const files = [...samples.values()].filter(s => wanted.has(s))
  const faults = await checkFiles(images, files, training, tables['images.txt'], problems, warnings)
  // A bad line can leave a class or a side empty as well: then only the cause is worth reading.
  if (!problems.length) {
    checkClasses(classes, all, tables['classes.txt'], keep, problems)
    checkSplits(train, test, keep, problems)
  }
  classes.splice(keep)
  if (!problems.length) warnings.push(...oddities(classes, train, test, limit))
  const dataset = { dir: root, classes, ...used, warnings }
  return { dataset, problems, faults }
}

async function findRoot(dir: string): Promise<string> {
  const lookUp = (path: string) => stat(path).catch(() => undefined)
  const found = await lookUp(dir)
  const inner = join(dir, 'CUB_200_2011')
  if (!found?.isDirectory())
    throw new DataError(
      `${dir} ${found ? 'is a file: if it is an archive, unpack it;' : 'does not exist:'} give the folder that holds ` +
        'images.txt, or the one above it when that is called CUB_200_2011',
    )
  return !(await lookUp(join(dir, 'images.txt'))) && (await lookUp(inner))?.isDirectory() ? inner : dir
}

/** Warnings about classes without images on one side of the split, or at all because of `limit`, or of one name. */
export function oddities(
  classes: Dataset['classes'],
  train: Dataset['train'],
  test: Dataset['test'],
  limit: number,
): string[] {
  const trained = new Set(train.map(s => s.label))
  const tested = new Set(test.map(s => s.label))
  const warnings = classes.flatMap(({ id, name }, label) => [
    ...(trained.has(label) ? [] : [`class ${id} (${name}) has no training image: its test images can only be guessed`]),
    ...(tested.has(label) ? [] : [`class ${id} (${name}) has no test image`]),
  ])
  const first = new Map<string, number>()
  for (const { id, name } of classes) {
    if (first.has(name)) warnings.push(`classes ${first.get(name)} and ${id} have one name (${name})`)
    else first.set(name, id)
  }
  if (limit < classes.length)
    warnings.push(`limit ${limit} leaves some of the ${classes.length} classes without an image`)
  return warnings
}
