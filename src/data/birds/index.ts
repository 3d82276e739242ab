/** The built-in birds without files, for pages as for Node: pictures, species, and a data set of them in memory. */
export type { Dataset, Fault, Sample } from '../dataset.ts'
export { type BirdOptions, type DrawnBird, defaults, drawBird } from './draw.ts'
export { type BirdSet, indicesOf, inMemory } from './in_memory.ts'
export { BUILT_IN } from './recipe.ts'
export { type Code, codes, type Mark, marks, type Species, species } from './species.ts'
