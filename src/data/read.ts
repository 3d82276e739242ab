/** Reads a data set from disk, in the layout of CUB_200_2011 or in folders by class. */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { REQUIRED } from './cub/tables.ts'
import { type CubOptions, type Reading, readCub } from './cub.ts'
import { readFolders } from './folders.ts'

/**
 * Reads the data set in `dir`, and returns it with all that is wrong: by its lists where there is one of them
 * (readCub()), else by its folders (readFolders()).
 *
 * @throws DataError where there is neither.
 */
export async function readData(dir: string, options: CubOptions = {}): Promise<Reading> {
  const root = resolve(dir)
  const isThere = (path: string) => stat(join(root, path)).then(Boolean, () => false)
  const lists = await Promise.all(['CUB_200_2011', ...Object.keys(REQUIRED)].map(isThere))
  return (lists.some(Boolean) ? undefined : await readFolders(root, options)) ?? readCub(dir, options)
}
