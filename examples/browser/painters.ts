/** Birds, drawn by a pool of workers: the page stays free meanwhile. */
import { type DrawnBird, defaults } from '../../src/data/birds/draw.ts'
import type { Photo } from '../../src/index.ts'
import type { PaintedBird } from './painter.ts'

/** The first bird that no training of the built-in birds has seen: BUILT_IN.train, without the code that draws them. */
export const FIRST_TEST_BIRD = 3072

/** The bird that the page opens with: many of its attention maps differ. */
export const FIRST_SHOWN = 3100

/** The picture of a bird. */
export const pictureOf = ({ rgb }: Pick<DrawnBird, 'rgb'>): Photo => ({
  width: defaults.size,
  height: defaults.size,
  data: rgb,
})

interface Order {
  readonly index: number
  resolve(bird: PaintedBird): void
  reject(error: Error): void
}

const spare = (): number => Math.min(4, Math.max(1, globalThis.navigator.hardwareConcurrency - 1))

/** At most so many workers: unless told, four, and one core stays free. They begin with the oldest order. */
export function startPainters(most = spare()): (index: number) => Promise<PaintedBird> {
  const orders: Order[] = []
  const idle: Worker[] = []
  let started = 0
  const next = (): void => {
    const order = orders[0]
    if (!order) return
    const painter = idle.pop() ?? (started < most ? start() : undefined)
    if (!painter) return
    orders.shift()
    painter.onmessage = ({ data }: MessageEvent<PaintedBird>) => {
      order.resolve(data)
      idle.push(painter)
      next()
    }
    painter.onerror = event => {
      event.preventDefault()
      order.reject(new Error(`the bird ${order.index} could not be drawn: ${event.message || 'painter.js is missing'}`))
      painter.terminate() // it may never answer again: the next order starts another
      started--
      next()
    }
    painter.postMessage({ index: order.index })
  }
  const start = (): Worker => {
    started++
    return new Worker(new URL('./painter.js', import.meta.url), { type: 'module' })
  }
  return index =>
    new Promise((resolve, reject) => {
      orders.push({ index, resolve, reject })
      next()
    })
}
