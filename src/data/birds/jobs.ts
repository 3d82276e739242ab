/** The pictures of a data set of drawn birds: their order, which is that of their ids, and the names of their files. */
import type { Recipe } from './recipe.ts'
import { species } from './species.ts'

/** A picture to be drawn: `file` below the data set's folder. */
export interface Job {
  index: number
  file: string
}

/**
 * All pictures, species by species as in CUB; a picture's id is its place among them, from 1. Their indices, which
 * decide what is drawn, go round the species.
 */
export function jobsOf({ train, test, classes }: Pick<Recipe, 'train' | 'test' | 'classes'>): Job[] {
  const indices = Array.from({ length: train + test }, (_, index) => index)
  return species(classes).flatMap(({ folder }, label) =>
    indices
      .filter(index => index % classes === label)
      .map(index => {
        const number = String(Math.floor(index / classes) + 1).padStart(4, '0')
        return { index, file: `images/${folder}/${folder.slice(4)}_${number}.png` }
      }),
  )
}
