/** Plumage: the colours of an individual. Every species comes in all of them, so they tell nothing. */
import type { Random } from '../../engine/random.ts'
import { type Colour, hsv, mix } from './colour.ts'

export interface Plumage {
  body: Colour
  back: Colour
  belly: Colour
  wing: Colour
  /** The dark and the pale colour that most marks are painted with. */
  dark: Colour
  pale: Colour
}

/** Draws random colours, brown or blue ones. */
export function plumage(random: Random): Plumage {
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
