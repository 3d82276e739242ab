/** The parts of the chapter's figure: a picture, a sheet of small maps, and the matrix that relates channels. */
import { element, svg } from '../../browser/dom.ts'
import { drawHeat, drawPhoto } from '../../browser/pixels.ts'
import { cells, chosen } from './draw.ts'
import type { Options, Related, Scatter } from './figure_worker.ts'

type HostMaps = Related['maps']
/** Channels of the book's model. */
export const C = 24
/** Columns of a sheet of small maps, and the side of each in pixels. */
const [ACROSS, TILE] = [6, 64]

/** One map (h,w) of maps (C,h,w). */
export function mapOf({ shape, data }: HostMaps, c: number): HostMaps {
  const [h, w] = shape.slice(1) as [number, number]
  return { shape: [h, w], data: data.subarray(c * h * w, (c + 1) * h * w) as Float32Array<ArrayBuffer> }
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
export const spotsText = (count: number): string => (count === 1 ? 'one spot' : `${count || 'no'} separate spots`)
/** Three digits, or fewer. */
export const short = (v: number): string => (v >= 1000 ? v.toFixed(0) : `${Number(v.toPrecision(3))}`)

/** A picture with a title and a sentence. */
export function makePicture(title: string, ...marks: readonly Element[]) {
  const canvas = element('canvas', { role: 'img' })
  const heading = element('h3', {}, title)
  const caption = element('figcaption')
  const stage = element('div', { className: 'stage still' }, canvas, ...marks)
  return {
    root: element('figure', {}, heading, stage, caption),
    show(related: Related, maps: HostMaps | undefined, c: number, words: string, told: string): void {
      if (maps) drawHeat(canvas, related.image, mapOf(maps, c), related.image.width)
      else drawPhoto(canvas, related.image)
      heading.textContent = words
      canvas.setAttribute('aria-label', words)
      caption.textContent = told
    },
  }
}

/** All channels as small maps. A click chooses one; by keys the slider does. */
export function makeSheet(title: string, choose: (channel: number) => void) {
  const canvas = element('canvas', {
    role: 'img',
    'aria-label': title,
    width: ACROSS * TILE,
    height: (C / ACROSS) * TILE,
  })
  const frame = svg('path', { class: 'crosshair' })
  const marks = svg('svg', { class: 'marks', viewBox: `0 0 ${ACROSS} ${C / ACROSS}`, 'aria-hidden': 'true' })
  marks.append(frame)
  const caption = element('figcaption')
  const stage = element('div', { className: 'stage sheet' }, canvas, marks)
  stage.onclick = ({ clientX, clientY }) => {
    const box = stage.getBoundingClientRect()
    const [x, y] = [((clientX - box.left) * ACROSS) / box.width, ((clientY - box.top) * C) / ACROSS / box.height]
    choose(Math.min(C - 1, Math.floor(y) * ACROSS + Math.floor(x)))
  }
  const tile = element('canvas')
  return {
    root: element('figure', {}, element('h3', {}, title), stage, caption),
    show({ image }: Related, maps: HostMaps, { inBox, spots, kinds }: Scatter): void {
      const to = canvas.getContext('2d')!
      for (let c = 0; c < C; c++) {
        drawHeat(tile, image, mapOf(maps, c), TILE - 2)
        to.drawImage(tile, (c % ACROSS) * TILE + 1, Math.floor(c / ACROSS) * TILE + 1)
      }
      caption.textContent =
        `${kinds} different ones. On average ${percent(mean(inBox))} of each is in the bird's box, ` +
        `in ${mean(spots).toFixed(1)} spots.`
    },
    choose(c: number): void {
      frame.setAttribute('d', `M${c % ACROSS} ${Math.floor(c / ACROSS)}h1v1h-1z`)
    },
  }
}

/** The matrix. The pointer reads a cell of it, a click keeps the cell. */
export function makeMatrix(point: (cell: readonly [number, number] | undefined, keep: boolean) => void) {
  const label = 'How much each channel borrows from each other'
  const values = svg('g')
  const cross = svg('g')
  const plot = svg('svg', { class: 'plot matrix', viewBox: `-0.1 -0.1 ${C + 0.2} ${C + 0.2}`, role: 'img' })
  plot.append(values, cross)
  plot.setAttribute('aria-label', label)
  const at = ({ clientX, clientY }: MouseEvent): readonly [number, number] => {
    const box = plot.getBoundingClientRect()
    const cell = (v: number): number => Math.min(C - 1, Math.max(0, Math.floor(v * (C + 0.2) - 0.1)))
    return [cell((clientY - box.top) / box.height), cell((clientX - box.left) / box.width)]
  }
  plot.onpointermove = event => point(at(event), false)
  plot.onpointerleave = () => point(undefined, false)
  plot.onclick = event => point(at(event), true)
  const [told, width] = [element('span'), element('span')]
  const caption = element('figcaption', {}, told, width)
  return {
    root: element('figure', {}, element('h3', {}, 'Who borrows from whom'), plot, caption),
    show({ weights }: Related, { outerSoftmax }: Options): void {
      const most = outerSoftmax ? 1 : weights.reduce((a, b) => Math.max(a, b))
      values.innerHTML = cells(weights, C, most)
      told.textContent =
        'A row is a map in the making, a column a channel that it borrows from. ' +
        (outerSoftmax ? 'Each row sums to 1.' : `Without the outer softmax; the darkest is ${short(most)}.`)
    },
    choose({ channels }: Related, row: number, column: number): void {
      width.textContent = ` The width of row ${row}: ${short(channels[row]!)} channels.`
      cross.innerHTML = chosen(row, column, C)
    },
  }
}
