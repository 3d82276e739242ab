/** Writes birds as a data set in the layout of CUB_200_2011, whole or not at all. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { notInstalled } from '../not_installed.ts'
import { jobsOf } from './jobs.ts'
import { writeLists } from './lists.ts'
import { recipeOf, recipeText, type WriteOptions } from './recipe.ts'
import { species } from './species.ts'
import { drawAll } from './threads.ts'

/**
 * Writes the data set into `dir`, in place of one that is there already. All is written beside it first and moved into
 * place at the end, so an interrupted run leaves no half data set.
 *
 * @throws if there are fewer pictures than species, or `dir` holds a data set that is not of drawn birds.
 */
export async function writeBirds(dir: string, options: WriteOptions): Promise<void> {
  const recipe = recipeOf(options)
  const { train, test, classes, seed } = recipe
  for (const [name, n] of Object.entries({ train, test })) {
    if (!(Number.isInteger(n) && n >= classes))
      throw new Error(`${name} must be a whole number from ${classes}, not ${n}`)
  }
  const target = resolve(dir)
  const half = `${target}.half-${process.pid}`
  if (existsSync(join(target, 'images.txt')) && !existsSync(join(target, 'birds.json')))
    throw new Error(`${target} holds a data set that is not the built-in birds; choose another folder`)
  const { contactSheet } = await import('./contact.ts').catch(notInstalled('pngjs', 'writing birds to files'))
  await removeAbandoned(target)
  try {
    for (const { folder } of species(classes)) await mkdir(join(half, 'images', folder), { recursive: true })
    const jobs = jobsOf(recipe)
    const done = await drawAll({ dir: half, seed, options: recipe, jobs }, options.onProgress)
    await writeLists(half, recipe, jobs, done)
    await writeFile(join(half, 'contact-sheet.png'), contactSheet(recipe))
    await writeFile(join(half, 'birds.json'), recipeText(recipe))
    // Another process may have put the same birds there meanwhile, and be reading them.
    if (await matches(target, options)) return
    await rm(target, { recursive: true, force: true })
    await mkdir(dirname(target), { recursive: true })
    await rename(half, target)
  } finally {
    await rm(half, { recursive: true, force: true })
  }
}

/** Tells if a folder holds the data set that these options make. */
export async function matches(dir: string, options: WriteOptions): Promise<boolean> {
  const text = await readFile(join(dir, 'birds.json'), 'utf8').catch(() => undefined)
  return text === recipeText(recipeOf(options))
}

/** Deletes the halves of earlier processes that were killed. */
async function removeAbandoned(target: string): Promise<void> {
  const prefix = `${basename(target)}.half-`
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    if (!name.startsWith(prefix)) continue
    try {
      process.kill(Number(name.slice(prefix.length)), 0) // only asks if the process lives
    } catch {
      await rm(join(dirname(target), name), { recursive: true, force: true })
    }
  }
}
