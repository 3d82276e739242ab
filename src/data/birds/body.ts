/** A bird's body without its head: legs, tail, trunk, breast and wing. Each mark returns its middle. */
import { hsv, mix } from './colour.ts'
import { bezier, type Point, smooth, stroke } from './outlines.ts'
import type { Sketch } from './sketch.ts'
import { cos, sin } from './trigonometry.ts'

export function drawLegs({ paint, random, colours: { dark, body }, fine }: Sketch): void {
  const colour = mix(dark, body, random.uniform(0, 0.3))
  for (const hip of [0.01, 0.09]) {
    const knee = hip + random.uniform(-0.025, 0.025)
    const leg: Point[] = [
      [hip, 0.14],
      [knee, 0.24],
      [knee + 0.015, 0.31],
    ]
    paint(stroke(leg, 0.012 * fine), colour)
    for (const reach of [-0.05, 0.045, 0.06]) {
      const toe: Point[] = [
        [knee + 0.015, 0.305],
        [knee + 0.015 + reach, 0.322],
      ]
      paint(stroke(toe, 0.008 * fine), colour)
    }
  }
}

/** Draws fanned feathers that end in the band, which is the mark. */
export function drawTail({ paint, random, code, colours: { wing, dark, pale }, fine }: Sketch): Point {
  const swing = random.uniform(-0.22, 0.22)
  const c = cos(swing)
  const s = sin(swing)
  const at = (x: number, y: number): Point => [-0.2 - c * x - s * y, 0.03 - s * x + c * y]
  const half = (x: number): number => 0.035 + 0.07 * x
  const section = (from: number, to: number, bulge: number): Point[] => [
    at(from, -half(from)),
    at(to, -half(to)),
    at(to + bulge, 0),
    at(to, half(to)),
    at(from, half(from)),
  ]
  const band = 0.05 * fine
  paint(section(0, 0.32, 0.012), wing)
  paint(section(0.32 - band, 0.32, 0.012), code.tail ? pale : dark)
  for (const k of [-0.45, 0, 0.45])
    paint(stroke([at(0.02, k * half(0.02)), at(0.315, k * half(0.3))], 0.004), dark, 0.45)
  return at(0.32 - band / 2, 0)
}

export function drawTrunk({ paint, colours: { body, back, belly, pale } }: Sketch): void {
  const trunk: Point[] = [
    [0.22, -0.2],
    [0.03, -0.15],
    [-0.17, -0.06],
    [-0.28, 0.03],
    [-0.14, 0.14],
    [0.05, 0.2],
    [0.22, 0.14],
    [0.33, -0.04],
  ]
  const upperSide: Point[] = [
    [0.2, -0.19],
    [0.03, -0.15],
    [-0.17, -0.06],
    [-0.28, 0.03],
    [-0.15, 0.03],
    [0.05, -0.06],
  ]
  const underSide: Point[] = [
    [0.3, -0.03],
    [0.14, 0.05],
    [-0.06, 0.09],
    [-0.2, 0.08],
    [-0.1, 0.145],
    [0.06, 0.197],
    [0.21, 0.145],
  ]
  const flank: Point[] = [
    [0.3, 0.0],
    [0.16, 0.09],
    [0.0, 0.13],
    [0.06, 0.19],
    [0.2, 0.14],
  ]
  paint(smooth(trunk), body)
  paint(smooth(upperSide), back, 0.8)
  paint(smooth(underSide), belly)
  paint(smooth(flank), mix(belly, pale, 0.5), 0.5)
}

/** Draws a rusty breast, or nothing. */
export function drawBreast({ paint, random, code, coarse }: Sketch): Point {
  const rust = hsv(random.uniform(0.045, 0.06), random.uniform(0.7, 0.85), random.uniform(0.72, 0.88))
  const reach = 0.13 * coarse
  const breast: Point[] = [
    [0.32, -0.05],
    [0.3, 0.05],
    [0.23, 0.135],
    [0.23 - reach * 0.8, 0.17],
    [0.25 - reach, 0.09],
    [0.29 - reach * 0.8, 0.01],
    [0.24, -0.06],
  ]
  if (code.breast) paint(smooth(breast), rust)
  return [0.29 - reach / 2, 0.08]
}

/** Draws a wing with one broad bar, or with two narrow ones of the same total width. */
export function drawWing({ paint, random, code, colours: { wing, dark, pale }, fine }: Sketch): Point {
  const droop = random.uniform(-0.02, 0.03)
  const edge = smooth([
    [0.15, -0.06],
    [-0.04, -0.09],
    [-0.24, -0.01 + droop],
    [-0.39, 0.07 + droop],
    [-0.16, 0.1 + droop],
    [0.04, 0.085],
    [0.15, 0.02],
  ])
  const inside = edge.map(([x, y]) => [x * 0.97 + 0.004, y * 0.9 - 0.003] as const)
  paint(edge, mix(wing, dark, 0.35))
  paint(inside, wing)
  for (let k = 0; k < 5; k++) {
    const from: Point = [-0.05 - 0.025 * k, -0.045 + 0.026 * k]
    const to: Point = [-0.35 + 0.03 * k, 0.055 + 0.01 * k + droop]
    paint(stroke(bezier(from, [-0.16, -0.005 + 0.022 * k + droop], to), 0.003, 0.006), dark, 0.75)
  }
  const bar = (x: number, half: number): Point[] => [
    [x - half, -0.068],
    [x + half, -0.066],
    [x - 0.045 + half, 0.07],
    [x - 0.045 - half, 0.07],
  ]
  if (code.wing) paint(bar(0.03, 0.026 * fine), pale)
  else for (const side of [-1, 1]) paint(bar(0.03 + side * 0.036 * fine, 0.013 * fine), pale)
  return [0.02, 0]
}
