/** The bird: one body plan for every species, on which the marks of a code word are drawn. */
import type { Random } from '../../engine/random.ts'
import { drawBreast, drawLegs, drawTail, drawTrunk, drawWing } from './body.ts'
import { drawBill, drawCrown, drawEye, drawFace, drawThroat } from './head.ts'
import type { Layer } from './layer.ts'
import type { Point } from './outlines.ts'
import { type Placement, toPixels } from './placement.ts'
import { type MarkSizes, sketch } from './sketch.ts'
import type { Code, Mark } from './species.ts'

/** Draws a bird with the marks of a code word, from back to front. Returns the middle of each mark in pixels. */
export function drawBody(
  on: Layer,
  random: Random,
  code: Code,
  place: Placement,
  sizes: MarkSizes,
): Record<Mark, Point> {
  const bird = sketch(on, random, code, place, sizes)
  const pixels = (middle: Point): Point => toPixels(place, middle)

  drawLegs(bird)
  const tail = pixels(drawTail(bird))
  const bill = pixels(drawBill(bird))
  drawTrunk(bird)
  const breast = pixels(drawBreast(bird))
  drawFace(bird)
  const crown = pixels(drawCrown(bird))
  const throat = pixels(drawThroat(bird))
  const eye = pixels(drawEye(bird))
  const wing = pixels(drawWing(bird))
  return { bill, eye, crown, throat, wing, breast, tail }
}
