/**
 * Charts as pictures: a Vega-Lite specification drawn without a browser, its text in a font that comes with the
 * packages.
 */
import { writeFile } from 'node:fs/promises'
import { Resvg } from '@resvg/resvg-js'
import sharp from 'sharp'
import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { FONT, fontOptions } from '../run/font.ts'
import { escaped } from '../run/report/html.ts'

/** One pixel of the specification is so many of the picture. */
const SCALE = 2

const config: TopLevelSpec['config'] = {
  font: FONT,
  background: 'white',
  padding: 12,
  view: { stroke: null },
  title: {
    anchor: 'start',
    fontSize: 17,
    fontWeight: 600,
    subtitleFontSize: 13,
    subtitleColor: '#555',
    subtitlePadding: 4,
    offset: 12,
  },
  axis: {
    labelFontSize: 13,
    titleFontSize: 13,
    titleFontWeight: 400,
    titleColor: '#333',
    labelColor: '#333',
    gridColor: '#e6e6e6',
    domainColor: '#888',
    tickColor: '#888',
    titlePadding: 10,
  },
  legend: { labelFontSize: 13, titleFontSize: 13, labelLimit: 0, symbolSize: 120 },
  text: { fontSize: 13, color: '#333' },
  // Okabe and Ito's: told apart by everybody.
  range: { category: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] },
}

interface Text {
  readonly fontSize?: number
  readonly fontWeight?: string | number
}
/** Without a browser Vega guesses how wide a text is, and leaves far too much room. Whoever draws it knows. */
function widthOf({ fontSize = 11, fontWeight = 400 }: Text, text: unknown): number {
  const style = `font-family="${FONT}" font-size="${fontSize}" font-weight="${fontWeight}"`
  return (
    new Resvg(`<svg xmlns="http://www.w3.org/2000/svg"><text ${style}>${escaped(String(text ?? ''))}</text></svg>`, {
      font: fontOptions,
    }).getBBox()?.width ?? 0
  )
}
// Vega's types lack it, not its documentation of what a headless renderer may replace.
const { textMetrics } = vega as unknown as { textMetrics: { width: typeof widthOf } }
textMetrics.width = widthOf

/**
 * Draws a Vega-Lite specification into a .png or an .svg file. The specification's own `config` goes before the one
 * here.
 */
export async function chart(spec: TopLevelSpec, file: string): Promise<void> {
  const view = new vega.View(vega.parse(compile(spec, { config }).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  if (file.endsWith('.svg')) return writeFile(file, svg)
  const png = new Resvg(svg, { fitTo: { mode: 'zoom', value: SCALE }, font: fontOptions }).render().asPng()
  await sharp(png).png({ palette: true }).toFile(file) // with a palette: less than half the bytes
}
