/**
 * Drawings as SVG text: the same function draws for the page and for the picture in the Markdown. Colours are classes,
 * which book.css has for the page (light and dark) and frame/pictures.ts for pictures: `columns`, `rows` and `accent`
 * for lines and, with `area`, for filled ones; `uniform` for a dashed line of reference; `line` for axes.
 */
import { escaped } from '../../../src/run/report/html.ts'

export interface Series {
  readonly kind: string
  /** Points from left to right, or `cells`: values of equally wide cells, drawn as steps. */
  readonly points?: readonly (readonly [x: number, y: number])[]
  readonly cells?: ArrayLike<number>
}

export interface PlotOptions {
  readonly width: number
  readonly height: number
  /** Ranges, with the values that get a tick. */
  readonly x: { readonly max: number; readonly ticks: readonly number[]; readonly name: string }
  readonly y: { readonly max: number; readonly ticks: readonly number[]; readonly name: string }
  readonly series: readonly Series[]
  /** More marks, given the places of values: SVG text. */
  readonly marks?: (x: (value: number) => number, y: (value: number) => number) => string
}

const [LEFT, RIGHT, TOP, BOTTOM] = [34, 14, 20, 34]
const f = (value: number): string => `${Math.round(value * 10) / 10}`

/** The SVG path through points. */
export const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i ? 'L' : 'M'}${f(x)} ${f(y)}`).join('')

/** A text at a place. `anchor` is the point of it that is there: start, middle or end. */
export const text = (left: number, top: number, anchor: string, words: string): string =>
  `<text x="${f(left)}" y="${f(top)}" text-anchor="${anchor}">${escaped(words)}</text>`

/** The inside of a plot, from (0,0) on, to be placed in an SVG. */
export function plotInside({ width, height, x, y, series, marks }: PlotOptions): string {
  const [W, H] = [width - LEFT - RIGHT, height - TOP - BOTTOM]
  const across = (value: number): number => LEFT + (W * value) / x.max
  const up = (value: number): number => TOP + H * (1 - Math.min(value, y.max * 1.02) / y.max)
  const ticks = [
    ...y.ticks.map(
      t => `<path class="line" d="M${LEFT} ${f(up(t))}h${W}"/>${text(LEFT - 5, up(t) + 4, 'end', `${t}`)}`,
    ),
    ...x.ticks.map(t => text(across(t), TOP + H + 14, 'middle', `${t}`)),
  ]
  const lines = series.flatMap(({ kind, points, cells }) => {
    const n = cells?.length ?? 0
    const steps = Array.from({ length: n }, (_, k) => [
      [across((k * x.max) / n), up(cells![k]!)] as const,
      [across(((k + 1) * x.max) / n), up(cells![k]!)] as const,
    ]).flat()
    const all = points ? points.map(([a, b]) => [across(a), up(b)] as const) : thin(steps)
    const area = `M${f(all[0]![0])} ${f(up(0))}${path(all).replace('M', 'L')}L${f(all.at(-1)![0])} ${f(up(0))}Z`
    return [...(cells ? [`<path class="area ${kind}" d="${area}"/>`] : []), `<path class="${kind}" d="${path(all)}"/>`]
  })
  return (
    ticks.join('') +
    lines.join('') +
    text(LEFT, 13, 'start', y.name) +
    text(LEFT + W, height - 4, 'end', x.name) +
    (marks?.(across, up) ?? '')
  )
}

/** Without the points on one level between their neighbours. */
const thin = (points: readonly (readonly [number, number])[]): (readonly [number, number])[] =>
  points.filter(([, y], i) => {
    const [before, after] = [points[i - 1], points[i + 1]]
    return !before || !after || Math.abs(before[1] - y) > 0.04 || Math.abs(after[1] - y) > 0.04
  })

/**
 * A drawing in an SVG of its own.
 *
 * @param label a sentence for those who do not see it.
 * @param kind further classes.
 */
export const drawing = (
  { width, height }: { readonly width: number; readonly height: number },
  inside: string,
  label: string,
  kind = '',
): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" class="plot${kind && ` ${kind}`}" ` +
  `role="img" aria-label="${escaped(label)}">${inside}</svg>`

/** A plot in an SVG of its own. */
export const plot = (options: PlotOptions, label: string): string => drawing(options, plotInside(options), label)
