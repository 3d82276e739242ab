/** The arithmetic of recognition, counted without running it. */

import { Plan } from '../engine/plan.ts'
import { Zeros } from '../engine/random.ts'
import { persistent, release } from '../engine/transfer.ts'
import type { TasnConfig } from '../tasn/config.ts'
import { makeRecogniser } from '../tasn/recogniser.ts'

/**
 * Multiplications and additions of convolutions and matrix products for one image at test time: of these nearly
 * everything consists. The device must be open.
 */
export function flopAtTest(config: TasnConfig): number {
  const model = makeRecogniser(new Zeros(), config).train(false)
  const x = persistent([1, 3, ...config.imageSize])
  const map = config.look === 'box' ? persistent([1, ...(config.maps.mapSize ?? config.imageSize)]) : undefined
  const { flop } = Plan.record(() => [model.predict(x, map)])
  for (const t of [...model.state().values(), x, ...(map ? [map] : [])]) release(t)
  return flop
}
