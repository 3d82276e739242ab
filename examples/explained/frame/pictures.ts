/**
 * The pictures of the Markdown files: drawn by each chapter's pictures.ts as SVG, from what the engine computes here,
 * and kept as PNG, which every code host shows.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { Resvg } from '@resvg/resvg-js'
import sharp from 'sharp'
import { close, open } from '../../../src/engine/open.ts'
import { FONT, fontOptions } from '../../../src/run/font.ts'
import { BOOK, chapters } from './book.ts'

/** A chapter's pictures.ts: the SVG of each picture, by the name of its file without `.png`. */
export type Pictures = () => Promise<Readonly<Record<string, string>>>

/** One unit of the SVG is so many pixels of the picture. */
const SCALE = 2
/** The classes of page/plot.ts as the light page shows them. */
const STYLE = `
  text { font-family: '${FONT}'; font-size: 12px; fill: #5c6167 }
  .title { font-size: 14px; font-weight: 600; fill: #22252a }
  path, line { fill: none }
  .line { stroke: #dcdad3 }
  .uniform { stroke: #5c6167; stroke-dasharray: 4 4 }
  .columns { stroke: #1f63a8; stroke-width: 1.5 }
  .rows { stroke: #b3372b; stroke-width: 1.5 }
  .accent { stroke: #8a3b12; stroke-width: 1.5 }
  .area { fill-opacity: .16; stroke: none }
  .area.columns { fill: #1f63a8 }
  .area.rows { fill: #b3372b }
  .area.accent { fill: #8a3b12 }
  .step { stroke: #5c6167; stroke-width: .75 }
  .grid-lines { stroke: #ffd678; stroke-opacity: .75 }
  .dot { fill: #22252a }`

/** An SVG with that style, as a PNG with a palette. */
async function png(svg: string): Promise<Buffer> {
  const styled = svg.replace(/^<svg[^>]*>/, start => `${start}<style>${STYLE}</style>`)
  const image = new Resvg(styled, {
    fitTo: { mode: 'zoom', value: SCALE },
    font: fontOptions,
    background: 'white',
    imageRendering: 1, // speed: pixels of samples stay squares
  })
  // Without dithering, which is noise: a third of the bytes.
  return sharp(image.render().asPng()).png({ palette: true, quality: 60, dither: 0 }).toBuffer()
}

/**
 * Draws the pictures of the chapters whose names begin with one of the words; of all, if there is no word.
 * @returns the files, from the book's folder on.
 */
export async function drawPictures(words: readonly string[]): Promise<string[]> {
  const drawn: string[] = []
  const modules: [id: string, pictures: Pictures][] = []
  for (const { id } of chapters()) {
    const file = `${BOOK}${id}/pictures.ts`
    if (!existsSync(file) || (words.length && !words.some(word => id.startsWith(word)))) continue
    modules.push([id, ((await import(file)) as { pictures: Pictures }).pictures])
  }
  await open() // after the imports: it loads the shaders of the kernels that they declare
  try {
    for (const [id, pictures] of modules)
      for (const [name, svg] of Object.entries(await pictures())) {
        writeFileSync(`${BOOK}${id}/${name}.png`, await png(svg))
        drawn.push(`${id}/${name}.png`)
      }
  } finally {
    await close()
  }
  return drawn
}
