/** The built-in birds on disk: drawn when they are first asked for, kept for the next time. */
import { access, constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { switches } from '../../gpu/switches.ts'
import { BUILT_IN, type WriteOptions } from './recipe.ts'
import { matches, writeBirds } from './write.ts'

/** Their place in the project's own folder; none in the package, which lies among others. */
const PROJECT = import.meta.url.endsWith('.ts') ? [fileURLToPath(new URL('../../../data/birds', import.meta.url))] : []

/** That, and one in the user's folder for caches, for a project that belongs to somebody else. */
const places = (): string[] => [...PROJECT, ...(switches.cacheFolder ? [join(switches.cacheFolder, 'birds')] : [])]

/**
 * Returns the folder of the built-in birds. Draws them if they are not there, or were drawn by another version.
 *
 * @param folders the places they may be in; they are drawn into the first that can be written.
 * @throws if no place can be written, or the drawing fails.
 */
export async function builtInBirds(
  onProgress?: WriteOptions['onProgress'],
  folders: readonly string[] = places(),
  what: WriteOptions = BUILT_IN,
): Promise<string> {
  for (const folder of folders) if (await matches(folder, what)) return folder
  for (const folder of folders) {
    if (!(await canBeWritten(folder))) continue
    console.log(`drawing ${what.train + what.test} birds into ${folder}`)
    await writeBirds(folder, onProgress ? { ...what, onProgress } : what).catch((error: Error) => {
      throw new Error(`the built-in birds could not be drawn into ${folder}: ${error.message}`)
    })
    return folder
  }
  throw new Error(
    `the built-in birds have to be drawn, and no folder for them can be written: ${folders.join(', ')}. ` +
      'Make one of them writable, set XDG_CACHE_HOME to a folder of your own, or give other images with --data DIR',
  )
}

/** True if a folder can be put into this place: what is there already can be written, and so can the folder above. */
async function canBeWritten(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const refusal = await access(at, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => error)
    if (!refusal && at !== folder) return true
    if (refusal && (refusal.code !== 'ENOENT' || at === dirname(at))) return false
  }
}
