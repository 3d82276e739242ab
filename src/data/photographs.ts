/** Folders of photographs, one for each class: one rule for a training and for the test of a trained model. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Fault, pathIn, type Sample } from './dataset.ts'
import { fileCheck } from './file_checks.ts'
import { isPhoto } from './image_kinds.ts'
import { counted, DataError, hasControl, quote, someOf } from './problems.ts'

/** The names in a folder, sorted. Those that begin with a dot are passed over. */
const namesIn = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter(name => !name.startsWith('.')).sort()

/** A folder's names by their kinds. Names that cannot be looked at are among the folders: no class may get lost. */
export interface Inside {
  readonly folders: readonly string[]
  readonly photos: readonly string[]
  readonly others: readonly string[]
}

/** @throws DataError where it is no folder, or cannot be read. */
export async function inside(dir: string): Promise<Inside> {
  const names = await namesIn(dir).catch((error: Error) => {
    throw new DataError(
      `${dir} cannot be read as a folder (${error.message}): name one with a folder of photographs for each class`,
    )
  })
  const found = await Promise.all(names.map(name => stat(join(dir, name)).catch(() => undefined)))
  const kindOf = (name: string, i: number): keyof Inside =>
    found[i]?.isDirectory() || (!found[i] && !isPhoto(name)) ? 'folders' : isPhoto(name) ? 'photos' : 'others'
  const kinds = names.map(kindOf)
  const of = (kind: keyof Inside) => names.filter((_, i) => kinds[i] === kind)
  return { folders: of('folders'), photos: of('photos'), others: of('others') }
}

/** The folder of a class. */
export interface ClassFolder {
  readonly name: string
  /** Absolute paths of its photographs, sorted, and of all else, which is passed over. */
  readonly photos: readonly string[]
  readonly others: readonly string[]
  readonly problem: string | undefined
}

/** Reads the folder of a class. No file in it is opened. @param root the folder of the data set. */
export async function classFolder(root: string, dir: string): Promise<ClassFolder> {
  const name = basename(dir)
  const at = pathIn(root, dir)
  try {
    const files = (await namesIn(dir)).map(file => join(dir, file))
    const photos = files.filter(isPhoto)
    const problem = hasControl(name)
      ? `${quote(at)} has control characters in its name: rename it`
      : photos.length
        ? undefined
        : `${at}/ has no .jpg or .png in it: put photographs there, or remove the folder`
    return { name, photos, others: files.filter(file => !isPhoto(file)), problem }
  } catch (error) {
    const problem = `${at} cannot be read (${(error as Error).message}): mend or remove it`
    return { name, photos: [], others: [], problem }
  }
}

/** A warning about the files in class folders that are no photographs, where there are any. */
export function passedOver(root: string, classes: readonly ClassFolder[]): string[] {
  const others = classes.flatMap(c => c.others.map(file => pathIn(root, file)))
  return others.length ? [`neither .jpg nor .png, so passed over: ${someOf(others)}`] : []
}

/** The fault of photographs that lie in no class folder. */
export const besideText = (photos: number): string =>
  `${counted(photos, 'photograph')} beside the folders: put each into that of its class`

/** The photographs that are not there, empty, or lie in none of the folders `homes`. */
export async function faultsOf(homes: readonly string[], samples: readonly Sample[]): Promise<Fault[]> {
  const check = fileCheck(homes, { place: 'the folder', again: 'copy it again', remove: 'remove it' })
  const checked = await Promise.all(samples.map(({ file }) => check(file)))
  return samples.flatMap(({ id, file }, i) => {
    const { reason } = checked[i]!
    return reason === undefined ? [] : [{ id, file, reason }]
  })
}
