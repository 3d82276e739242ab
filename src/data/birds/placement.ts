/** The place of a bird in its picture, and the way from the bird's own coordinates to pixels. */
import type { Random } from '../../engine/random.ts'
import type { Point } from './outlines.ts'
import { cos, sin } from './trigonometry.ts'

/** A bird's place: the middle of its body and its length in pixels, its turn in radians, and the way that it looks. */
export interface Placement {
  x: number
  y: number
  length: number
  angle: number
  /** true: it looks to the left. */
  mirror: boolean
}

/** The sizes that a placement keeps to: the picture's in pixels, and the shortest and longest bird as shares of it. */
interface Room {
  size: number
  shortest: number
  longest: number
}

/** Draws a random place for a bird, inside the picture. */
export function randomPlacement(random: Random, { size, shortest, longest }: Room): Placement {
  const length = random.uniform(shortest, longest) * size
  const mx = 0.52 * length
  const my = 0.38 * length
  return {
    length,
    angle: random.uniform(-0.45, 0.45),
    mirror: random.next() < 0.5,
    x: random.uniform(Math.min(mx, size / 2), Math.max(size - mx, size / 2)),
    y: random.uniform(my, size - my),
  }
}

/** Maps the bird's own coordinates (its length is 1, it looks to the right, y points down) to pixels. */
export function toPixels(place: Placement, [x, y]: Point): Point {
  const c = cos(place.angle)
  const s = sin(place.angle)
  const up = y - 0.03
  return [
    place.x + (place.mirror ? -1 : 1) * place.length * (c * x - s * up),
    place.y + place.length * (s * x + c * up),
  ]
}
