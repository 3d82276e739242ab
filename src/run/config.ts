/** config.json: all that is needed to repeat a run, and what it ran on. */
import { readFileSync } from 'node:fs'
import type { Dataset } from '../data/dataset.ts'
import { choices } from '../engine/tune/choices.ts'
import { adapterInfo } from '../gpu/device.ts'
import type { TasnConfig } from '../tasn/config.ts'
import type { TrainingConfig } from '../train/presets.ts'
import type { Flags } from './flags.ts'

/** Its content. The device must be open, and all steps compiled: the tuner has chosen its kernels by then. */
export const configOf = (flags: Flags, training: TrainingConfig, model: TasnConfig, dataset: Dataset): object => ({
  flags,
  seed: flags.seed,
  training,
  model,
  kernels: choices(),
  classes: dataset.classes.map(c => c.name),
  adapter: adapterInfo,
  versions: versions(),
})

/** This package's own version and those of Node and of the packages that it uses. */
function versions(): Record<string, string> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const own = JSON.parse(text) as { name: string; version: string; dependencies: Record<string, string> }
  return {
    [own.name]: own.version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    ...own.dependencies,
  }
}
