/**
 * The part of the package that needs Node: models and trainings in files, photos, data sets, and the built-in birds on
 * disk. To decode photos it needs the package sharp, and to write birds pngjs; for the rest neither.
 */
export { builtInBirds } from './data/birds/built_in.ts'
export type { WriteOptions } from './data/birds/recipe.ts'
export { writeBirds } from './data/birds/write.ts'
export { type CubOptions, loadCub } from './data/cub.ts'
export type { Dataset, Fault, Sample } from './data/dataset.ts'
export { type DecodeOptions, decode, type Image } from './data/decode.ts'
export { ImageCache, type ImageCacheOptions } from './data/feed/image_cache.ts'
export { DecodePool, decodePool } from './data/feed/pool.ts'
export type { Loaded } from './data/feed/store.ts'
export { DataError } from './data/problems.ts'
export { loadShortSide } from './data/short_side.ts'
export { readTensors, saveTensors } from './io/checkpoint.ts'
export { WriteError } from './io/durable.ts'
export { NotFiniteTensor } from './io/finite.ts'
export { restore } from './io/restore.ts'
export { readModel } from './tasn/model_file.ts'
export type { Checkpoint } from './train/checkpoint.ts'
export { readCheckpoint, saveCheckpoint, saveModel } from './train/save.ts'
