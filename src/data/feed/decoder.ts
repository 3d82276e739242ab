/** A thread of DecodePool: decodes and resizes images, or reads them from the cache, one order at a time. */
import { parentPort } from 'node:worker_threads'
import { DataError } from '../problems.ts'
import { loadSharp } from '../sharp.ts'
import { loadShortSide } from '../short_side.ts'
import type { Order, Report } from './pool.ts'
import { type Loaded, loadCached } from './store.ts'

loadSharp().catch(() => {}) // it begins now, before the first order, and an order says what is wrong

async function load({ file, size, options, cache }: Order): Promise<Loaded> {
  if (!cache) return { image: await loadShortSide(file, size, options), stored: 0 }
  return loadCached(file, size, cache.folder, cache.add, options)
}

parentPort!.on('message', async (order: Order) => {
  try {
    const { image, ...rest } = await load(order)
    // Memory of sharp cannot change hands, nor can a part of a buffer: those are copied here, off the main thread.
    const rgb = new Uint8Array(image.rgb)
    const report: Report = { id: order.id, loaded: { ...rest, image: { ...image, rgb } } }
    parentPort!.postMessage(report, [rgb.buffer])
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const report: Report = { id: order.id, error: { message, data: error instanceof DataError } }
    parentPort!.postMessage(report)
  }
})
