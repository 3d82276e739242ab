/** Scenes for birds: a soft backdrop, light out of focus, and a perch. */
import type { Random } from '../../engine/random.ts'
import { type Colour, hsv, mix } from './colour.ts'
import { blur, type Layer } from './layer.ts'
import { valueNoise } from './noise.ts'
import { ellipse, type Point, stroke } from './outlines.ts'
import { fillPolygon } from './polygon.ts'

type Draw = (from: number, to: number) => number

/** The lower and the upper colour of foliage, of sky over reeds, and of earth, bark and snow. */
const HABITATS: readonly ((u: Draw) => readonly [low: Colour, high: Colour])[] = [
  u => [hsv(u(0.2, 0.36), u(0.3, 0.55), u(0.2, 0.42)), hsv(u(0.16, 0.3), u(0.25, 0.5), u(0.5, 0.8))],
  u => [hsv(u(0.12, 0.24), u(0.2, 0.45), u(0.38, 0.65)), hsv(u(0.52, 0.6), u(0.1, 0.4), u(0.7, 0.95))],
  u => [hsv(u(0.05, 0.12), u(0.2, 0.45), u(0.3, 0.5)), hsv(u(0.06, 0.6), u(0.04, 0.2), u(0.6, 0.9))],
]

/** Paints the opaque ground that everything is drawn on: two colours of one habitat, mixed by noise and height. */
export function backdrop(on: Layer, random: Random): void {
  const u: Draw = (from, to) => random.uniform(from, to)
  const { size, rgb, alpha } = on
  const [low, high] = HABITATS[random.int(HABITATS.length)]!(u)
  const broad = valueNoise(random, size, 2 + random.int(4), 3)
  const tilt = u(-0.3, 0.9)
  for (let i = 0; i < alpha.length; i++) {
    const t = Math.min(1, Math.max(0, (broad[i]! - 0.5) * 2 + 0.5 + (0.5 - Math.floor(i / size) / size) * tilt))
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = low[c]! + (high[c]! - low[c]!) * t
    alpha[i] = 1
  }
}

/** Paints light and leaves out of focus: large discs, blurred together with the backdrop. */
export function bokeh(on: Layer, random: Random): void {
  const { size } = on
  const u: Draw = (from, to) => random.uniform(from, to)
  for (let k = 6 + random.int(10); k > 0; k--) {
    const colour = hsv(u(0.08, 0.4), u(0.1, 0.5), u(0.25, 0.9))
    const r = size * u(0.03, 0.1)
    fillPolygon(on, ellipse(u(0, size), u(0, size), r, r * u(0.8, 1), 0, 20), colour, u(0.15, 0.45))
  }
  blur(on.rgb, size, 3, Math.round(size * random.uniform(0.008, 0.03)))
}

/** Paints a branch with bark across the picture, through the point. Lengths are in pixels. */
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
  fillPolygon(on, stroke(whole, thickness), mix(colour, [0, 0, 0], 0.35))
  fillPolygon(on, stroke(shifted(-0.25), thickness * 0.72), colour)
  fillPolygon(on, stroke(shifted(-0.6), thickness * 0.22), mix(colour, [1, 0.95, 0.85], 0.22))
  for (let k = 0; k < 26; k++) {
    const px = random.uniform(0, size)
    const from = random.uniform(-0.75, 0.8) * thickness
    const length = size * random.uniform(0.01, 0.04)
    const py = y + thickness + slope * (px - x) + from
    const crack: Point[] = [
      [px, py],
      [px + length, py + slope * length],
    ]
    fillPolygon(on, stroke(crack, 0.5, 0.2), mix(colour, [0, 0, 0], 0.5), 0.7)
  }
}
