/** The chapter's pictures: the step as published, one pixel of the sample, and one cell of the map. */
import type { Photo } from '../../../src/tasn/photo.ts'
import type { Pictures } from '../frame/pictures.ts'
import { imageAt, pictureOf, rgbOf } from '../frame/svg.ts'
import { plotInside } from '../page/plot.ts'
import { lossPlot, STEP_SIZE, stepDrawing } from './draw.ts'
import { CELLS, moveMap } from './map.ts'
import { reading, weightsOf } from './reading.ts'
import { step } from './step.ts'

/** The side of a square picture. */
const SIDE = 200
const HEAD = 26

/** A square picture of RGB bytes with its title, and marks over it in units of `units` to the side. */
async function square(x: number, title: string, rgb: ArrayLike<number>, pixels: number, units: number, marks: string) {
  return (
    `<text class="title" x="${x}" y="16">${title}</text>` +
    (await imageAt(x, HEAD, SIDE, rgb, pixels)) +
    `<g transform="translate(${x} ${HEAD}) scale(${SIDE / units})">${marks}</g>`
  )
}

/** From 0 to 1: dark to orange to light. */
const glow = (v: number): number[] => [Math.min(1, 2 * v), Math.max(0, 1.4 * v - 0.3), Math.max(0, 2 * v - 1.4)]

/** A map (n,n) as colours over a greyed image. */
function heat(image: Photo, map: Float32Array, n: number): number[] {
  const most = map.reduce((a, b) => Math.max(a, b))
  const { width } = image
  return Array.from({ length: width * width }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    const v = map[Math.floor((y * n) / width) * n + Math.floor((x * n) / width)]! / most
    const light = (image.data[3 * i]! + image.data[3 * i + 1]! + image.data[3 * i + 2]!) / 3
    const grey = 24 * Math.round(light / 24) // few shades make a small file
    return glow(v).map(c => 0.35 * grey + 0.65 * 255 * c)
  }).flat()
}

const WHITE = (width: number): string => `style="stroke: white; stroke-width: ${width}"`

async function pixelPicture(): Promise<string> {
  const [row, column, crop] = [13, 19, 8]
  const got = await reading({ row, column })
  const { width } = got.image
  const [y, x] = [got.rows[row]!, got.columns[column]!]
  const [left, top] = [Math.floor(x) - crop / 2 + 1, Math.floor(y) - crop / 2 + 1]
  const rgb = Array.from({ length: crop * crop }, (_, i) => {
    const at = 3 * ((top + Math.floor(i / crop)) * width + left + (i % crop))
    return [...got.image.data.slice(at, at + 3)]
  }).flat()
  const weights = weightsOf(got).map(w => {
    const [a, b] = [w.column - left, w.row - top]
    return (
      `<path ${WHITE(0.08)} d="M${a} ${b}h1v1h-1z"/><text x="${a + 0.5}" y="${b + 0.62}" text-anchor="middle" ` +
      `style="font-size: 0.36px; fill: white">${w.weight.toFixed(2)}</text>`
    )
  })
  const cross = `<path ${WHITE(1)} d="M0 ${y + 0.5}H${width}M${x + 0.5} 0V${width}"/>`
  return pictureOf(
    3 * SIDE + 40,
    SIDE + HEAD + 4,
    (await square(
      0,
      'A pixel of the sample',
      rgbOf(got.sample),
      32,
      32,
      `<path ${WHITE(0.4)} d="M${column} ${row}h1v1h-1z"/>`,
    )) +
      (await square(SIDE + 20, 'Its pixels of the image', rgb, crop, crop, weights.join(''))) +
      (await square(2 * SIDE + 40, 'How much each counts', heat(got.image, got.all, width), width, width, cross)),
  )
}

async function mapPicture(): Promise<string> {
  const got = await moveMap({ bird: 7, steps: 0, cap: 'exact' })
  const most = got.gradient!.reduce((a, v) => Math.max(a, Math.abs(v)), 0)
  const signed = [...got.gradient!].flatMap(v => {
    const share = Math.sqrt(Math.abs(v) / most)
    return (v < 0 ? [43, 120, 196] : [205, 66, 52]).map(c => 239 + share * (c - 239))
  })
  const pick = `<path ${WHITE(0.15)} d="M${got.cell[1]} ${got.cell[0]}h1v1h-1z"/>`
  const map = heat(got.image, got.map, CELLS)
  const plot = plotInside({ ...lossPlot(got), width: 3 * SIDE + 40 })
  return pictureOf(
    3 * SIDE + 40,
    SIDE + HEAD + 250,
    (await square(0, 'The structure map', map, got.image.width, CELLS, pick)) +
      (await square(SIDE + 20, 'The gradient of the map', signed, CELLS, CELLS, pick.replace('white', 'black'))) +
      (await square(2 * SIDE + 40, 'The sample', rgbOf(got.sample), 32, 32, '')) +
      `<g transform="translate(0 ${SIDE + HEAD + 14})">${plot}</g>`,
  )
}

export const pictures: Pictures = async () => {
  const options = { samplerGradient: false, teacherGradient: false }
  const drawing = stepDrawing(await step(options), options, 'loss')
  return {
    step: pictureOf(STEP_SIZE.width, STEP_SIZE.height, drawing),
    pixel: await pixelPicture(),
    map: await mapPicture(),
  }
}
