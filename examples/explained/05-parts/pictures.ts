/** The chapter's pictures: all maps of a bird with three samples, and the price of parts. */
import type { Pictures } from '../frame/pictures.ts'
import { imageAt, pictureOf, rgbOf } from '../frame/svg.ts'
import { PRICE_SIZE, priceDrawing } from './draw.ts'
import { parts, type View } from './parts.ts'
import { price } from './price.ts'

const [SMALL, LARGE, GAP, ROW] = [52, 198, 6, 12]

/** A map (n,n) from dark to orange to light, from its smallest to its largest value. */
function glow(map: Float32Array): number[] {
  const low = map.reduce((a, b) => Math.min(a, b))
  const range = map.reduce((a, b) => Math.max(a, b)) - low
  return [...map].flatMap(m => {
    const v = Math.round(15 * ((m - low) / range)) / 15 // few shades make a small file
    return [Math.min(1, 0.15 + 1.7 * v), Math.max(0.1, 1.4 * v - 0.3), Math.max(0.15, 2 * v - 1.4)].map(c => 255 * c)
  })
}

export const pictures: Pictures = async () => {
  const got = await parts({ bird: 7, draws: 12 })
  const best = got.details.reduce((a, d) => (d.probability > a.probability ? d : a))
  const worst = got.details.reduce((a, d) => (d.probability < a.probability ? d : a))
  const maps = got.details.map((d, i) =>
    imageAt((i % ROW) * (SMALL + GAP), 24 + Math.floor(i / ROW) * (SMALL + GAP), SMALL, glow(d.map), got.size[0]),
  )
  const rows = Math.ceil(got.live.length / ROW)
  const width = ROW * (SMALL + GAP) - GAP
  const y = 24 + rows * (SMALL + GAP) + 30
  const side = async (i: number, title: string, { sample, probability }: View): Promise<string> => {
    const x = (i * (width - LARGE)) / 2
    return (
      `<text class="title" x="${x}" y="${y - 8}">${title}: ${(100 * probability).toFixed(0)} %</text>` +
      (await imageAt(x, y, LARGE, rgbOf(sample), sample.width))
    )
  }
  const inside =
    `<text class="title" x="0" y="15">The maps of ${got.live.length} live channels</text>` +
    (await Promise.all(maps)).join('') +
    (await side(0, 'Structure sample', got.structure)) +
    (await side(1, 'The best part', best)) +
    (await side(2, 'The worst part', worst))
  const { width: w, height: h } = PRICE_SIZE
  const cost = await price()
  return {
    parts: pictureOf(width, y + LARGE, inside),
    price: pictureOf(w, h, priceDrawing(cost, cost.channels)),
  }
}
