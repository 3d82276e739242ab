/** The configurations that test/fixtures/tasn.py has results for, and the views of a model under its names. */
import type { Tensor } from '../../src/engine/tensor.ts'
import type { SamplerOptions } from '../../src/ops/sampler.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import type { Tasn } from '../../src/tasn/network.ts'
import type { TrilinearConfig } from '../../src/tasn/trilinear.ts'
import { fixtureJson } from './fixture_file.ts'

interface SamplerCase {
  map: number[]
  image: [number, number]
  out: [number, number]
  kind: string
  options: Required<SamplerOptions>
}

export const TASN_CASES = (await fixtureJson('tasn.json')) as {
  joint: Record<string, TasnConfig>
  training: TasnConfig
  paper: TasnConfig
  trilinear: TrilinearConfig[]
  sampler: SamplerCase[]
}

/** The map, the positions and the sample of both views: Tasn.views() of tasn.py. */
export function viewsOf(
  model: Tasn,
  x: Tensor,
  u: Tensor,
  features = model.attend(x).features,
): Record<string, Tensor> {
  const { structure, detail } = model.views(features, u)
  return Object.fromEntries(
    Object.entries({ structure, detail }).flatMap(([name, view]): [string, Tensor][] => [
      [`${name} map`, view.map],
      [`${name} rows`, view.grid.rows],
      [`${name} columns`, view.grid.columns],
      [`${name} sample`, model.sample(x, view)],
    ]),
  )
}
