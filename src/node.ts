/**
 * The part of the package that needs Node: files of models and trainings, photos, data sets, the built-in birds on
 * disk. Photos need the package sharp, and birds that are written pngjs; the rest needs neither.
 */
export { builtInBirds } from './data/birds/built_in.ts'
export type { WriteOptions } from './data/birds/recipe.ts'
export { writeBirds } from './data/birds/write.ts'
export { loadCub } from './data/cub.ts'
export { type DecodeOptions, decode, type Image } from './data/decode.ts'
export { DecodePool } from './data/feed/pool.ts'
export { DataError } from './data/problems.ts'
export { loadShortSide } from './data/short_side.ts'
export { readTensors, saveTensors } from './io/checkpoint.ts'
export { readModel } from './tasn/model_file.ts'
export { readCheckpoint, saveCheckpoint, saveModel } from './train/save.ts'
