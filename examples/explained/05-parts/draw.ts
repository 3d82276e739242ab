/** The chapter's plots, for its live figures and for its pictures. */
import type { PlotOptions } from '../page/plot.ts'
import { expectedOf, MOST, type Parts } from './parts.ts'
import { costOf, type Price, WAYS, type Way } from './price.ts'

const draws = { max: MOST, ticks: [0, 50, 100, 150, 200], name: 'draws of a channel' }
const points = (values: readonly number[]) => values.map((v, k) => [k + 1, v] as const)

/** Different channels after each draw, and how many are to be expected. */
export const distinctPlot = ({ distinct, live }: Parts): PlotOptions => ({
  width: 420,
  height: 200,
  x: draws,
  y: {
    max: live.length,
    ticks: [0, Math.round(live.length / 2), live.length],
    name: 'different channels; dashed: expected',
  },
  series: [
    {
      kind: 'uniform',
      points: points(Array.from({ length: MOST }, (_, k) => expectedOf(live.length, k + 1))),
    },
    { kind: 'columns', points: points(distinct) },
  ],
})

/** The way of the mean of the drawn maps to the mean map. */
export const distancePlot = ({ distance }: Parts): PlotOptions => ({
  width: 420,
  height: 200,
  x: draws,
  y: { max: 1, ticks: [0, 0.5, 1], name: 'mean of the drawn maps: distance from the mean map' },
  series: [{ kind: 'rows', points: points(distance) }],
})

export const PRICE_SIZE = { width: 620, height: 150 } as const

const WORDS: Readonly<Record<Way, (k: number) => string>> = {
  one: () => 'one random part a step: TASN',
  shared: k => `${k} parts a step, one net for all`,
  apart: k => `${k} parts a step, a net for each`,
}

/** Arithmetic and weights of each way, as bars. The inside of an SVG. */
export function priceDrawing(price: Price, k: number): string {
  const [LEFT, WIDTH, GAP, ROW] = [206, 130, 76, 44]
  const costs = WAYS.map(way => costOf(price, way, k))
  const most = costOf(price, 'apart', price.channels)
  const bar = (x: number, y: number, share: number, kind: string, words: string): string =>
    `<path class="area ${kind}" d="M${x} ${y}h${(WIDTH * share).toFixed(1)}v18h${(-WIDTH * share).toFixed(1)}z"/>` +
    `<path class="${kind}" d="M${x} ${y}v18"/><text x="${x + WIDTH * share + 6}" y="${y + 13}">${words}</text>`
  const right = LEFT + WIDTH + GAP
  const head = `<text x="${LEFT}" y="22">MFLOP for an image, forward</text><text x="${right}" y="22">weights</text>`
  const rows = WAYS.map((way, i) => {
    const y = 36 + i * ROW
    const { flop, weights } = costs[i]!
    return (
      `<text class="name" x="0" y="${y + 13}">${WORDS[way](k)}</text>` +
      bar(LEFT, y, flop / most.flop, 'columns', (flop / 1e6).toFixed(1)) +
      bar(right, y, weights / most.weights, 'rows', weights.toLocaleString('en'))
    )
  })
  return head + rows.join('')
}
