/** The figures of the chapter: the whole step, a pixel of the sample, and a cell of the map. */
import { element } from '../../browser/dom.ts'
import { readable } from '../../browser/names.ts'
import { drawHeat, drawPhoto } from '../../browser/pixels.ts'
import { choice, redrawn, slider, tick } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { drawing, plot } from '../page/plot.ts'
import { cellAt, stage } from '../page/stage.ts'
import { FOLLOWED_WORDS, lossPlot, STEP_SIZE, short, stepDrawing } from './draw.ts'
import { CELLS, type MapOptions, type MapSeen, MOST } from './map.ts'
import { coverageOf, type Reading, type ReadingOptions, weightsOf } from './reading.ts'
import { FOLLOWED, type Followed, type StepOptions, type StepSeen, WEIGHTS } from './step.ts'

const PARTS = { attention: 'attention net', classifier: 'ResNet', part: 'head: part', master: 'head: master' }
const COLUMNS: readonly string[] = [...Object.values(PARTS), 'shared head', 'image']

/** The losses, and the length of the gradient of each at each part of the network. */
function table({ losses, weights, norms }: StepSeen, followed: Followed): HTMLElement {
  const head = ['loss', 'value', 'weight', ...COLUMNS]
  const rows = FOLLOWED.map(f => {
    const numbers = [losses[f].toFixed(3), f === 'loss' ? '' : `${weights[f]}`]
    const places = [...WEIGHTS, 'image' as const].map(place => short(norms[f][place]))
    return element(
      'tr',
      { className: f === followed ? 'chosen' : '' },
      element('th', { scope: 'row' }, f),
      ...[...numbers, ...places].map(v => element('td', { className: 'number' }, v)),
    )
  })
  return element(
    'table',
    {},
    element('caption', { className: 'quiet' }, 'Length of the gradient of each loss. A dot: none arrives.'),
    element(
      'thead',
      {},
      element('tr', {}, ...head.map((t, i) => element('th', { scope: 'col', className: i ? 'number' : '' }, t))),
    ),
    element('tbody', {}, ...rows),
  )
}

async function step(root: HTMLElement, live: Live): Promise<void> {
  const picture = element('div', { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'The step' })
  const numbers = element('div', { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Gradients' })
  let seen: StepSeen | undefined
  let done = ''
  const update = redrawn(root, async () => {
    const { followed, ...options } = read()
    if (done !== JSON.stringify(options)) seen = await live.call<StepSeen>('step', options)
    done = JSON.stringify(options)
    const words = `The step. The gradient of ${FOLLOWED_WORDS[followed]} comes back by the lines in colour.`
    picture.innerHTML = drawing(STEP_SIZE, stepDrawing(seen!, options, followed), words, 'wide')
    numbers.replaceChildren(table(seen!, followed))
    live.show({ followed, options, ...seen })
  })
  const change = (): void => void update()
  const followed = choice('Go back from', FOLLOWED_WORDS, 'loss', change)
  const samplerGradient = tick('samplerGradient: beyond the paper', false, change)
  const teacherGradient = tick('teacherGradient: as in the MXNet code', false, change)
  const read = (): StepOptions & { followed: Followed } => ({
    followed: followed.value,
    samplerGradient: samplerGradient.value,
    teacherGradient: teacherGradient.value,
  })
  const ticks = element('div', { className: 'stack' }, samplerGradient.root, teacherGradient.root)
  root.append(element('div', { className: 'controls' }, followed.root, ticks), picture, numbers)
  await update()
}

/** Pixels of the image each way around the place that is read. */
const CROP = 8

async function pixel(root: HTMLElement, live: Live): Promise<void> {
  const last = 31
  const update = redrawn(root, async () => {
    const options = read()
    const got = await live.call<Reading>('reading', options)
    const { width, height } = got.image
    const [y, x] = [got.rows[options.row]!, got.columns[options.column]!]
    drawPhoto(sample.canvas, got.sample)
    sample.mark(`<path class="pick" d="M${options.column} ${options.row}h1v1h-1z"/>`, last + 1, last + 1)
    sample.caption.textContent = 'Choose a pixel: click, drag, or use the sliders.'
    drawHeat(counts.canvas, got.image, { shape: [height, width], data: got.all as Numbers }, 2 * width)
    counts.mark(`<path class="crosshair" d="M0 ${y + 0.5}H${width}M${x + 0.5} 0V${height}"/>`, width, height)
    const { unread, most } = coverageOf(got)
    counts.caption.textContent =
      `Bright pixels count most. ${(100 * unread).toFixed(0)} % get no gradient at all: ` +
      `nobody has read them. The most that one counts is ${most.toFixed(2)}.`
    const [left, top] = [Math.floor(x) - CROP / 2 + 1, Math.floor(y) - CROP / 2 + 1]
    drawCrop(four.canvas, got.image, left, top)
    const weights = weightsOf(got)
    const words = weights.map(w => {
      const [a, b] = [w.column - left, w.row - top]
      return (
        `<path class="pick" d="M${a} ${b}h1v1h-1z"/><text class="weight" x="${a + 0.5}" y="${b + 0.62}" ` +
        `text-anchor="middle">${w.weight.toFixed(2)}</text>`
      )
    })
    four.mark(words.join(''), CROP, CROP)
    const sum = weights.reduce((s, { weight }) => s + weight, 0)
    four.caption.textContent =
      `Read at row ${y.toFixed(2)}, column ${x.toFixed(2)}. The gradient is shared out by the same weights; ` +
      `their sum is ${sum.toFixed(2)}.`
    live.show({ options, weights, unread, most, row: y, column: x })
  })
  const change = (): void => void update()
  const range = { min: 0, max: last, step: 1 }
  const row = slider({ label: 'Row of the sample', value: 13, ...range }, change)
  const column = slider({ label: 'Column of the sample', value: 19, ...range }, change)
  const read = (): ReadingOptions => ({ row: row.value, column: column.value })
  const sample = stage('A pixel of the sample', 'The sample', (x, y) => {
    row.set(cellAt(y, last + 1))
    column.set(cellAt(x, last + 1))
    change()
  })
  const four = stage('Its pixels of the image', 'Eight by eight pixels of the image, four of them with their weights')
  const counts = stage('How much each pixel counts', 'The gradient of the sum of all pixels of the sample')
  root.append(
    element('div', { className: 'three' }, sample.root, four.root, counts.root),
    element('div', { className: 'controls' }, row.root, column.root),
  )
  await update()
}
type Numbers = Float32Array<ArrayBuffer>

/** CROP x CROP pixels of a photo; black beyond its edge. */
function drawCrop(
  canvas: HTMLCanvasElement,
  { width, height, data }: Reading['image'],
  left: number,
  top: number,
): void {
  const crop = new Uint8ClampedArray(3 * CROP * CROP)
  for (let i = 0; i < CROP * CROP; i++) {
    const [x, y] = [left + (i % CROP), top + Math.floor(i / CROP)]
    if (x < 0 || y < 0 || x >= width || y >= height) continue
    for (let c = 0; c < 3; c++) crop[3 * i + c] = data[3 * (y * width + x) + c]!
  }
  drawPhoto(canvas, { width: CROP, height: CROP, data: crop })
}

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

async function map(root: HTMLElement, live: Live): Promise<void> {
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

export const figures: Figures = { step, pixel, map }
