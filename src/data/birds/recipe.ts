/** The recipe of a set of birds, which is kept beside it as birds.json, and by which the set is known again. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BirdOptions, defaults } from './draw.ts'

export interface WriteOptions extends Partial<BirdOptions> {
  seed: number
  /** Pictures for training and for testing. Multiples of `classes` give every species the same number. */
  train: number
  test: number
  /** Side, in pixels, of the small pictures on the contact sheet: the classifier's input size. Default 32. */
  small?: number
  onProgress?: (done: number, total: number) => void
}

/** All options, and the version of the drawing code. */
export type Recipe = Required<Omit<WriteOptions, 'onProgress'>> & { version: number }

/** Raised whenever the same options would draw other pictures than before. */
const VERSION = 3

/** Completes options with their defaults. */
export function recipeOf({ onProgress, ...options }: WriteOptions): Recipe {
  return { version: VERSION, small: 32, ...defaults, ...options }
}

/** The text of birds.json, with its keys in order. */
export const recipeText = (recipe: Recipe): string =>
  `${JSON.stringify(Object.fromEntries(Object.entries(recipe).sort()), null, 2)}\n`

/** Tells if a folder holds the data set that these options make. */
export async function matches(dir: string, options: WriteOptions): Promise<boolean> {
  const text = await readFile(join(dir, 'birds.json'), 'utf8').catch(() => undefined)
  return text === recipeText(recipeOf(options))
}
