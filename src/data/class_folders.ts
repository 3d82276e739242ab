/** One's own photographs, in folders by class, as the test images of a model that knows these classes. */
import { join, resolve } from 'node:path'
import type { Reading } from './cub.ts'
import type { Dataset, Sample } from './dataset.ts'
import { besideText, classFolder, faultsOf, inside, passedOver } from './photographs.ts'
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
 * the choice of `_`, `-` or a space do not matter. Names that begin with a dot are passed over, and so are files that
 * are no JPEG or PNG by their names. No file is opened yet. Ids count the photographs from 1, sorted by folder and
 * name. They are turned upright, as by examples/predict.ts: a photograph from a phone is often stored on its side.
 *
 * @param classes the names that the model knows, in the order of the labels.
 * @throws DataError with all that is wrong: folders of no class, with the names that the model knows; empty folders.
 */
export async function readClassFolders(dir: string, classes: readonly string[]): Promise<Omit<Reading, 'problems'>> {
  const root = resolve(dir)
  const { folders, photos } = await inside(root)
  const found = await Promise.all(folders.map(name => classFolder(root, join(root, name))))
  const labels = folders.map(name => labelOf(name, classes))
  const unknown = folders.filter((_, i) => labels[i] === undefined)
  if (unknown.length)
    throw new DataError(
      `${root}: the model has no class of the name ${unknown.map(quote).join(', ')}; it knows ` +
        `${classes.join(', ')}`,
    )
  const beside = photos.length ? [besideText(photos.length)] : []
  throwIfAny([...found.flatMap(f => f.problem ?? []), ...beside], root)
  const test = found
    .flatMap((f, i) => f.photos.map(file => ({ file, label: labels[i]! })))
    .map((photo, i): Sample => ({ id: i + 1, ...photo }))
  if (!test.length)
    throw new DataError(`${root} has no folder with photographs: make one for each class, named after it`)
  const named = classes.map((name, i) => ({ id: i + 1, name }))
  const warnings = passedOver(root, found)
  const dataset: Dataset = { dir: root, classes: named, train: [], test, warnings, upright: true }
  return { dataset, faults: await faultsOf([root], test) }
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
