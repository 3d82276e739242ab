/** The figure of the chapter: a map that the reader moves, and what becomes of it. */
import { element, svg } from '../../browser/dom.ts'
import { drawHeat, drawPhoto } from '../../browser/pixels.ts'
import { choice, redrawn, slider, tick } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { plot } from '../page/plot.ts'
import { dragged } from '../page/stage.ts'
import { bytesOf, densityPlot, gridPath, integralPlot } from './draw.ts'
import { CELLS, type Magnified, type Options, OUT, type Scene, type Seen, type Shape } from './figure_worker.ts'

const SHAPES: Readonly<Record<Shape, string>> = {
  spot: 'a spot',
  cell: 'one cell of 28 × 28, enlarged',
  pixel: 'a spike: one cell of 512 × 512',
  branch: 'a spot, and a long weak branch',
  stripe: 'a stripe: the axis of rows is flat',
  nothing: 'nothing: all is zero',
}

/** One way from the map to the sample: a column of the figure. */
function makeSide(title: string) {
  const canvas = element('canvas', { role: 'img', className: 'pixels' })
  const density = element('div')
  const integral = element('div')
  const caption = element('p', { className: 'quiet' })
  const root = element('section', { className: 'stack' }, element('h3', {}, title), canvas, caption, density, integral)
  return {
    root,
    show(seen: Seen, { dense }: Options): void {
      drawPhoto(canvas, { width: OUT, height: OUT, data: bytesOf(seen.sample) })
      const [y, x] = seen.atSpot.map(v => v.toFixed(2))
      canvas.setAttribute('aria-label', `${title}: the sample`)
      caption.textContent = seen.fallback
        ? 'The map holds nothing: the sample is a plain resize.'
        : `In the middle of the spot, columns are magnified ${x} times, rows ${y} times.`
      const [columns, rows] = [seen.columns, seen.rows].map(axis => Math.max(...axis.magnification).toFixed(2))
      const peaks = `Largest magnification: columns ${columns}, rows ${rows}.`
      density.innerHTML = plot(densityPlot(seen, dense), `${title}: the densities. ${peaks}`)
      integral.innerHTML = plot(
        integralPlot(seen.columns),
        `${title}: the integral of the columns' density, and equal steps of it carried back to the image`,
      )
    },
  }
}

/** The image with the map over it and the lines where it is read; dragging moves the spot. */
function makeImage({ image }: Scene, moveTo: (x: number, y: number) => void) {
  const canvas = element('canvas', { role: 'img' })
  const lines = svg('path', { class: 'grid-lines' })
  const marks = svg('svg', { class: 'marks', viewBox: `0 0 ${image.width} ${image.height}`, 'aria-hidden': 'true' })
  marks.append(lines)
  const stage = element('div', { className: 'stage' }, canvas, marks)
  dragged(stage, moveTo)
  const caption = element('figcaption', {}, 'The map over the image, and where the sample reads it. Drag the spot.')
  return {
    root: element('figure', {}, stage, caption),
    show({ map, max }: Magnified): void {
      drawHeat(canvas, image, { shape: [CELLS, CELLS], data: map as Float32Array<ArrayBuffer> }, 2 * image.width)
      canvas.setAttribute('aria-label', 'The image of a bird, with the map over it')
      lines.setAttribute('d', gridPath(max, image))
    },
  }
}

/** Largest magnifications, round by round. */
function roundsTable({ max, sum }: Magnified, rounds: number): HTMLElement {
  const cells = (seen: Seen, k: number): HTMLElement[] =>
    [seen.peaks[k]![1], seen.peaks[k]![0]].map(v => element('td', { className: 'number' }, v.toFixed(2)))
  const head = ['after round', 'max: columns', 'rows', 'sum: columns', 'rows']
  const rows = max.peaks.map((_, k) =>
    element(
      'tr',
      { className: k === rounds ? 'chosen' : '' },
      element('th', { scope: 'row' }, k === rounds ? `${k}, shown` : `${k}`),
      ...cells(max, k),
      ...cells(sum, k),
    ),
  )
  return element(
    'table',
    {},
    element('caption', { className: 'quiet' }, 'Largest magnification, round by round'),
    element(
      'thead',
      {},
      element('tr', {}, ...head.map((t, i) => element('th', { scope: 'col', className: i ? 'number' : '' }, t))),
    ),
    element('tbody', {}, ...rows),
  )
}

async function magnifier(root: HTMLElement, live: Live): Promise<void> {
  const there = await live.call<Scene>('scene')
  const update = redrawn(root, async () => {
    const options = read()
    const got = await live.call<Magnified>('magnify', options)
    image.show(got)
    byMax.show(got.max, options)
    bySum.show(got.sum, options)
    table.replaceChildren(roundsTable(got, options.rounds))
    const numbers = ({ peaks, atSpot, fallback, rows, columns }: Seen) => ({
      peaks,
      atSpot,
      fallback,
      rows: [...rows.positions],
      columns: [...columns.positions],
    })
    live.show({ options, max: numbers(got.max), sum: numbers(got.sum) })
  })
  const change = (): void => void update()
  const shape = choice('The map', SHAPES, 'spot', change)
  const sigma = slider(
    { label: 'Size σ', min: 5, max: 120, step: 1, value: 20, words: v => `${v} of ${CELLS} cells` },
    change,
  )
  const percent = (v: number): string => `${Math.round(100 * v)} %`
  const share = { min: 0, max: 1, step: 0.005, words: percent }
  const x = slider({ label: 'Place, across', value: there.eye.x, ...share }, change)
  const y = slider({ label: 'Place, down', value: there.eye.y, ...share }, change)
  const floor = slider({ label: 'Floor under it', value: 0.2, ...share, step: 0.01 }, change)
  const dense = slider({ label: 'Cap', min: 1, max: 6, step: 0.1, value: 4, words: v => v.toFixed(1) }, change)
  const rounds = slider({ label: 'Rounds', min: 0, max: 5, step: 1, value: 5 }, change)
  const coupled = tick('One peak for both axes', true, change)
  const exact = tick('Exact cap: our own, no rounds', false, change)
  const read = (): Options => ({
    shape: shape.value,
    sigma: sigma.value,
    x: x.value,
    y: y.value,
    floor: floor.value,
    dense: dense.value,
    rounds: rounds.value,
    coupled: coupled.value,
    cap: exact.value ? 'exact' : 'rounds',
  })
  const image = makeImage(there, (toX, toY) => {
    x.set(toX)
    y.set(toY)
    change()
  })
  const byMax = makeSide('By the maximum')
  const bySum = makeSide('By the sum')
  const label = 'Largest magnifications'
  const table = element('div', { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': label })
  const ticks = element('div', { className: 'stack' }, coupled.root, exact.root)
  root.append(
    element(
      'div',
      { className: 'side-by-side' },
      image.root,
      element('div', { className: 'stack' }, ...[shape, sigma, x, y].map(c => c.root)),
    ),
    element('div', { className: 'controls' }, ...[floor, dense, rounds].map(c => c.root), ticks),
    element('div', { className: 'side-by-side' }, byMax.root, bySum.root),
    table,
  )
  await update()
}

export const figures: Figures = { magnifier }
