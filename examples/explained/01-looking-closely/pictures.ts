/** The chapter's picture: the image, shrunk evenly and sampled. */
import type { Photo } from '../../../src/tasn/photo.ts'
import type { Pictures } from '../frame/pictures.ts'
import { pngOf } from '../frame/png.ts'
import { type Box, look } from './figure_worker.ts'

/** The side of each picture. */
const SIDE = 192

export const pictures: Pictures = async () => {
  const got = await look({ bird: 28, size: 32, gamma: 2 })
  const at = async (x: number, photo: Photo, title: string, caption: string): Promise<string> => {
    const rgb = [...photo.data].filter((_, i) => i % 4 !== 3)
    const href = `data:image/png;base64,${(await pngOf(rgb, photo.width)).toString('base64')}`
    return (
      `<text class="title" x="${x}" y="16">${title}</text>` +
      `<image x="${x}" y="26" width="${SIDE}" height="${SIDE}" href="${href}"/>` +
      `<text x="${x}" y="${SIDE + 42}">${caption}</text>`
    )
  }
  const rectangle = ([x, y, width, height]: Box): string => `M${x} ${y}h${width}v${height}h${-width}z`
  const lines = [
    ...[...got.columns].filter((_, i) => i % 2).map(p => `M${p + 0.5} 0V${SIDE}`),
    ...[...got.rows].filter((_, i) => i % 2).map(p => `M0 ${p + 0.5}H${SIDE}`),
  ]
  const marks =
    `<g transform="translate(0 26)"><path class="grid-lines" d="${lines.join('')}"/>` +
    `<path style="stroke: white; stroke-width: 1.5" d="${rectangle(got.bird)}${rectangle(got.eye)}"/></g>`
  const inside = [
    await at(0, got.image, 'The image', '192 × 192 pixels'),
    marks,
    await at(208, got.shrunk, 'Shrunk evenly', `32 × 32: ${got.spentShrunk.eye} pixels around the eye`),
    await at(416, got.sample, 'Sampled by attention', `32 × 32: ${got.spentSample.eye} pixels around the eye`),
  ]
  return { closely: `<svg xmlns="http://www.w3.org/2000/svg" width="608" height="244">${inside.join('')}</svg>` }
}
