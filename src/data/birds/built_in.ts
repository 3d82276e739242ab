/** The built-in birds on disk: drawn when they are first asked for, kept for the next time. */
import { fileURLToPath } from 'node:url'
import { matches, type WriteOptions } from './recipe.ts'
import { writeBirds } from './write.ts'

const FOLDER = fileURLToPath(new URL('../../../data/birds', import.meta.url))

/** 16 species that differ in marks of a few pixels. The pictures are the same whatever the seed of the training. */
export const BUILT_IN: WriteOptions = { seed: 0, train: 3072, test: 512 }

/** Returns the folder of the built-in birds. Draws them if they are not there, or were drawn by another version. */
export async function builtInBirds(onProgress?: WriteOptions['onProgress']): Promise<string> {
  if (await matches(FOLDER, BUILT_IN)) return FOLDER
  console.log(`drawing ${BUILT_IN.train + BUILT_IN.test} birds into ${FOLDER}`)
  await writeBirds(FOLDER, onProgress ? { ...BUILT_IN, onProgress } : BUILT_IN)
  return FOLDER
}
