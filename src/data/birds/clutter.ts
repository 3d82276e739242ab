/** Clutter: leaves, blades of grass, flowers, stones and dots, behind a bird and in front of it. */
import type { Random } from '../../engine/random.ts'
import { type Colour, hsv, mix } from './colour.ts'
import type { Layer } from './layer.ts'
import { bezier, ellipse, type Point, stroke } from './outlines.ts'
import { fillPolygon } from './polygon.ts'
import { cos, sin } from './trigonometry.ts'

/** A region of a picture, in pixels. */
export interface Region {
  left: number
  top: number
  right: number
  bottom: number
}

/** Paints `count` things somewhere in a region. `distract` is the chance that one of them has the colours of marks. */
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

/** Paints a thing in the middle of x, y. With `asMark` a flower, stone or dot has the colours of marks. */
type Thing = (on: Layer, random: Random, x: number, y: number, scale: number, asMark: boolean) => void

const leaf: Thing = (on, random, x, y, scale) => {
  const colour = hsv(random.uniform(0.14, 0.36), random.uniform(0.3, 0.7), random.uniform(0.22, 0.7))
  const angle = random.uniform(0, 6.28)
  const c = cos(angle)
  const s = sin(angle)
  const width = random.uniform(0.35, 0.6) * scale
  const at = (along: number, across: number): Point => [x + along * c - across * s, y + along * s + across * c]
  const half = (side: number): Point[] => bezier(at(-scale, 0), at(0, side * width), at(scale, 0), 6)
  fillPolygon(on, [...half(1.6), ...half(0).reverse()], colour)
  fillPolygon(on, [...half(-1.6), ...half(0).reverse()], mix(colour, [0, 0, 0], 0.18))
  fillPolygon(on, stroke([at(-scale * 1.25, 0), at(scale, 0)], 0.5, 0.3), mix(colour, [0, 0, 0], 0.4))
}

const blade: Thing = (on, random, x, y, scale) => {
  const colour = hsv(random.uniform(0.08, 0.3), random.uniform(0.3, 0.6), random.uniform(0.18, 0.6))
  const height = scale * random.uniform(5, 9)
  const lean = random.uniform(-0.5, 0.5) * height
  const curve = bezier([x, y + height / 2], [x + lean * 0.2, y], [x + lean, y - height / 2])
  fillPolygon(on, stroke(curve, random.uniform(0.6, 1.6), 0.3), colour)
}

function mutedColour(random: Random): Colour {
  const hue = random.next() < 0.5 ? random.uniform(0.5, 0.95) : random.uniform(0.2, 0.4)
  return hsv(hue, random.uniform(0.12, 0.45), random.uniform(0.3, 0.75))
}

/** One of the colours of marks: red, yellow, rust, white or black. */
function markColour(random: Random): Colour {
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
  const colour = asMark ? markColour(random) : mutedColour(random)
  const r = scale * random.uniform(0.2, 0.38)
  const turn = random.uniform(0, 6.28)
  const petals = random.next() < 0.5 ? 5 : 0
  for (let k = 0; k < petals; k++) {
    const a = turn + k * 1.2566
    fillPolygon(on, ellipse(x + r * cos(a), y + r * sin(a), r * 0.75, r * 0.5, a, 12), colour)
  }
  if (petals) {
    fillPolygon(on, ellipse(x, y, r * 0.4, r * 0.4, 0, 12), hsv(0.13, 0.4, 0.5))
    return
  }
  for (let berries = random.int(3); berries >= 0; berries--) {
    const bx = x + random.uniform(-1, 1) * scale
    const by = y + random.uniform(-1, 1) * scale
    fillPolygon(on, ellipse(bx, by, r, r, 0, 14), colour)
    fillPolygon(on, ellipse(bx - r * 0.3, by - r * 0.3, r * 0.3, r * 0.25, 0, 10), mix(colour, [1, 1, 1], 0.5))
  }
}

/** A rounded lump in the colours of birds, some with stripes like wing bars. */
const stone: Thing = (on, random, x, y, scale, asMark) => {
  const hue = random.next() < 0.6 ? random.uniform(0.05, 0.14) : random.uniform(0.52, 0.64)
  const colour = hsv(hue, random.uniform(0.1, 0.35), random.uniform(0.35, 0.7))
  const angle = random.uniform(-0.6, 0.6)
  const h = random.uniform(0.6, 0.9) * scale
  fillPolygon(on, ellipse(x, y, scale * 1.3, h, angle), mix(colour, [0, 0, 0], 0.25))
  fillPolygon(on, ellipse(x - 0.06 * scale, y - 0.14 * h, scale * 1.15, h * 0.8, angle), colour)
  for (let k = random.int(3); k > 0; k--) {
    const sx = x + random.uniform(-0.7, 0.7) * scale
    const colours = [hsv(0.12, 0.1, 0.95), hsv(0, 0.1, 0.15)]
    const stripeColour = asMark ? colours[random.int(2)]! : mix(colour, [0, 0, 0], 0.25)
    const stripe: Point[] = [
      [sx, y - 0.45 * h],
      [sx - 0.2 * scale, y + 0.35 * h],
    ]
    fillPolygon(on, stroke(stripe, scale * random.uniform(0.05, 0.12)), stripeColour)
  }
}

const dot: Thing = (on, random, x, y, scale, asMark) => {
  const colour = asMark ? markColour(random) : mutedColour(random)
  fillPolygon(on, ellipse(x, y, scale * 0.3, scale * 0.3, 0, 12), colour)
}
