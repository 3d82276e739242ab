/** The files of figures in bench/results/adapters/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeFigures } from './check_figures.ts'
import type { Figures } from './figures.ts'

export const FOLDER = fileURLToPath(new URL('results/adapters/', import.meta.url))

/**
 * @param name takes the place of the adapter's name in the file.
 * @throws with the file's name and all of its faults.
 */
export function readFigures(file: string, name?: string): Figures {
  try {
    return decodeFigures(readFileSync(file, 'utf8'), name)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`)
  }
}

/** All files by their names; none where there is no folder. @throws where one is broken. */
export function contributed(folder = FOLDER): Map<string, Figures> {
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')) : []
  return new Map(names.sort().map(name => [name, readFigures(folder + name)]))
}
