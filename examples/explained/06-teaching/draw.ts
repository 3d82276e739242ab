/** The chapter's plots, for its live figure and for its picture. */
import { escaped } from '../../../src/run/report/html.ts'
import { readable } from '../../browser/names.ts'
import type { PlotOptions } from '../page/plot.ts'
import { type Taught, TEMPERATURES } from './figure_worker.ts'

/** Weights of the two terms, as published. */
export const WEIGHTS = { hard: 0.5, soft: 1 } as const

/** Units of a class's line, where its bars begin and end, and where both numbers end. */
const [LINE, LEFT, RIGHT, TOP] = [22, 160, 325, 24]
const NUMBERS = { accent: 388, columns: 478 } as const
export const BARS = { width: 480, height: TOP + 16 * LINE + 22 } as const

/** Both softened answers, two bars a class: teacher above, student below. The right class is in bold. */
export function bars({ classes, targets, answers, truth }: Taught): string {
  const across = (p: number): number => LEFT + (RIGHT - LEFT) * p
  const bar = (kind: keyof typeof NUMBERS, top: number, p: number, line: number): string =>
    `<path class="bar ${kind}" d="M${LEFT} ${top}H${across(p).toFixed(1)}v8H${LEFT}Z"/>` +
    `<text x="${NUMBERS[kind]}" y="${line + 14}" text-anchor="end">${(100 * p).toFixed(1)} %</text>`
  const lines = classes.map((name, k) => {
    const y = TOP + k * LINE
    const style = k === truth ? ' class="truth"' : ''
    return (
      `<text${style} x="${LEFT - 7}" y="${y + 14}" text-anchor="end">${escaped(readable(name))}</text>` +
      bar('accent', y + 2, targets[k]!, y) +
      bar('columns', y + 11, answers[k]!, y)
    )
  })
  const even = across(1 / classes.length).toFixed(1)
  const bottom = TOP + classes.length * LINE
  return (
    `<text class="bar accent" x="${NUMBERS.accent}" y="14" text-anchor="end">part-net</text>` +
    `<text class="bar columns" x="${NUMBERS.columns}" y="14" text-anchor="end">master-net</text>` +
    `${lines.join('')}<path class="line" d="M${LEFT} ${TOP - 2}V${bottom}"/>` +
    `<path class="uniform" d="M${even} ${TOP - 2}V${bottom}"/>` +
    `<text x="${even}" y="${bottom + 15}" text-anchor="middle">1 of ${classes.length}</text>`
  )
}

/** A round number that is at least `v`. */
function ceiling(v: number): number {
  const ten = 10 ** Math.floor(Math.log10(v))
  return ten * ([1, 2, 5, 10].find(f => f * ten >= v) ?? 10)
}

/** The size of the gradients over the temperature: with T², without, and that of the label. */
export function sizesPlot(sizes: readonly number[], label: number, temperature: number): PlotOptions {
  const withFactor = sizes.map((g, i) => g * TEMPERATURES[i]! ** 2)
  const max = ceiling(Math.max(...withFactor, label, 1e-3))
  const points = (values: readonly number[]) => values.map((v, i) => [TEMPERATURES[i]!, v] as const)
  return {
    width: 420,
    height: 250,
    x: { max: 20, ticks: [0, 1, 5, 10, 15, 20], name: 'temperature T' },
    y: { max, ticks: [0, max / 2, max], name: 'size of the gradient: red as published, blue times T²' },
    series: [
      { kind: 'columns', points: points(withFactor) },
      { kind: 'rows', points: points(sizes) },
    ],
    marks: (x, y) =>
      `<path class="uniform" d="M${x(0)} ${y(label)}H${x(20)}"/>` +
      `<path class="step" d="M${x(temperature)} ${y(0)}V${y(max)}"/>`,
  }
}
