/** A worker that draws birds: `{ index }` in, the picture out. */
import { type DrawnBird, drawBird } from '../../src/data/birds/draw.ts'
import { species } from '../../src/data/birds/species.ts'

/** A picture with the name of its species. */
export interface PaintedBird extends DrawnBird {
  readonly index: number
  readonly name: string
}

const names = species(16).map(({ folder }) => folder)

if (typeof document === 'undefined')
  addEventListener('message', ({ data: { index } }: MessageEvent<{ index: number }>) => {
    const bird = drawBird(0, index)
    postMessage({ ...bird, index, name: names[bird.label]! } satisfies PaintedBird)
  })
