/** A worker of the pool that draws birds: gets indices, sends each bird as soon as it is drawn. */
import { type DrawnBird, drawBird } from '../../src/data/birds/index.ts'

/** The work of one worker. */
export interface DrawOrder {
  readonly seed: number
  readonly indices: readonly number[]
}

/** A bird that is drawn. */
export interface Drawn {
  readonly index: number
  readonly bird: DrawnBird
}

addEventListener('message', ({ data: { seed, indices } }: MessageEvent<DrawOrder>) => {
  for (const index of indices) {
    const bird = drawBird(seed, index)
    // Moved, not copied.
    ;(postMessage as (message: Drawn, moved: Transferable[]) => void)({ index, bird }, [bird.rgb.buffer as ArrayBuffer])
  }
})
