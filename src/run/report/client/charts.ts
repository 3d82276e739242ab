/** Charts by uPlot: values under the pointer or the arrow keys, in all charts of one axis at once. */
import uPlot from 'uplot'
import type { Chart } from '../page_data.ts'
import { curveColour, styled, tickText, valueText } from './format.ts'

/** The axis of charts over steps: the steps themselves, or epochs. */
export type Axis = 'epoch' | 'step'

const HEIGHT = 230

export class Charts {
  axis: Axis = 'epoch'
  readonly #drawn = new Map<HTMLElement, uPlot>()
  readonly #charts: ReadonlyMap<string, Chart>
  /** Draws charts when they get a width, and stretches them: those in a closed part have none yet. */
  readonly #sizes = new ResizeObserver(entries => {
    for (const { target } of entries) this.#fit(target as HTMLElement)
  })

  constructor(charts: readonly Chart[]) {
    this.#charts = new Map(charts.map(c => [c.id, c]))
    for (const plot of document.querySelectorAll<HTMLElement>('.chart .plot')) {
      plot.replaceChildren()
      this.#sizes.observe(plot)
    }
  }

  /** Draws again all charts that are drawn. */
  draw(): void {
    for (const [plot, u] of this.#drawn) {
      const off = u.series.map(s => s.show === false)
      u.destroy()
      const again = this.#make(plot)
      for (const [i, hidden] of off.entries()) if (hidden) again.setSeries(i, { show: false })
    }
  }

  #fit(plot: HTMLElement): void {
    if (!plot.clientWidth) return
    const u = this.#drawn.get(plot)
    if (!u) this.#make(plot)
    else if (u.width !== plot.clientWidth) u.setSize({ width: plot.clientWidth, height: HEIGHT })
  }

  /** Moves the pointer of all charts with the x of this one. */
  #pointAt({ x }: Chart, at: number): void {
    for (const [plot, u] of this.#drawn)
      if (this.#chartOf(plot).x === x) u.setCursor({ left: u.valToPos(at, 'x'), top: 1 })
  }

  #chartOf(plot: HTMLElement): Chart {
    return this.#charts.get((plot.parentElement as HTMLElement).dataset.chart!)!
  }

  #make(plot: HTMLElement): uPlot {
    const chart = this.#chartOf(plot)
    const data = joined(chart, this.axis)
    const u = new uPlot(optionsOf(chart, this.axis, plot.clientWidth), data, plot)
    this.#drawn.set(plot, u)
    legendByKeys(u)
    moveByKeys(u, chart, at => this.#pointAt(chart, at))
    return u
  }
}

/** All curves over one x: where one has no point, there is a gap that its line crosses. */
function joined({ x, curves }: Chart, axis: Axis): uPlot.AlignedData {
  const over = curves.map(c => (x === 'step' && axis === 'epoch' ? c.x.map(v => v / c.perEpoch) : [...c.x]))
  return uPlot.join(curves.map((c, i) => [over[i]!, [...c.y]]))
}

function optionsOf(chart: Chart, axis: Axis, width: number): uPlot.Options {
  const [ink, faint] = [styled('ink-2'), styled('line')]
  const line = { stroke: ink, grid: { stroke: faint, width: 1 }, ticks: { stroke: faint, width: 1 } }
  const font = '12px system-ui, sans-serif'
  const name = chart.x === 'launch' ? 'launch' : axis
  const percent = chart.unit === 'percent'
  /** Without a pointer the legend shows the last values. */
  const value = (u: uPlot, v: number | null, series: number, idx: number | null) =>
    valueText(idx === null ? [...u.data[series]!].findLast(y => y !== null && y !== undefined) : v, chart.unit)
  const xValue = (u: uPlot, v: number | null) => xText(chart, axis, v ?? u.data[0].at(-1)!)
  return {
    width,
    height: HEIGHT,
    scales: {
      x: { time: false, range: fromZero },
      y: { range: (_, low, high) => (percent ? [0, 1] : rangeOf(low, high)) },
    },
    axes: [
      { ...line, font, values: (_, ticks) => ticks.map(v => v.toLocaleString('en-US')), size: 32 },
      { ...line, font, values: (_, ticks) => ticks.map(v => tickText(v, chart.unit)), size: 58 },
    ],
    series: [
      { label: name, value: xValue },
      ...chart.curves.map(({ label, colour, points }) => ({
        label,
        stroke: curveColour(colour),
        width: points ? 2 : 1.25,
        spanGaps: true,
        value,
        points: { show: points === true, size: 5, fill: curveColour(colour) },
      })),
    ],
    cursor: {
      sync: { key: chart.x, scales: ['x', null] },
      drag: { x: true, y: false },
      hover: { skip: [null, undefined] },
      y: false,
    },
    legend: { markers: { width: 0, fill: (_, i) => curveColour(chart.curves[i - 1]?.colour ?? 0) } },
  }
}

