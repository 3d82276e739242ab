/** The figure of the map: one cell of it moved, and the loss beside what its gradient foretells. */
import { element } from '../../browser/dom.ts'
import { readable } from '../../browser/names.ts'
import { drawHeat, drawPhoto } from '../../browser/pixels.ts'
import { choice, redrawn, slider } from '../page/controls.ts'
import type { Live } from '../page/figures.ts'
import { plot } from '../page/plot.ts'
import { cellAt, stage } from '../page/stage.ts'
import { lossPlot } from './draw.ts'
import { CELLS, type MapOptions, type MapSeen, MOST } from './map.ts'

/** A gradient: blue where a larger value makes the loss smaller, red where it makes it larger; the rest is clear. */
function drawSigned(canvas: HTMLCanvasElement, gradient: Float32Array): void {
  const most = gradient.reduce((a, v) => Math.max(a, Math.abs(v)), 0) || 1
  const image = new ImageData(CELLS, CELLS)
  for (const [i, v] of gradient.entries())
    image.data.set([...(v < 0 ? [43, 120, 196] : [205, 66, 52]), 255 * Math.sqrt(Math.abs(v) / most)], 4 * i)
  canvas.width = CELLS
  canvas.height = CELLS
  canvas.getContext('2d')!.putImageData(image, 0, 0)
}

/** Fills the place of the figure. */
export async function mapFigure(root: HTMLElement, live: Live): Promise<void> {
  let cell: MapOptions['cell']
  let value: number | undefined
  const update = redrawn(root, async () => {
    const options = read()
    const got = await live.call<MapSeen>('moveMap', options)
    cell ??= got.cell
    value ??= got.value
    row.set(got.cell[0])
    column.set(got.cell[1])
    height.set(got.value)
    show(got)
    const { map: values, gradient, rows, columns, image: _, sample: __, ...numbers } = got
    const lists = { map: [...values], rows: [...rows], columns: [...columns] }
    live.show({ options, ...numbers, ...lists, gradient: gradient && [...gradient] })
  })
  const show = (got: MapSeen): void => {
    const { image, gradient, slope } = got
    const scaled = { shape: [CELLS, CELLS], data: got.map as Numbers }
    drawHeat(attention.canvas, image, scaled, 2 * image.width)
    const pick = `<path class="pick" d="M${got.cell[1]} ${got.cell[0]}h1v1h-1z"/>`
    const scale = CELLS / image.width
    const lines = [
      ...[...got.rows].filter((_, i) => i % 2).map(p => `M0 ${((p + 0.5) * scale).toFixed(3)}H${CELLS}`),
      ...[...got.columns].filter((_, i) => i % 2).map(p => `M${((p + 0.5) * scale).toFixed(3)} 0V${CELLS}`),
    ]
    attention.mark(`<path class="grid-lines" d="${lines.join('')}"/>${pick}`, CELLS, CELLS)
    attention.caption.textContent = 'The map, and where the sample reads. Click or drag to choose a cell.'
    drawSigned(slopes.canvas, gradient ?? new Float32Array(CELLS * CELLS))
    slopes.mark(pick, CELLS, CELLS)
    slopes.caption.textContent = gradient
      ? `Blue: more attention makes the loss smaller. Red: larger. ${gradient.filter(v => v === 0).length} of ` +
        `${CELLS * CELLS} cells have no gradient.`
      : 'The published rounds pass no gradient to the map.'
    drawPhoto(sample.canvas, got.sample)
    const percent = (100 * got.probability).toFixed(1)
    sample.caption.textContent = `${readable(got.truth)}: ${percent} %, loss ${got.loss.toFixed(3)}.`
    const told = slope === undefined ? 'The engine gives no gradient' : `The engine's gradient is ${slope.toFixed(3)}`
    answer.textContent =
      `${told}; a small move of the cell changes the loss by ${got.difference.toFixed(3)} for each unit. ` +
      (got.descent.length > 1
        ? `Steps against the gradient took the loss from ${got.descent[0]!.toFixed(3)} to ` +
          `${got.descent.at(-1)!.toFixed(3)}.`
        : '')
    curve.innerHTML = plot(lossPlot(got), `The loss over the value of the cell. ${told}.`)
  }
  const change = (): void => void update()
  /** Another cell, bird or map: the cell begins with its own value. */
  const anew = (): void => {
    value = undefined
    change()
  }
  const pick = (): void => {
    cell = [row.value, column.value]
    anew()
  }
  const range = { min: 0, max: CELLS - 1, step: 1 }
  const row = slider({ label: 'Row of the cell', value: 0, ...range }, pick)
  const column = slider({ label: 'Column of the cell', value: 0, ...range }, pick)
  const height = slider(
    { label: 'Value of the cell', min: 0, max: MOST, step: 0.01, value: 1, words: v => `${v.toFixed(2)} means` },
    () => {
      value = height.value
      change()
    },
  )
  const bird = slider({ label: 'Test bird', min: 0, max: 511, step: 1, value: 7 }, () => {
    cell = undefined
    cap.set('exact')
    anew()
  })
  const steps = slider({ label: 'Steps against the gradient', min: 0, max: 20, step: 1, value: 0 }, anew)
  const cap = choice<MapOptions['cap']>(
    'The cap',
    { exact: 'exact: our own', rounds: 'rounds: as published' },
    'exact',
    change,
  )
  const read = (): MapOptions => ({
    bird: bird.value,
    steps: steps.value,
    cap: cap.value,
    ...(cell && { cell }),
    ...(value !== undefined && { value }),
  })
  const attention = stage('The structure map', 'The structure map over the image, with the grid', (x, y) => {
    row.set(cellAt(y, CELLS))
    column.set(cellAt(x, CELLS))
    pick()
  })
  const slopes = stage('The gradient of the map', 'The gradient of the loss, for each cell of the map')
  const sample = stage('The sample', 'The sample that the classifier sees')
  const curve = element('div')
  const answer = element('p', { 'aria-live': 'polite' })
  root.append(
    element('div', { className: 'three' }, attention.root, slopes.root, sample.root),
    element(
      'div',
      { className: 'side-by-side' },
      element('div', { className: 'stack' }, curve, answer),
      element('div', { className: 'stack' }, ...[height, steps, cap, row, column, bird].map(c => c.root)),
    ),
  )
  await update()
}
type Numbers = Float32Array<ArrayBuffer>
