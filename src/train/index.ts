/** Training without files, for pages as for Node: presets, the loop, tests, and checkpoints as bytes. */
export type { Batch } from '../data/batch.ts'
export type { Image } from '../data/decode.ts'
export { type ImagePool, Loader, type LoaderOptions } from '../data/loader.ts'
export { NotFiniteTensor } from '../io/finite.ts'
export type { Plain } from '../tasn/plain.ts'
export type { Recogniser } from '../tasn/recogniser.ts'
export type { Answer } from './answers.ts'
export { ARMS, type Arm, type ArmName, type Asked, chooseArm } from './arms.ts'
export { type Augmentation, drawChanges, noChanges } from './augmentation.ts'
export {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  encodeModel,
  everything,
  takeCheckpoint,
} from './checkpoint.ts'
export { type Accuracies, type Judged, type Tested, type TestedSoFar, testedOf, testing } from './evaluate.ts'
export type { Plans } from './fit.ts'
export {
  type EpochEvent,
  NotFinite,
  type Spent,
  type StepEvent,
  type TestEvent,
  type TrainingEvent,
  type TrainOptions,
  train,
} from './loop.ts'
export type { Settle } from './overlap.ts'
export type { Learner, Phase, Phases } from './phases.ts'
export { type Done, NOTHING_DONE, type Position } from './position.ts'
export { PRESETS, type Preset, type PresetName } from './presets.ts'
export { type Rates, type RatesBy, ratesOf, type Settings } from './rates.ts'
export type { Numbers } from './report.ts'
export { type SetupOptions, setUp, type Training } from './setup.ts'
export type { Inputs, Runner } from './steps.ts'
export type { PastRates, RateSettings, TrainingConfig } from './training_config.ts'