/** All of x from 0 on, so that charts of one axis stand alike; a stretch that was enlarged as it is. */
const fromZero = (u: uPlot, low: number, high: number): [number, number] => [low === u.data[0][0] ? 0 : low, high]

/** A little room above and below; never below 0. */
function rangeOf(low: number, high: number): [number, number] {
  const room = 0.05 * (high - low || Math.abs(high) || 1)
  return [Math.max(0, low - room), high + room]
}

/** The x of a point in words. */
function xText({ x, names, curves }: Chart, axis: Axis, v: number): string {
  if (x === 'launch') return `${v}  ${names?.[v - 1] ?? ''}`
  const alike = new Set(curves.map(c => c.perEpoch)).size === 1
  const per = curves[0]!.perEpoch
  const step = axis === 'epoch' ? v * per : v
  return axis === 'epoch'
    ? `${v.toFixed(2)}${alike ? `  (step ${Math.round(step).toLocaleString('en-US')})` : ''}`
    : `${Math.round(v).toLocaleString('en-US')}${alike ? `  (epoch ${(v / per).toFixed(2)})` : ''}`
}

/** Entries of the legend hide their curve by a click; so they do by Enter and the space bar. */
function legendByKeys(u: uPlot): void {
  const rows = [...u.root.querySelectorAll<HTMLElement>('.u-legend .u-series')]
  u.root.querySelector('.u-legend')?.setAttribute('role', 'presentation')
  for (const [i, row] of rows.entries()) {
    const entry = row.querySelector('th')!
    if (i === 0) continue
    entry.tabIndex = 0
    entry.setAttribute('role', 'button')
    const tell = () => entry.setAttribute('aria-pressed', `${u.series[i]!.show !== false}`)
    entry.addEventListener('click', () => queueMicrotask(tell))
    entry.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      entry.click()
    })
    tell()
  }
}

/** The arrow keys move the pointer from point to point; what it shows is said. */
function moveByKeys(u: uPlot, chart: Chart, pointAt: (x: number) => void): void {
  const stage = u.root.querySelector<HTMLElement>('.u-wrap')!
  const said = document.createElement('p')
  said.className = 'said-aloud'
  said.setAttribute('aria-live', 'polite')
  u.root.append(said)
  stage.tabIndex = 0
  stage.setAttribute('role', 'img')
  stage.setAttribute('aria-label', `Chart: ${chart.title}. The arrow keys move from point to point.`)
  const [xs] = u.data
  stage.addEventListener('keydown', event => {
    if (event.key === 'Escape') u.setScale('x', { min: xs[0]!, max: xs.at(-1)! })
    const here = u.cursor.idx ?? xs.length - 1
    const by = event.shiftKey ? 10 : 1
    const to = { ArrowLeft: here - by, ArrowRight: here + by, Home: 0, End: xs.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const index = Math.min(xs.length - 1, Math.max(0, to))
    pointAt(xs[index]!)
    const rows = [...u.root.querySelectorAll<HTMLElement>('.u-legend .u-series:not(.u-off)')]
    said.textContent = rows.map(r => [...r.children].map(c => c.textContent).join(' ')).join(', ')
  })
}
