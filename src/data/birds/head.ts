/** A bird's head: bill, face, crown, throat and eye. Each mark returns its middle. */
import { hsv, mix } from './colour.ts'
import { ellipse, type Point, smooth, stroke } from './outlines.ts'
import type { Sketch } from './sketch.ts'

/** Draws a bill that is long and thin, or short and deep. */
export function drawBill({ paint, code, colours: { dark }, head: [hx, hy] }: Sketch): Point {
  const x = hx + 0.1
  const y = hy + 0.014
  const [length, depth] = code.bill ? [0.165, 0.03] : [0.11, 0.05]
  const tip: Point = [x + length * 0.95, y + depth * 0.35]
  const bill: Point[] = [
    [x - 0.02, y - depth],
    [x + length * 0.55, y - depth * 0.55],
    tip,
    [x + length * 0.5, y + depth * 0.6],
    [x - 0.02, y + depth],
  ]
  paint(bill, mix(dark, hsv(0.1, 0.6, 0.4), 0.4))
  paint(stroke([[x, y + depth * 0.1], tip], 0.004), dark)
  return [x + length / 2, y]
}

export function drawFace({ paint, colours: { body, belly }, head: [hx, hy] }: Sketch): void {
  paint(ellipse(hx, hy, 0.125, 0.114), body)
  paint(ellipse(hx + 0.02, hy + 0.035, 0.085, 0.062, 0.2), mix(body, belly, 0.55), 0.7)
}

/** Draws a cap along the top of the head, red or dark. */
export function drawCrown({ paint, random, code, colours: { dark }, coarse, head: [hx, hy] }: Sketch): Point {
  const depth = 0.085 * coarse
  const colour = code.crown
    ? hsv(random.uniform(-0.015, 0.015), random.uniform(0.8, 0.95), random.uniform(0.78, 0.95))
    : dark
  const cap: Point[] = [
    [hx + 0.115, hy - 0.045],
    [hx + 0.07, hy - 0.108],
    [hx - 0.015, hy - 0.128],
    [hx - 0.09, hy - 0.098],
    [hx - 0.135, hy - 0.03],
    [hx - 0.07, hy - 0.125 + depth],
    [hx + 0.02, hy - 0.125 + depth * 0.95],
  ]
  paint(smooth(cap), colour)
  return [hx - 0.01, hy - 0.085]
}

/** Draws a bib under the bill, yellow or dark. */
export function drawThroat({ paint, random, code, colours: { dark }, coarse, head: [hx, hy] }: Sketch): Point {
  const r = 0.05 * coarse
  const x = hx + 0.045
  const y = hy + 0.1
  const colour = code.throat
    ? hsv(random.uniform(0.13, 0.155), random.uniform(0.8, 0.95), random.uniform(0.9, 1))
    : dark
  const bib: Point[] = [
    [hx + 0.115, hy + 0.045],
    [x - r * 0.7, y - r * 0.8],
    [x - r * 1.2, y + r * 0.3],
    [x - r * 0.3, y + r],
    [x + r * 0.75, y + r * 0.45],
  ]
  paint(smooth(bib), colour)
  return [x, y]
}

/** Draws an eye in a pale ring, or under a pale brow. */
export function drawEye({ paint, code, colours: { pale }, fine, head: [hx, hy] }: Sketch): Point {
  const x = hx + 0.04
  const y = hy - 0.008
  const brow: Point[] = [
    [x + 0.05, y - 0.036],
    [x - 0.01, y - 0.022 - 0.03 * fine],
    [x - 0.09, y - 0.03],
    [x - 0.01, y - 0.022],
  ]
  paint(code.eye ? ellipse(x, y, 0.041 * fine, 0.041 * fine) : smooth(brow), pale)
  paint(ellipse(x, y, 0.024 * fine, 0.024 * fine), [0.03, 0.025, 0.03])
  paint(ellipse(x + 0.007, y - 0.008, 0.007 * fine, 0.007 * fine), [1, 1, 1])
  return [x, y]
}
