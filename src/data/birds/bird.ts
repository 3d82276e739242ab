/** The bird: one body plan for every species, on which the marks of a code word are drawn. */
import type { Random } from '../../engine/random.ts'
import {
  bezier,
  type Colour,
  cos,
  ellipse,
  fill,
  hsv,
  type Layer,
  mix,
  type Point,
  sin,
  smooth,
  stroke,
} from './canvas.ts'
import type { Code, Mark } from './species.ts'

/**
 * Where and how large a bird is: the middle of its body in pixels, its length in pixels, its turn, and which way it
 * looks.
 */
export interface Placement {
  x: number
  y: number
  length: number
  angle: number
  mirror: boolean
}

/**
 * Sizes of the coarse marks (crown, throat, breast) and of the fine ones (bill, eye, wing, tail). 1 is a natural bird.
 */
export interface MarkSizes {
  coarse: number
  fine: number
}

/** From the bird's own coordinates (its length is 1, it looks to the right, y points down) to pixels. */
export function toPixels(place: Placement, [x, y]: Point): Point {
  const c = cos(place.angle)
  const s = sin(place.angle)
  const up = y - 0.03
  return [
    place.x + (place.mirror ? -1 : 1) * place.length * (c * x - s * up),
    place.y + place.length * (s * x + c * up),
  ]
}

interface Plumage {
  body: Colour
  back: Colour
  belly: Colour
  wing: Colour
  dark: Colour
  pale: Colour
}

/** Colours of an individual: every species comes in all of them. */
function plumage(random: Random): Plumage {
  const warm = random.next() < 0.6
  const hue = warm ? random.uniform(0.05, 0.14) : random.uniform(0.52, 0.64)
  const saturation = random.uniform(0.15, 0.45)
  const value = random.uniform(0.45, 0.68)
  const body = hsv(hue, saturation, value)
  const dark = hsv(hue, 0.3, random.uniform(0.09, 0.17))
  return {
    body,
    dark,
    back: mix(body, dark, random.uniform(0.1, 0.3)),
    belly: hsv(hue + random.uniform(-0.02, 0.02), saturation * 0.5, Math.min(0.97, value + random.uniform(0.15, 0.28))),
    wing: hsv(hue + random.uniform(-0.02, 0.02), Math.min(1, saturation * 1.1), value * random.uniform(0.6, 0.75)),
    pale: hsv(random.uniform(0.1, 0.16), random.uniform(0.04, 0.16), random.uniform(0.9, 1)),
  }
}

