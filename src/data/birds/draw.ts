/** One picture of a bird, from the seed, its number and a few options: scene, bird, light and camera. */
import { Random } from '../../engine/random.ts'
import { drawBody, type Placement, toPixels } from './bird.ts'
import { blur, compose, type Layer, layer, type Point } from './canvas.ts'
import { backdrop, bokeh, clutter, perch, valueNoise } from './scene.ts'
import { codes, type Mark, marks } from './species.ts'

/** What a bird picture depends on besides seed and index. `defaults` are the built-in birds. */
export interface BirdOptions {
  classes: 8 | 16
  /** Width and height of the picture in pixels. */
  size: number
  /**
   * Sizes of the marks that show from afar (crown, throat, breast) and of those that do not (bill, eye, wing, tail).
   */
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

export interface Picture {
  /** size * size pixels, row by row, 3 bytes each. */
  rgb: Uint8Array
  label: number
  /** The box around the bird: left, top, width, height in pixels. */
  box: [x: number, y: number, width: number, height: number]
  /** The middle of each mark in pixels; not visible where something in front hides it. */
  parts: { name: Mark; x: number; y: number; visible: boolean }[]
}

/** Draws picture `index` of a seed: the same bytes on every platform. The species is index modulo the classes. */
export function drawBird(seed: number, index: number, options: Partial<BirdOptions> = {}): Picture {
  const o = { ...defaults, ...options }
  const { size } = o
  const random = new Random(seed, index)
  const label = index % o.classes
  const picture = layer(size)
  const bird = layer(size)
  const front = layer(size)
  const place = placement(random, o)

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

/** A random place for the bird that keeps it inside the picture. */
function placement(random: Random, o: BirdOptions): Placement {
  const length = random.uniform(o.shortest, o.longest) * o.size
  const mx = 0.52 * length
  const my = 0.38 * length
  return {
    length,
    angle: random.uniform(-0.45, 0.45),
    mirror: random.next() < 0.5,
    x: random.uniform(Math.min(mx, o.size / 2), Math.max(o.size - mx, o.size / 2)),
    y: random.uniform(my, o.size - my),
  }
}

/** The light on the bird: it is round, so edges towards the light are brighter; feathers add a fine grain. */
function relief(bird: Layer, random: Random, place: Placement): Float32Array {
  const { size, alpha } = bird
  const soft = alpha.slice()
  const radius = Math.max(2, Math.round(place.length * 0.035))
  blur(soft, size, 1, radius)
  const lx = random.uniform(-0.7, 0.7)
  const ly = random.uniform(0.4, 1)
  const grain = valueNoise(random, size, Math.round(size / 4), 1)
  const light = new Float32Array(size * size).fill(1)
  for (let y = 1; y < size - 1; y++)
    for (let x = 1; x < size - 1; x++) {
      const i = y * size + x
      if (!alpha[i]) continue
      const slope = (soft[i + 1]! - soft[i - 1]!) * lx + (soft[i + size]! - soft[i - size]!) * ly
      const height = ((x - place.x) * lx - (place.y - y) * ly) / place.length
      light[i] = 1 + Math.max(-0.35, Math.min(0.3, slope * radius * 0.55)) - 0.25 * height + 0.14 * (grain[i]! - 0.5)
    }
  return light
}

/** Exposure, white balance, light falling off, contrast, a slightly soft lens and sensor noise; then bytes. */
function camera({ size, rgb }: Layer, random: Random): Uint8Array {
  const out = new Uint8Array(rgb.length)
  const gx = random.uniform(-0.12, 0.12)
  const gy = random.uniform(-0.12, 0.12)
  const exposure = random.uniform(0.8, 1.2)
  const contrast = random.uniform(0.85, 1.1)
  const b = random.uniform(0, 0.2)
  const balance = [0, 1, 2].map(() => exposure * random.uniform(0.94, 1.06))
  const row = 3 * size
  const soft = new Float32Array(rgb.length)
  for (let i = 0; i < rgb.length; i++) {
    const before = i % row < 3 ? i : i - 3
    const after = i % row >= row - 3 ? i : i + 3
    soft[i] = rgb[before]! * b + rgb[i]! * (1 - 2 * b) + rgb[after]! * b
  }
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const gain = 1 + 2 * (gx * (x / size - 0.5) + gy * (y / size - 0.5))
      const noise = (random.next() + random.next() - 1) * 0.035
      for (let c = 0; c < 3; c++, i++) {
        const above = y ? i - row : i
        const below = y < size - 1 ? i + row : i
        const value = (soft[above]! * b + soft[i]! * (1 - 2 * b) + soft[below]! * b) * gain * balance[c]!
        out[i] = Math.max(0, Math.min(255, Math.floor((0.5 + (value - 0.5) * contrast + noise) * 255 + 0.5)))
      }
    }
  return out
}

/** The smallest box that holds every pixel with some bird in it, and the middles of the marks. */
function bounds({ size, alpha }: Layer, middles: readonly Point[]): Picture['box'] {
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
