/** The chapter's picture: a scattered channel, the matrix, and the map that the channel becomes. */
import { enlarged, heat, type Picture } from '../../../src/run/picture.ts'
import type { Pictures } from '../frame/pictures.ts'
import { imageAt, pictureOf, rgbOf } from '../frame/svg.ts'
import { cells, chosen } from './draw.ts'
import { relate } from './figure_worker.ts'

/** The side of each map and of the matrix. */
const SIDE = 192
const [ROW, COLUMN] = [12, 10]

export const pictures: Pictures = async () => {
  const { image, features, maps, weights, scattered } = await relate({
    bird: 28,
    innerScale: 2,
    innerSoftmax: true,
    outerSoftmax: true,
  })
  const [C, h, w] = features.shape as [number, number, number]
  const { width, height } = image
  const seen: Picture = { width, height, rgb: Float32Array.from(rgbOf(image), v => v / 255) }
  const hot = async (x: number, { data }: typeof maps, c: number, title: string, share: number): Promise<string> => {
    const { rgb } = enlarged(heat(seen, data.subarray(c * h * w, (c + 1) * h * w) as Float32Array, h, w), SIDE)
    const bytes = rgb.map(v => 255 * v)
    return (
      `<text class="title" x="${x}" y="16">${title}</text>` +
      (await imageAt(x, 26, SIDE, bytes, SIDE)) +
      `<text x="${x}" y="${SIDE + 42}">${Math.round(100 * share)} % of it in the bird's box</text>`
    )
  }
  const matrix =
    `<text class="title" x="208" y="16">Who borrows from whom</text>` +
    `<g transform="translate(208 26) scale(${SIDE / C})">` +
    `<rect width="${C}" height="${C}" fill="#f6f5f2"/><g fill="#22252a">${cells(weights, C, 1)}</g>` +
    `${chosen(ROW, COLUMN, C).replaceAll('<path', '<path style="stroke-width: .2"')}</g>` +
    `<text x="208" y="${SIDE + 42}">row ${ROW} borrows from channel ${COLUMN}</text>`
  const inside = [
    await hot(0, features, ROW, `Channel ${ROW} alone`, scattered.features.inBox[ROW]!),
    matrix,
    await hot(416, maps, ROW, `Map ${ROW}`, scattered.maps.inBox[ROW]!),
  ]
  return { relations: pictureOf(608, 244, inside.join('')) }
}