/** Draws a bird with the marks of a code word; returns the middle of each mark in pixels. */
export function drawBody(
  on: Layer,
  random: Random,
  code: Code,
  place: Placement,
  sizes: MarkSizes,
): Record<Mark, Point> {
  const { body, back, belly, wing, dark, pale } = plumage(random)
  const coarse = sizes.coarse * random.uniform(0.92, 1.08)
  const fine = sizes.fine * random.uniform(0.92, 1.08)
  const paint = (points: readonly Point[], colour: Colour, opacity = 1): void =>
    fill(
      on,
      points.map(p => toPixels(place, p)),
      colour,
      opacity,
    )
  const jitter = (by: number): number => random.uniform(-by, by)
  const hx = 0.27 + jitter(0.02)
  const hy = -0.17 + random.uniform(-0.025, 0.03)

  // Legs, behind the body.
  const legs = mix(dark, body, random.uniform(0, 0.3))
  for (const hip of [0.01, 0.09]) {
    const knee = hip + jitter(0.025)
    paint(
      stroke(
        [
          [hip, 0.14],
          [knee, 0.24],
          [knee + 0.015, 0.31],
        ],
        0.012 * fine,
      ),
      legs,
    )
    for (const toe of [-0.05, 0.045, 0.06]) {
      paint(
        stroke(
          [
            [knee + 0.015, 0.305],
            [knee + 0.015 + toe, 0.322],
          ],
          0.008 * fine,
        ),
        legs,
      )
    }
  }

  // Tail, fanned feathers that end in the band.
  const swing = jitter(0.22)
  const tc = cos(swing)
  const ts = sin(swing)
  const tail = (x: number, y: number): Point => [-0.2 - tc * x - ts * y, 0.03 - ts * x + tc * y]
  const half = (x: number): number => 0.035 + 0.07 * x
  const band = 0.05 * fine
  const piece = (from: number, to: number, bulge: number): Point[] => [
    tail(from, -half(from)),
    tail(to, -half(to)),
    tail(to + bulge, 0),
    tail(to, half(to)),
    tail(from, half(from)),
  ]
  paint(piece(0, 0.32, 0.012), wing)
  paint(piece(0.32 - band, 0.32, 0.012), code.tail ? pale : dark)
  for (const k of [-0.45, 0, 0.45])
    paint(stroke([tail(0.02, k * half(0.02)), tail(0.315, k * half(0.3))], 0.004), dark, 0.45)

  // Bill, body, breast, head.
  const bx = hx + 0.1
  const by = hy + 0.014
  const [length, depth] = code.bill ? [0.165, 0.03] : [0.11, 0.05]
  const tip: Point = [bx + length * 0.95, by + depth * 0.35]
  const horn = mix(dark, hsv(0.1, 0.6, 0.4), 0.4)
  paint(
    [
      [bx - 0.02, by - depth],
      [bx + length * 0.55, by - depth * 0.55],
      tip,
      [bx + length * 0.5, by + depth * 0.6],
      [bx - 0.02, by + depth],
    ],
    horn,
  )
  paint(stroke([[bx, by + depth * 0.1], tip], 0.004), dark)
  paint(
    smooth([
      [0.22, -0.2],
      [0.03, -0.15],
      [-0.17, -0.06],
      [-0.28, 0.03],
      [-0.14, 0.14],
      [0.05, 0.2],
      [0.22, 0.14],
      [0.33, -0.04],
    ]),
    body,
  )
  paint(
    smooth([
      [0.2, -0.19],
      [0.03, -0.15],
      [-0.17, -0.06],
      [-0.28, 0.03],
      [-0.15, 0.03],
      [0.05, -0.06],
    ]),
    back,
    0.8,
  )
  paint(
    smooth([
      [0.3, -0.03],
      [0.14, 0.05],
      [-0.06, 0.09],
      [-0.2, 0.08],
      [-0.1, 0.145],
      [0.06, 0.197],
      [0.21, 0.145],
    ]),
    belly,
  )
  paint(
    smooth([
      [0.3, 0.0],
      [0.16, 0.09],
      [0.0, 0.13],
      [0.06, 0.19],
      [0.2, 0.14],
    ]),
    mix(belly, pale, 0.5),
    0.5,
  )
  const rust = hsv(random.uniform(0.045, 0.06), random.uniform(0.7, 0.85), random.uniform(0.72, 0.88))
  const reach = 0.13 * coarse
  const chest = smooth([
    [0.32, -0.05],
    [0.3, 0.05],
    [0.23, 0.135],
    [0.23 - reach * 0.8, 0.17],
    [0.25 - reach, 0.09],
    [0.29 - reach * 0.8, 0.01],
    [0.24, -0.06],
  ])
  if (code.breast) paint(chest, rust)
  paint(ellipse(hx, hy, 0.125, 0.114), body)
  paint(ellipse(hx + 0.02, hy + 0.035, 0.085, 0.062, 0.2), mix(body, belly, 0.55), 0.7)

  // Crown: a cap along the top of the head. Throat: a bib under the bill.
  const cap = 0.085 * coarse
  const crown = code.crown
    ? hsv(random.uniform(-0.015, 0.015), random.uniform(0.8, 0.95), random.uniform(0.78, 0.95))
    : dark
  paint(
    smooth([
      [hx + 0.115, hy - 0.045],
      [hx + 0.07, hy - 0.108],
      [hx - 0.015, hy - 0.128],
      [hx - 0.09, hy - 0.098],
      [hx - 0.135, hy - 0.03],
      [hx - 0.07, hy - 0.125 + cap],
      [hx + 0.02, hy - 0.125 + cap * 0.95],
    ]),
    crown,
  )
  const bib = 0.05 * coarse
  const tx = hx + 0.045
  const ty = hy + 0.1
  const throat = code.throat
    ? hsv(random.uniform(0.13, 0.155), random.uniform(0.8, 0.95), random.uniform(0.9, 1))
    : dark
  paint(
    smooth([
      [hx + 0.115, hy + 0.045],
      [tx - bib * 0.7, ty - bib * 0.8],
      [tx - bib * 1.2, ty + bib * 0.3],
      [tx - bib * 0.3, ty + bib],
      [tx + bib * 0.75, ty + bib * 0.45],
    ]),
    throat,
  )

  // Eye, in a pale ring or under a pale brow.
  const ex = hx + 0.04
  const ey = hy - 0.008
  if (code.eye) paint(ellipse(ex, ey, 0.041 * fine, 0.041 * fine), pale)
  else
    paint(
      smooth([
        [ex + 0.05, ey - 0.036],
        [ex - 0.01, ey - 0.022 - 0.03 * fine],
        [ex - 0.09, ey - 0.03],
        [ex - 0.01, ey - 0.022],
      ]),
      pale,
    )
  paint(ellipse(ex, ey, 0.024 * fine, 0.024 * fine), [0.03, 0.025, 0.03])
  paint(ellipse(ex + 0.007, ey - 0.008, 0.007 * fine, 0.007 * fine), [1, 1, 1])

  // Wing with one broad bar or two narrow ones of the same total width.
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
  paint(edge, mix(wing, dark, 0.35))
  paint(
    edge.map(([x, y]) => [x * 0.97 + 0.004, y * 0.9 - 0.003] as const),
    wing,
  )
  for (let k = 0; k < 5; k++) {
    const from: Point = [-0.05 - 0.025 * k, -0.045 + 0.026 * k]
    const to: Point = [-0.35 + 0.03 * k, 0.055 + 0.01 * k + droop]
    paint(stroke(bezier(from, [-0.16, -0.005 + 0.022 * k + droop], to), 0.003, 0.006), dark, 0.75)
  }
  const bar = (x: number, w: number): void =>
    paint(
      [
        [x - w, -0.068],
        [x + w, -0.066],
        [x - 0.045 + w, 0.07],
        [x - 0.045 - w, 0.07],
      ],
      pale,
    )
  if (code.wing) bar(0.03, 0.026 * fine)
  else for (const side of [-1, 1]) bar(0.03 + side * 0.036 * fine, 0.013 * fine)

  const at = (x: number, y: number): Point => toPixels(place, [x, y])
  return {
    bill: at(bx + length / 2, by),
    eye: at(ex, ey),
    crown: at(hx - 0.01, hy - 0.085),
    throat: at(tx, ty),
    wing: at(0.02, 0),
    breast: at(0.29 - reach / 2, 0.08),
    tail: toPixels(place, tail(0.32 - band / 2, 0)),
  }
}
