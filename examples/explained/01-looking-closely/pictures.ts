/** The chapter's picture: the image, shrunk evenly and sampled. */
import type { Photo } from '../../../src/tasn/photo.ts'
import type { Pictures } from '../frame/pictures.ts'
import { imageAt, pictureOf, rgbOf } from '../frame/svg.ts'
import { boxesPath, gridPath } from './draw.ts'
import { look } from './figure_worker.ts'

/** The side of each picture. */
const SIDE = 192

export const pictures: Pictures = async () => {
  const got = await look({ bird: 28, size: 32, gamma: 2 })
  const at = async (x: number, photo: Photo, title: string, caption: string): Promise<string> => {
    return (
      `<text class="title" x="${x}" y="16">${title}</text>` +
      (await imageAt(x, 26, SIDE, rgbOf(photo), photo.width)) +
      `<text x="${x}" y="${SIDE + 42}">${caption}</text>`
    )
  }
  const marks =
    `<g transform="translate(0 26)"><path class="grid-lines" d="${gridPath(got)}"/>` +
    `<path style="stroke: white; stroke-width: 1.5" d="${boxesPath(got)}"/></g>`
  const inside = [
    await at(0, got.image, 'The image', '192 × 192 pixels'),
    marks,
    await at(208, got.shrunk, 'Shrunk evenly', `32 × 32: ${got.spentShrunk.eye} pixels around the eye`),
    await at(416, got.sample, 'Sampled by attention', `32 × 32: ${got.spentSample.eye} pixels around the eye`),
  ]
  return { closely: pictureOf(608, 244, inside.join('')) }
}
