/** One's own photographs, in folders by class, as the test images of a model that knows these classes. */
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Dataset, Sample } from './dataset.ts'
import { isPhoto } from './image_kinds.ts'
import { DataError, listed, quote, throwIfAny } from './problems.ts'

/** Faults that are listed; the rest is counted. */
const SHOWN = 10

/** `001.Black_footed_Albatross` as `black footed albatross`: folders need not be spelt as the model's classes are. */
const spelling = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/^\d+\./, '')
    .replace(/[\s_-]+/g, ' ')
    .trim()
    .toLowerCase()

/**
 * Reads a folder of folders: each has the name of a class, and the photographs of it. Capitals, a number in front, and
 * the choice of `_`, `-` or a space do not matter. Files whose names begin with a dot are passed over. No file is
 * opened yet. Ids count the photographs from 1, sorted by folder and name. They are turned upright, as by
 * examples/predict.ts: a photograph from a phone is often stored on its side.
 *
 * @param classes the names that the model knows, in the order of the labels.
 * @throws DataError with all that is wrong: folders of no class, with the names that the model knows; empty folders.
 */
export async function readClassFolders(dir: string, classes: readonly string[]): Promise<Dataset> {
  const root = resolve(dir)
  const inside = await namesIn(root)
  const problems: string[] = []
  const unknown: string[] = []
  const test: Sample[] = []
  for (const name of inside) {
    const path = join(root, name)
    if (!(await stat(path)).isDirectory()) {
      if (isPhoto(name)) problems.push(`${name} lies beside the folders: put it into that of its class`)
      continue
    }
    const label = labelOf(name, classes)
    if (label === undefined) {
      unknown.push(name)
      continue
    }
    const photos = await namesIn(path)
    if (!photos.length) problems.push(`${name} is empty: put photographs into it, or remove it`)
    for (const photo of photos) test.push({ id: test.length + 1, file: join(path, photo), label })
  }
  if (unknown.length)
    throw new DataError(
      `${root}: the model has no class of the name ${unknown.map(quote).join(', ')}; it knows ` +
        `${classes.join(', ')}`,
    )
  throwIfAny(problems, root)
  if (!test.length)
    throw new DataError(`${root} has no folder with photographs: make one for each class, named after it`)
  const named = classes.map((name, i) => ({ id: i + 1, name }))
  return { dir: root, classes: named, train: [], test, warnings: [], upright: true }
}

/** The class that a folder's name means: the one of that very name, or the only one that is spelt so otherwise. */
function labelOf(name: string, classes: readonly string[]): number | undefined {
  const exact = classes.indexOf(name)
  if (exact >= 0) return exact
  const alike = [...classes.keys()].filter(k => spelling(classes[k]!) === spelling(name))
  if (alike.length > 1)
    throw new DataError(
      `the folder ${quote(name)} can be any of ${alike.length} classes: give it the whole name of one of them` +
        listed(alike.slice(0, SHOWN).map(k => classes[k]!)),
    )
  return alike[0]
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter(name => !name.startsWith('.')).sort()
  } catch (error) {
    throw new DataError(
      `${dir} cannot be read as a folder (${(error as Error).message}): name a folder that holds one folder for each ` +
        'class, with its photographs',
    )
  }
}
