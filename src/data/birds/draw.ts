/** A picture of a bird, from a seed, a number and a few options: scene, bird, light and camera. */
import { Random } from '../../engine/random.ts'
import { drawBody } from './bird.ts'
import { clutter } from './clutter.ts'
import { compose, type Layer, layer } from './layer.ts'
import { camera, relief } from './light.ts'
import type { Point } from './outlines.ts'
import { randomPlacement, toPixels } from './placement.ts'
import { backdrop, bokeh, perch } from './scene.ts'
import { codes, type Mark, marks } from './species.ts'

/** The options of a picture besides seed and index. `defaults` are those of the built-in birds. */
export interface BirdOptions {
  classes: 8 | 16
  /** Width and height of the picture in pixels. */
  size: number
  /** Sizes of the marks that show from afar (crown, throat, breast) and of those that do not; 1 is natural. */
  coarse: number
  fine: number
  /** Shortest and longest bird, as a share of the picture. */
  shortest: number
  longest: number
  /** The chance that a flower or stone has the colours of marks. */
  distract: number
}

export const defaults: BirdOptions = {
  classes: 16,
  size: 192,
  coarse: 1.2,
  fine: 0.8,
  shortest: 0.46,
  longest: 0.66,
  distract: 0.25,
}

/** A picture with what is known of it. */
export interface DrawnBird {
  /** size × size pixels, row by row, 3 bytes each. */
  rgb: Uint8Array
  label: number
  /** The box around the bird: left, top, width, height in pixels. */
  box: [x: number, y: number, width: number, height: number]
  /** The middle of each mark in pixels. A mark is not visible where something in front hides it. */
  parts: { name: Mark; x: number; y: number; visible: boolean }[]
}

/** Draws picture `index` of a seed, the same bytes on every platform. Its species is index modulo the classes. */
export function drawBird(seed: number, index: number, options: Partial<BirdOptions> = {}): DrawnBird {
  const o = { ...defaults, ...options }
  const { size } = o
  const random = new Random(seed, index)
  const label = index % o.classes
  const picture = layer(size)
  const bird = layer(size)
  const front = layer(size)
  const place = randomPlacement(random, o)

  backdrop(picture, random)
  bokeh(picture, random)
  clutter(picture, random, 8 + random.int(10), { left: 0, top: 0, right: size, bottom: size }, o.distract)
  perch(picture, random, toPixels(place, [0.06, 0.315]), place.length * random.uniform(0.02, 0.045))
  const middles = drawBody(bird, random, codes(o.classes)[label]!, place, o)
  const reach = place.length * 0.4
  const around = {
    left: place.x - reach,
    right: place.x + reach,
    top: place.y - reach * 0.75,
    bottom: place.y + reach * 0.75,
  }
  clutter(front, random, random.int(3), around, 0, true)

  compose(picture, bird, relief(bird, random, place))
  compose(picture, front)
  const rgb = camera(picture, random)
  const parts = marks.map(({ name }) => {
    const [x, y] = middles[name]
    const pixel = Math.floor(y) * size + Math.floor(x)
    return { name, x, y, visible: x >= 0 && y >= 0 && x < size && y < size && front.alpha[pixel]! < 0.5 }
  })
  return { rgb, label, box: bounds(bird, Object.values(middles)), parts }
}

/** Finds the smallest box that holds every pixel with some bird in it, and the middles of the marks. */
function bounds({ size, alpha }: Layer, middles: readonly Point[]): DrawnBird['box'] {
  let left = size
  let top = size
  let right = 0
  let bottom = 0
  const include = (x: number, y: number): void => {
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y + 1)
  }
  for (let i = 0; i < alpha.length; i++) if (alpha[i]! > 0.3) include(i % size, Math.floor(i / size))
  for (const [x, y] of middles) {
    include(Math.max(0, Math.min(size - 1, Math.floor(x))), Math.max(0, Math.min(size - 1, Math.floor(y))))
  }
  return [left, top, right - left, bottom - top]
}
