/** The check of image files that a list or a folder names. Only decoding shows if a file is an image. */
import type { Stats } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'

/** Tells if a path is below a folder. Both are absolute. */
export function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file)
  // From one Windows drive to another the relative path is absolute.
  return !isAbsolute(path) && !/^(\.\.([/\\]|$)|$)/.test(path)
}

/** Finds what belongs to a path, once for all that ask. */
export function once<T>(find: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return path => {
    const found = known.get(path) ?? find(path)
    known.set(path, found)
    return found
  }
}

export interface CheckWords {
  /** The folder in which the files must be, in words. */
  readonly place: string
  /** Two ways out of a fault. */
  readonly again: string
  readonly remove: string
  /** More about a file that is not there. */
  readonly missing?: (file: string) => Promise<string>
}

/** A file that was checked: what its folder says of it, if it is there, and the reason why it cannot be used. */
export interface Checked {
  readonly found: Stats | undefined
  readonly reason: string | undefined
}

/**
 * Makes the check of files below one of the folders `homes`: each must be a file with something in it. A home may
 * itself be a link, as data sets are kept on other disks. A link in it that leads out of all homes is a fault: who only
 * has the data set did not choose that file.
 */
export function fileCheck(homes: readonly string[], { place, again, remove, missing }: CheckWords) {
  const real = once(folder => realpath(folder))
  const remedy = `; ${again} or ${remove}`
  const reasonOf = async (file: string, found: Stats | undefined): Promise<string | undefined> => {
    if (!found) return `is not there${(await missing?.(file)) ?? ''}${remedy}`
    const link = found.isSymbolicLink()
    const target = link ? await realpath(file) : join(await real(dirname(file)), basename(file))
    if (!(await Promise.all(homes.map(real))).some(home => isInside(home, target)))
      return `is a link that leads out of ${place}; put the file itself there or ${remove}`
    const behind = link ? await stat(file) : found
    if (!behind.isFile()) return `is not a file${remedy}`
    return behind.size === 0 ? `is empty (0 bytes)${remedy}` : undefined
  }
  return async (file: string): Promise<Checked> => {
    const found = await lstat(file).catch(() => undefined)
    const reason = await reasonOf(file, found).catch((error: Error) => `cannot be read (${error.message})`)
    return { found, reason }
  }
}
