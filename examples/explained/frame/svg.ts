/** Pieces of the SVG of a picture, for the chapters' pictures.ts. */
import type { Photo } from '../../../src/tasn/photo.ts'
import { pngOf } from './png.ts'

/** A picture of its own. */
export const pictureOf = (width: number, height: number, inside: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inside}</svg>`

/** A square image of `pixels` each way at a place. `rgb` are numbers from 0 to 255, row by row. */
export async function imageAt(x: number, y: number, side: number, rgb: ArrayLike<number>, pixels: number) {
  const href = `data:image/png;base64,${(await pngOf(rgb, pixels)).toString('base64')}`
  return `<image x="${x}" y="${y}" width="${side}" height="${side}" href="${href}"/>`
}

/** RGB bytes of a photo of three or four bytes a pixel. */
export const rgbOf = ({ width, height, data }: Photo): number[] => {
  const bytes = data.length / (width * height)
  return [...data].filter((_, i) => i % bytes < 3)
}
