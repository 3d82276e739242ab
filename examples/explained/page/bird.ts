/** The built-in birds that figures look at. */
import { type DrawnBird, drawBird } from '../../../src/data/birds/draw.ts'
import { BUILT_IN } from '../../../src/data/birds/recipe.ts'
import type { Photo } from '../../../src/tasn/photo.ts'

/** A test bird, from 0 to 511: no training of the built-in birds has seen them. */
export function testBird(index: number): Omit<DrawnBird, 'rgb'> & { readonly image: Photo } {
  const { rgb, ...drawn } = drawBird(BUILT_IN.seed, BUILT_IN.train + index)
  const size = Math.sqrt(rgb.length / 3)
  return { ...drawn, image: { width: size, height: size, data: rgb } }
}
