/** The figure of the chapter: channels, the matrix that relates them, and the maps that they become. */
import { element, svg } from '../../browser/dom.ts'
import { drawHeat, drawPhoto } from '../../browser/pixels.ts'
import { redrawn, slider, tick } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { cells, chosen, SCALES } from './draw.ts'
import type { Options, Related, Scatter } from './figure_worker.ts'

type HostMaps = Related['maps']
/** Channels of the book's model. */
const C = 24
/** Columns of a sheet of small maps, and the side of each in pixels. */
const [ACROSS, TILE] = [6, 64]

/** One map (h,w) of maps (C,h,w). */
function mapOf({ shape, data }: HostMaps, c: number): HostMaps {
  const [h, w] = shape.slice(1) as [number, number]
  return { shape: [h, w], data: data.subarray(c * h * w, (c + 1) * h * w) as Float32Array<ArrayBuffer> }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const spotsText = (count: number): string => (count === 1 ? 'one spot' : `${count || 'no'} separate spots`)
/** Three digits, or fewer. */
const short = (v: number): string => (v >= 1000 ? v.toFixed(0) : `${Number(v.toPrecision(3))}`)

/** A picture with a title and a sentence. */
function makePicture(title: string, ...marks: readonly Element[]) {
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
function makeSheet(title: string, choose: (channel: number) => void) {
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
function makeMatrix(point: (cell: readonly [number, number] | undefined, keep: boolean) => void) {
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

async function relations(root: HTMLElement, live: Live): Promise<void> {
  let got: Related | undefined
  let pointed: readonly [row: number, column: number] | undefined
  const update = redrawn(root, async () => {
    const options = read()
    got = await live.call<Related>('relate', options)
    matrix.show(got, options)
    allFeatures.show(got, got.features, got.scattered.features)
    allMaps.show(got, got.maps, got.scattered.maps)
    const [x, y, width, height] = got.box
    marks.setAttribute('viewBox', `0 0 ${got.image.width} ${got.image.height}`)
    box.setAttribute('d', `M${x} ${y}h${width}v${height}h${-width}z`)
    draw()
  })
  /** Shows one row and one column of what was computed last. */
  const draw = (): void => {
    if (!got) return
    const options = read()
    const [i, j] = pointed ?? [channel.value, other.value]
    const { features, maps, left, scattered } = got
    const places = features.data.length / C
    const told = (s: Scatter, c: number): string =>
      `${percent(s.inBox[c]!)} of it in the bird's box, ${spotsText(s.spots[c]!)}.`
    alone.show(got, features, i, `Channel ${i} alone`, told(scattered.features, i))
    asks.show(
      got,
      left,
      i,
      `Where channel ${i} asks`,
      `Row ${i} of N(X). Its width: ${short(got.places[i]!)} of ${places} places.`,
    )
    map.show(got, maps, i, `Map ${i}`, told(scattered.maps, i))
    const relation = got.relations[i * C + j]!
    const weight = got.weights[i * C + j]!
    partner.show(
      got,
      features,
      j,
      `Channel ${j} answers`,
      `There it responds with ${short(relation)}. ` +
        (options.outerSoftmax ? `Its weight in map ${i}: ${(100 * weight).toFixed(1)} %.` : 'That is its weight.'),
    )
    image.show(got, undefined, 0, 'The image', "The bird's box, which no net was told.")
    matrix.choose(got, i, j)
    allFeatures.choose(i)
    allMaps.choose(i)
    live.show({
      options,
      row: i,
      column: j,
      relation,
      weight,
      weights: [...got.weights],
      places: got.places,
      channels: got.channels,
      scattered,
      map: [...mapOf(maps, i).data],
    })
  }
  const change = (): void => void update()
  const choose = (i: number, j = other.value): void => {
    channel.set(i)
    other.set(j)
    draw()
  }
  const bird = slider({ label: 'Test bird', min: 0, max: 511, step: 1, value: 28 }, change)
  const channel = slider({ label: 'Row: channel', min: 0, max: C - 1, step: 1, value: 12 }, draw)
  const other = slider({ label: 'Column: channel', min: 0, max: C - 1, step: 1, value: 10 }, draw)
  const scale = slider(
    {
      label: 'Inner scale',
      min: 0,
      max: SCALES.length - 1,
      step: 1,
      value: SCALES.indexOf(2),
      words: v => `${SCALES[v]}`,
      hint: 'The model was trained with 2.',
    },
    change,
  )
  const inner = tick('Inner softmax', true, change)
  const outer = tick('Outer softmax', true, change)
  const read = (): Options => ({
    bird: bird.value,
    innerScale: SCALES[scale.value]!,
    innerSoftmax: inner.value,
    outerSoftmax: outer.value,
  })
  const box = svg('path', { class: 'crosshair' })
  const marks = svg('svg', { class: 'marks', 'aria-hidden': 'true' })
  marks.append(box)
  const image = makePicture('The image', marks)
  const [alone, asks, partner, map] = ['Channel', 'Where it asks', 'Another channel', 'Its map'].map(title =>
    makePicture(title),
  ) as [ReturnType<typeof makePicture>, ReturnType<typeof makePicture>, ReturnType<typeof makePicture>, typeof image]
  const matrix = makeMatrix((cell, keep) => {
    if (cell && keep) choose(...cell)
    if (`${cell}` === `${pointed}`) return
    pointed = cell
    draw()
  })
  const allFeatures = makeSheet('All channels', choose)
  const allMaps = makeSheet('All maps', choose)
  root.append(
    element(
      'div',
      { className: 'controls' },
      ...[bird, channel, other, scale].map(c => c.root),
      element('div', { className: 'stack' }, inner.root, outer.root),
    ),
    element('div', { className: 'trio' }, image.root, alone.root, map.root),
    element(
      'div',
      { className: 'matrix-row' },
      matrix.root,
      element('div', { className: 'stack' }, asks.root, partner.root),
    ),
    element('div', { className: 'side-by-side' }, allFeatures.root, allMaps.root),
  )
  await update()
}

export const figures: Figures = { relations }
