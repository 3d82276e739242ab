/** A small training on a few drawn birds, for the tests of the loop and of run folders. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeBirds } from '../../src/data/birds/write.ts'
import { loadCub } from '../../src/data/cub.ts'
import { decodePool } from '../../src/data/feed/pool.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { type SetupOptions, setUp, type Training } from '../../src/train/setup.ts'
import type { TrainingConfig } from '../../src/train/training_config.ts'

export const SET = { seed: 3, classes: 8, train: 16, test: 19 } as const

/** Tests 19 images: with a batch of 8, two batches and a padded one. */
export const drawBirds = (dir: string): Promise<void> => writeBirds(join(dir, 'birds'), SET)

/** Three epochs of two steps, the first for the attention net alone, unless changed. */
export const SETTINGS: TrainingConfig = { ...PRESETS.tiny.training, epochs: 3, attentionEpochs: 1, batch: 8 }
export const CONFIG: TasnConfig = { ...PRESETS.tiny.model, classes: 8 }

/** A training on the birds in `dir`. */
export const small = async (
  dir: string,
  settings: Partial<TrainingConfig> = {},
  config: Partial<TasnConfig> = {},
  options: Partial<SetupOptions> = {},
): Promise<Training> =>
  setUp({
    config: { ...CONFIG, ...config },
    settings: { ...SETTINGS, ...settings },
    dataset: await loadCub(join(dir, 'birds')),
    seed: 5,
    pool: decodePool,
    ...options,
  })

/** The lines of a metrics.jsonl, but for the times. */
export const metricsOf = (folder: string): Record<string, unknown>[] =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => {
      const { imagesPerSecond: _, seconds: __, waited: ___, ...rest } = JSON.parse(line) as Record<string, unknown>
      return rest
    })
