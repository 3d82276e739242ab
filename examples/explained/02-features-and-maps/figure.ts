/** The figure of the chapter: channels, the matrix that relates them, and the maps that they become. */
import { element, svg } from '../../browser/dom.ts'
import { redrawn, slider, tick } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { SCALES } from './draw.ts'
import type { Options, Related, Scatter } from './figure_worker.ts'
import { C, makeMatrix, makePicture, makeSheet, mapOf, percent, short, spotsText } from './views.ts'

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
