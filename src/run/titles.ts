/** Titles over the columns of a picture. */
import { Resvg } from '@resvg/resvg-js'
import { FONT, fontOptions } from './font.ts'
import { GAP, type Picture, pictureOf } from './picture.ts'

/** A white strip with a title over the middle of each column; columns are `width` pixels wide and GAP apart. */
export function titleStrip(titles: readonly string[], width: number): Picture {
  const size = Math.max(9, Math.round(width / 11)) // the longest title then fills its column
  const total = titles.length * (width + GAP) - GAP
  const height = Math.round(1.7 * size)
  const texts = titles.map((title, i) => {
    const middle = i * (width + GAP) + width / 2
    return `<text x="${middle}" y="${1.2 * size}" text-anchor="middle">${title}</text>`
  })
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${height}"`
  const svg = `${head} font-family="${FONT}" font-size="${size}">${texts.join('')}</svg>`
  const data = new Resvg(svg, { font: fontOptions, background: 'white' }).render().pixels
  return pictureOf({ width: total, height, data })
}
