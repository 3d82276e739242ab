/** Scenes for birds: soft noise backgrounds, foliage, flowers and stones, a perch, and things in front of the bird. */
import type { Random } from '../../engine/random.ts'
import {
  bezier,
  blur,
  type Colour,
  cos,
  ellipse,
  fill,
  hsv,
  type Layer,
  mix,
  type Point,
  sin,
  stroke,
} from './canvas.ts'

/** Smooth noise in 0..1: random values on a grid, interpolated, octave upon octave. */
export function valueNoise(random: Random, size: number, cells: number, octaves: number): Float32Array {
  const out = new Float32Array(size * size)
  let weight = 1
  let total = 0
  for (let octave = 0; octave < octaves; octave++, weight /= 2) {
    const n = cells << octave
    const grid = Float32Array.from({ length: (n + 1) * (n + 1) }, () => random.next())
    const cell = new Int32Array(size)
    const part = new Float32Array(size)
    for (let k = 0; k < size; k++) {
      const u = ((k + 0.5) * n) / size
      cell[k] = Math.floor(u)
      part[k] = (u - cell[k]!) ** 2 * (3 - 2 * (u - cell[k]!))
    }
    for (let y = 0; y < size; y++) {
      const row = cell[y]! * (n + 1)
      const v = part[y]!
      for (let x = 0; x < size; x++) {
        const k = row + cell[x]!
        const u = part[x]!
        const above = grid[k]! + (grid[k + 1]! - grid[k]!) * u
        const below = grid[k + n + 1]! + (grid[k + n + 2]! - grid[k + n + 1]!) * u
        out[y * size + x]! += weight * (above + (below - above) * v)
      }
    }
    total += weight
  }
  for (let i = 0; i < out.length; i++) out[i]! /= total
  return out
}

/** The ground that everything is drawn on, opaque: two colours of one habitat, mixed by noise and height. */
export function backdrop(on: Layer, random: Random): void {
  const u = (a: number, b: number): number => random.uniform(a, b)
  const { size, rgb, alpha } = on
  const habitat = random.int(3)
  const [low, high]: [Colour, Colour] =
    habitat === 0
      ? [hsv(u(0.2, 0.36), u(0.3, 0.55), u(0.2, 0.42)), hsv(u(0.16, 0.3), u(0.25, 0.5), u(0.5, 0.8))] // foliage
      : habitat === 1 // sky over reeds
        ? [hsv(u(0.12, 0.24), u(0.2, 0.45), u(0.38, 0.65)), hsv(u(0.52, 0.6), u(0.1, 0.4), u(0.7, 0.95))]
        : // Earth, bark, snow.
          [hsv(u(0.05, 0.12), u(0.2, 0.45), u(0.3, 0.5)), hsv(u(0.06, 0.6), u(0.04, 0.2), u(0.6, 0.9))]
  const broad = valueNoise(random, size, 2 + random.int(4), 3)
  const tilt = u(-0.3, 0.9)
  for (let i = 0; i < alpha.length; i++) {
    const t = Math.min(1, Math.max(0, (broad[i]! - 0.5) * 2 + 0.5 + (0.5 - Math.floor(i / size) / size) * tilt))
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = low[c]! + (high[c]! - low[c]!) * t
    alpha[i] = 1
  }
}

/** Out-of-focus light and leaves: large soft discs, blurred together with the backdrop. */
export function bokeh(on: Layer, random: Random): void {
  const { size } = on
  const u = (a: number, b: number): number => random.uniform(a, b)
  for (let k = 6 + random.int(10); k > 0; k--) {
    const colour = hsv(u(0.08, 0.4), u(0.1, 0.5), u(0.25, 0.9))
    const r = size * u(0.03, 0.1)
    fill(on, ellipse(u(0, size), u(0, size), r, r * u(0.8, 1), 0, 20), colour, u(0.15, 0.45))
  }
  blur(on.rgb, size, 3, Math.round(size * random.uniform(0.008, 0.03)))
}

/** A region of the picture in pixels. */
export interface Region {
  left: number
  top: number
  right: number
  bottom: number
}

/**
 * Draws `count` things somewhere in a region. `distract` is the chance that a flower or stone has the colours of marks.
 */
export function clutter(
  on: Layer,
  random: Random,
  count: number,
  region: Region,
  distract: number,
  inFront = false,
): void {
  const things = inFront ? [leaf, leaf, blade] : [leaf, leaf, leaf, blade, blade, flower, stone, dot]
  for (let k = 0; k < count; k++) {
    const x = random.uniform(region.left, region.right)
    const y = random.uniform(region.top, region.bottom)
    const scale = on.size * random.uniform(0.02, 0.06) * (inFront ? 0.8 : 1)
    things[random.int(things.length)]!(on, random, x, y, scale, random.next() < distract)
  }
}

type Thing = (on: Layer, random: Random, x: number, y: number, scale: number, marked: boolean) => void

const leaf: Thing = (on, random, x, y, scale) => {
  const colour = hsv(random.uniform(0.14, 0.36), random.uniform(0.3, 0.7), random.uniform(0.22, 0.7))
  const angle = random.uniform(0, 6.28)
  const c = cos(angle)
  const s = sin(angle)
  const width = random.uniform(0.35, 0.6) * scale
  const at = (along: number, across: number): Point => [x + along * c - across * s, y + along * s + across * c]
  const half = (side: number): Point[] => bezier(at(-scale, 0), at(0, side * width), at(scale, 0), 6)
  fill(on, [...half(1.6), ...half(0).reverse()], colour)
  fill(on, [...half(-1.6), ...half(0).reverse()], mix(colour, [0, 0, 0], 0.18))
  fill(on, stroke([at(-scale * 1.25, 0), at(scale, 0)], 0.5, 0.3), mix(colour, [0, 0, 0], 0.4))
}

