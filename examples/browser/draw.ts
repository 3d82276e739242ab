/** Birds drawn by a pool of workers, and kept: another set of them draws only what is missing. */
import { type BirdSet, type DrawnBird, indicesOf } from '../../src/data/birds/index.ts'
import type { Drawn, DrawOrder } from './draw_worker.ts'

/** More would only wait for memory. */
const MOST_WORKERS = 8

/** Birds by their index: all of one seed. */
const drawn = new Map<number, DrawnBird>()
let drawnSeed: number | undefined

/**
 * All birds of a set. One call at a time.
 * @param onProgress gets the number of birds that are drawn, and of all.
 * @throws where a worker cannot be started.
 */
export async function birdsOf(
  set: BirdSet,
  onProgress: (done: number, of: number) => void,
): Promise<ReadonlyMap<number, DrawnBird>> {
  if (drawnSeed !== set.seed) drawn.clear()
  drawnSeed = set.seed
  const all = indicesOf(set)
  const missing = all.filter(index => !drawn.has(index))
  const count = Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 2, missing.length)
  let done = all.length - missing.length
  const take = ({ index, bird }: Drawn): void => {
    drawn.set(index, bird)
    onProgress(++done, all.length)
  }
  await Promise.all(
    Array.from({ length: count }, (_, k) =>
      drawIn({ seed: set.seed, indices: missing.filter((_, i) => i % count === k) }, take),
    ),
  )
  return drawn
}

/** Has a worker of its own draw the birds of an order. */
function drawIn(order: DrawOrder, take: (one: Drawn) => void): Promise<void> {
  const worker = new Worker(new URL('./draw_worker.js', import.meta.url), { type: 'module' })
  let left = order.indices.length
  return new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Drawn>) => {
      take(data)
      if (--left === 0) resolve()
    }
    worker.onerror = event => {
      event.preventDefault()
      reject(new Error(`a worker that draws birds stopped: ${event.message || 'draw_worker.js could not be loaded'}`))
    }
    worker.postMessage(order)
  }).finally(() => {
    worker.terminate()
  })
}
