/** The figures of the chapter: the parts of a bird, drawn at random, and their price. */
import { element } from '../../browser/dom.ts'
import { readable } from '../../browser/names.ts'
import { drawHeat, drawPhoto } from '../../browser/pixels.ts'
import { redrawn, slider } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { plot } from '../page/plot.ts'
import { type Stage, stage } from '../page/stage.ts'
import { distancePlot, distinctPlot, PRICE_SIZE, priceDrawing } from './draw.ts'
import { ALIKE, MOST, type Parts, type PartsOptions, type View } from './parts.ts'
import { costOf, type Price, WAYS } from './price.ts'

type Numbers = Float32Array<ArrayBuffer>

async function parts(root: HTMLElement, live: Live): Promise<void> {
  /** The channel that the reader looks at; undefined: the one that was drawn last. */
  let looked: number | undefined
  const update = redrawn(root, async () => {
    const options = read()
    const got = await live.call<Parts>('parts', options)
    const channel = looked !== undefined && got.live.includes(looked) ? looked : got.drawn.at(-1)!
    const detail = got.details[got.live.indexOf(channel)]!
    show(got, channel, detail)
    const { image: _, details, structure, ...numbers } = got
    const seen = ({ probability, guess }: View) => ({ probability, guess })
    live.show({ options, channel, ...numbers, structure: seen(structure), details: details.map(seen) })
  })
  const heat = (canvas: HTMLCanvasElement, { image, size }: Parts, map: Float32Array, pixels: number): void =>
    drawHeat(canvas, image, { shape: size, data: map as Numbers }, pixels)
  const tell = ({ canvas, caption }: Stage, view: View, truth: string): void => {
    drawPhoto(canvas, view.sample)
    caption.textContent =
      `${readable(truth)}: ${(100 * view.probability).toFixed(1)} %.` +
      (view.guess === truth ? '' : ` It is taken for a ${readable(view.guess)}.`)
  }
  const show = (got: Parts, channel: number, detail: View): void => {
    heat(map.canvas, got, detail.map, 2 * got.image.width)
    const times = got.drawn.filter(c => c === channel).length
    map.caption.textContent = `Channel ${channel}, drawn ${times === 1 ? 'once' : `${times} times`}.`
    tell(part, detail, got.truth)
    tell(whole, got.structure, got.truth)
    // The buttons stay, so that the one with the focus keeps it.
    while (gallery.children.length > got.live.length) gallery.lastChild!.remove()
    while (gallery.children.length < got.live.length)
      gallery.append(
        element('button', { type: 'button' }, element('canvas', { 'aria-hidden': 'true' }), element('span')),
      )
    for (const [i, c] of got.live.entries()) {
      const button = gallery.children[i] as HTMLButtonElement
      const count = got.drawn.filter(d => d === c).length
      heat(button.firstChild as HTMLCanvasElement, got, got.details[i]!.map, 64)
      button.lastChild!.textContent = `${c}: ${count}×`
      button.className = count ? '' : 'silent'
      button.setAttribute('aria-pressed', `${c === channel}`)
      button.onclick = () => {
        looked = c
        change()
      }
    }
    said.textContent =
      `${got.drawn.length} draws have had ${got.distinct.at(-1)} of ${got.live.length} live channels. ` +
      `There are ${got.kinds} different maps, if those count as one that differ by less than ${100 * ALIKE} %.`
    const expected = got.expected.at(-1)!.toFixed(1)
    distinct.innerHTML = plot(
      distinctPlot(got),
      `Different channels among the draws: ${got.distinct.at(-1)}, expected ${expected}.`,
    )
    distance.innerHTML = plot(
      distancePlot(got),
      `The mean of the drawn maps is ${got.distance.at(-1)!.toFixed(3)} away from the mean map.`,
    )
  }
  const change = (): void => void update()
  const bird = slider({ label: 'Test bird', min: 0, max: 511, step: 1, value: 7 }, change)
  const draws = slider({ label: 'Draws so far', min: 1, max: MOST, step: 1, value: 12 }, () => {
    looked = undefined
    change()
  })
  const read = (): PartsOptions => ({ bird: bird.value, draws: draws.value })
  const map = stage('The map of a channel', 'The map of the chosen channel, over the image')
  const part = stage('Its detail sample', 'The detail sample by that map')
  const whole = stage('The structure sample', 'The structure sample, by the mean of all live maps')
  const gallery = element('div', {
    className: 'channels',
    role: 'group',
    'aria-label': 'Maps of all live channels: number, and times drawn',
  })
  const said = element('p', { 'aria-live': 'polite' })
  const [distinct, distance] = [element('div'), element('div')]
  root.append(
    element('div', { className: 'controls' }, draws.root, bird.root),
    element('div', { className: 'three' }, map.root, part.root, whole.root),
    gallery,
    said,
    element('div', { className: 'side-by-side' }, distinct, distance),
  )
  await update()
}

async function price(root: HTMLElement, live: Live): Promise<void> {
  const got = await live.call<Price>('price')
  const { width, height } = PRICE_SIZE
  const drawing = element('div', { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'The price' })
  const update = (): void => {
    const k = many.value
    drawing.innerHTML =
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" class="plot bars" role="img" ` +
      `aria-label="Arithmetic and weights for ${k} parts of an image">${priceDrawing(got, k)}</svg>`
    live.show({ ...got, k, costs: Object.fromEntries(WAYS.map(way => [way, costOf(got, way, k)])) })
  }
  const many = slider(
    { label: 'Parts of an image, k', min: 1, max: got.channels, step: 1, value: got.channels },
    update,
  )
  root.append(many.root, drawing)
  update()
}

export const figures: Figures = { parts, price }
