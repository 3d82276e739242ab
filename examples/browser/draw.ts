/** Birds drawn by a pool of workers, and kept: only what is missing is drawn. */
import type { DrawnBird } from '../../src/data/birds/index.ts'
import { startPainters } from './painters.ts'

/** Nothing else is computed meanwhile; more than so many would only wait for memory. */
const MOST_PAINTERS = 8

const drawn = new Map<number, DrawnBird>()
let paint: ReturnType<typeof startPainters> | undefined

/**
 * The built-in birds of these indices, by their index.
 * @param onProgress gets the number of birds that are drawn, and of all.
 * @throws where one cannot be drawn.
 */
export async function birdsOf(
  indices: readonly number[],
  onProgress: (done: number, of: number) => void,
): Promise<ReadonlyMap<number, DrawnBird>> {
  paint ??= startPainters(Math.min(MOST_PAINTERS, globalThis.navigator.hardwareConcurrency))
  const missing = indices.filter(index => !drawn.has(index))
  let done = indices.length - missing.length
  await Promise.all(
    missing.map(async index => {
      drawn.set(index, await paint!(index))
      onProgress(++done, indices.length)
    }),
  )
  return drawn
}
