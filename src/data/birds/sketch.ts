/** Sketch: an individual of a species while it is drawn, in the bird's own coordinates. */
import type { Random } from '../../engine/random.ts'
import type { Colour } from './colour.ts'
import type { Layer } from './layer.ts'
import type { Point } from './outlines.ts'
import { type Placement, toPixels } from './placement.ts'
import { type Plumage, plumage } from './plumage.ts'
import { fillPolygon } from './polygon.ts'
import type { Code } from './species.ts'

/** Sizes of the coarse marks (crown, throat, breast) and of the fine ones (bill, eye, wing, tail); 1 is natural. */
export interface MarkSizes {
  coarse: number
  fine: number
}

export interface Sketch extends MarkSizes {
  readonly random: Random
  readonly code: Code
  readonly colours: Plumage
  /** The middle of the head. */
  readonly head: Point
  /** Fills a polygon that is given in the bird's own coordinates. */
  readonly paint: (points: readonly Point[], colour: Colour, opacity?: number) => void
}

/** Begins an individual: its colours, the sizes of its marks, and the place of its head. */
export function sketch(on: Layer, random: Random, code: Code, place: Placement, sizes: MarkSizes): Sketch {
  return {
    random,
    code,
    colours: plumage(random),
    coarse: sizes.coarse * random.uniform(0.92, 1.08),
    fine: sizes.fine * random.uniform(0.92, 1.08),
    head: [0.27 + random.uniform(-0.02, 0.02), -0.17 + random.uniform(-0.025, 0.03)],
    paint: (points, colour, opacity = 1) => {
      const pixels = points.map(p => toPixels(place, p))
      fillPolygon(on, pixels, colour, opacity)
    },
  }
}
