/** Reads a data set from disk, in the layout of CUB_200_2011 or in folders by class. */
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { REQUIRED } from './cub/tables.ts'
import { type CubOptions, type Reading, readCub } from './cub.ts'
import { readFolders } from './folders.ts'
import { inside } from './photographs.ts'
import { counted, DataError, someOf } from './problems.ts'

const NEEDED =
  'a data set is a folder that holds a folder of photographs (.jpg, .png) for each class, or it is CUB-200-2011: the ' +
  'folder that holds images.txt, or the one above it when that is called CUB_200_2011'

/**
 * Reads the data set in `dir`, and returns it with all that is wrong: by its lists where there is one of them
 * (readCub()), else by its folders (readFolders()).
 *
 * @throws DataError where there is neither, with what is there.
 */
export async function readData(dir: string, options: CubOptions = {}): Promise<Reading> {
  const root = resolve(dir)
  const isFolder = (path: string) =>
    stat(path).then(
      found => found.isDirectory(),
      () => undefined,
    )
  const folder = await isFolder(root)
  if (folder === false) throw new DataError(`${root} is a file; if it is an archive, unpack it: ${NEEDED}`)
  if (folder === undefined) {
    let above = dirname(root)
    while (!(await isFolder(above)) && above !== dirname(above)) above = dirname(above)
    throw new DataError(`there is no folder ${root}; ${await contentOf(above)}: ${NEEDED}`)
  }
  const isThere = (path: string) => stat(join(root, path)).then(Boolean, () => false)
  const lists = await Promise.all(['CUB_200_2011', ...Object.keys(REQUIRED)].map(isThere))
  if (lists.some(Boolean)) return readCub(dir, options)
  const reading = await readFolders(root, options)
  if (!reading) throw new DataError(`no data set is in ${root}; ${await contentOf(root)}: ${NEEDED}`)
  return reading
}

/** The content of a folder in a few words. */
async function contentOf(dir: string): Promise<string> {
  const { folders, photos, others } = await inside(dir)
  const some = (names: readonly string[], noun: string) =>
    names.length ? [`${counted(names.length, noun)} (${someOf(names)})`] : []
  const found = [...some(folders, 'folder'), ...some(photos, 'photograph'), ...some(others, 'other file')]
  return found.length ? `${dir} has ${found.join(', ')}` : `${dir} is empty`
}