const blade: Thing = (on, random, x, y, scale) => {
  const colour = hsv(random.uniform(0.08, 0.3), random.uniform(0.3, 0.6), random.uniform(0.18, 0.6))
  const height = scale * random.uniform(5, 9)
  const lean = random.uniform(-0.5, 0.5) * height
  const curve = bezier([x, y + height / 2], [x + lean * 0.2, y], [x + lean, y - height / 2])
  fill(on, stroke(curve, random.uniform(0.6, 1.6), 0.3), colour)
}

function muted(random: Random): Colour {
  const hue = random.next() < 0.5 ? random.uniform(0.5, 0.95) : random.uniform(0.2, 0.4)
  return hsv(hue, random.uniform(0.12, 0.45), random.uniform(0.3, 0.75))
}

/** Red, yellow, rust, white and black: what the marks are painted with. */
function marked(random: Random): Colour {
  const paints = [
    [0, 0.85, 0.85],
    [0.145, 0.85, 0.95],
    [0.05, 0.8, 0.8],
    [0.12, 0.08, 0.96],
    [0, 0.1, 0.12],
  ] as const
  const [hue, saturation, value] = paints[random.int(paints.length)]!
  return hsv(hue, saturation, value)
}

const flower: Thing = (on, random, x, y, scale, asMark) => {
  const colour = asMark ? marked(random) : muted(random)
  const r = scale * random.uniform(0.2, 0.38)
  const turn = random.uniform(0, 6.28)
  const petals = random.next() < 0.5 ? 5 : 0
  for (let k = 0; k < petals; k++) {
    const a = turn + k * 1.2566
    fill(on, ellipse(x + r * cos(a), y + r * sin(a), r * 0.75, r * 0.5, a, 12), colour)
  }
  if (petals) fill(on, ellipse(x, y, r * 0.4, r * 0.4, 0, 12), hsv(0.13, 0.4, 0.5))
  else
    for (let k = random.int(3); k >= 0; k--) {
      // berries
      const bx = x + random.uniform(-1, 1) * scale
      const by = y + random.uniform(-1, 1) * scale
      fill(on, ellipse(bx, by, r, r, 0, 14), colour)
      fill(on, ellipse(bx - r * 0.3, by - r * 0.3, r * 0.3, r * 0.25, 0, 10), mix(colour, [1, 1, 1], 0.5))
    }
}

/** A rounded lump in the colours of birds, some with stripes like wing bars. */
const stone: Thing = (on, random, x, y, scale, asMark) => {
  const hue = random.next() < 0.6 ? random.uniform(0.05, 0.14) : random.uniform(0.52, 0.64)
  const colour = hsv(hue, random.uniform(0.1, 0.35), random.uniform(0.35, 0.7))
  const angle = random.uniform(-0.6, 0.6)
  const h = random.uniform(0.6, 0.9) * scale
  fill(on, ellipse(x, y, scale * 1.3, h, angle), mix(colour, [0, 0, 0], 0.25))
  fill(on, ellipse(x - 0.06 * scale, y - 0.14 * h, scale * 1.15, h * 0.8, angle), colour)
  for (let k = random.int(3); k > 0; k--) {
    const sx = x + random.uniform(-0.7, 0.7) * scale
    const stripe = asMark ? [hsv(0.12, 0.1, 0.95), hsv(0, 0.1, 0.15)][random.int(2)]! : mix(colour, [0, 0, 0], 0.25)
    fill(
      on,
      stroke(
        [
          [sx, y - 0.45 * h],
          [sx - 0.2 * scale, y + 0.35 * h],
        ],
        scale * random.uniform(0.05, 0.12),
      ),
      stripe,
    )
  }
}

const dot: Thing = (on, random, x, y, scale, asMark) => {
  const colour = asMark ? marked(random) : muted(random)
  fill(on, ellipse(x, y, scale * 0.3, scale * 0.3, 0, 12), colour)
}

/** A branch across the picture through the point, with bark. */
export function perch(on: Layer, random: Random, [x, y]: Point, thickness: number): void {
  const { size } = on
  const slope = random.uniform(-0.3, 0.3)
  const colour = hsv(random.uniform(0.05, 0.1), random.uniform(0.2, 0.45), random.uniform(0.22, 0.45))
  const along = (shift: number): Point[] =>
    [-6, x / 2, x, (x + size) / 2, size + 6].map(
      (px, k) => [px, y + shift + slope * (px - x) + (k === 2 ? 0 : random.uniform(-0.3, 0.3) * thickness)] as const,
    )
  const whole = along(thickness)
  const shifted = (by: number): Point[] => whole.map(([px, py]) => [px, py + by * thickness] as const)
  fill(on, stroke(whole, thickness), mix(colour, [0, 0, 0], 0.35))
  fill(on, stroke(shifted(-0.25), thickness * 0.72), colour)
  fill(on, stroke(shifted(-0.6), thickness * 0.22), mix(colour, [1, 0.95, 0.85], 0.22))
  for (let k = 0; k < 26; k++) {
    // bark
    const px = random.uniform(0, size)
    const from = random.uniform(-0.75, 0.8) * thickness
    const length = size * random.uniform(0.01, 0.04)
    const py = y + thickness + slope * (px - x) + from
    fill(
      on,
      stroke(
        [
          [px, py],
          [px + length, py + slope * length],
        ],
        0.5,
        0.2,
      ),
      mix(colour, [0, 0, 0], 0.5),
      0.7,
    )
  }
}
