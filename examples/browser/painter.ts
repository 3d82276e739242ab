/** A worker that draws birds: `{ index }` in, the picture out. The page may draw one by itself. */
import { type DrawnBird, drawBird } from '../../src/data/birds/draw.ts'
import { species } from '../../src/data/birds/species.ts'

/** A picture with the name of its species. */
export interface PaintedBird extends DrawnBird {
  readonly index: number
  readonly name: string
}

const names = species(16).map(({ folder }) => folder)

/** Draws a bird by its number. It takes some 50 ms. */
export function paintBird(index: number): PaintedBird {
  const bird = drawBird(0, index)
  return { ...bird, index, name: names[bird.label]! }
}

if (typeof document === 'undefined')
  addEventListener('message', ({ data: { index } }: MessageEvent<{ index: number }>) => postMessage(paintBird(index)))
