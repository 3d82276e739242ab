/** The figure of one pixel of the sample: the pixels of the image that it is read from. */
import { element } from '../../browser/dom.ts'
import { drawHeat, drawPhoto } from '../../browser/pixels.ts'
import { redrawn, slider } from '../page/controls.ts'
import type { Live } from '../page/figures.ts'
import { cellAt, stage } from '../page/stage.ts'
import { coverageOf, type Reading, type ReadingOptions, weightsOf } from './reading.ts'

/** Pixels of the image each way around the place that is read. */
const CROP = 8

/** Fills the place of the figure. */
export async function pixelFigure(root: HTMLElement, live: Live): Promise<void> {
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
