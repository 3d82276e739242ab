/** The configurations that test/fixtures/tasn.py has results for. */
import { readFileSync } from 'node:fs'
import type { TasnConfig } from '../../src/models/tasn.ts'
import type { TrilinearConfig } from '../../src/models/trilinear.ts'
import type { SamplerOptions } from '../../src/ops/sampler.ts'

interface SamplerCase { map: number[], image: [number, number], out: [number, number], kind: string, options: Required<SamplerOptions> }

export const TASN_CASES = JSON.parse(readFileSync(new URL('../fixtures/tasn.json', import.meta.url), 'utf8')) as
  { joint: Record<string, TasnConfig>, training: TasnConfig, paper: TasnConfig, trilinear: TrilinearConfig[], sampler: SamplerCase[] }
