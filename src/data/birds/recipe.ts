/** The recipe of a set of birds, which is kept beside it as birds.json, and by which the set is known again. */
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

/** 16 species that differ in marks of a few pixels. The pictures are the same whatever the seed of the training. */
export const BUILT_IN: WriteOptions = { seed: 0, train: 3072, test: 512 }

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
