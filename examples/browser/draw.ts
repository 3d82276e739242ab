/** The birds of a training, drawn by a pool of workers, and kept: another set of them draws only what is missing. */
import { type BirdSet, type DrawnBird, indicesOf } from '../../src/data/birds/index.ts'
import { startPainters } from './painters.ts'

/** Nothing else is computed meanwhile; more than so many would only wait for memory. */
const MOST_PAINTERS = 8

const drawn = new Map<number, DrawnBird>()
let paint: ReturnType<typeof startPainters> | undefined

/**
 * All birds of a set, by their index.
 * @param onProgress gets the number of birds that are drawn, and of all.
 * @throws where one cannot be drawn.
 */
export async function birdsOf(
  set: BirdSet,
  onProgress: (done: number, of: number) => void,
): Promise<ReadonlyMap<number, DrawnBird>> {
  paint ??= startPainters(Math.min(MOST_PAINTERS, globalThis.navigator.hardwareConcurrency))
  const all = indicesOf(set)
  const missing = all.filter(index => !drawn.has(index))
  let done = all.length - missing.length
  await Promise.all(
    missing.map(async index => {
      drawn.set(index, await paint!(index))
      onProgress(++done, all.length)
    }),
  )
  return drawn
}
