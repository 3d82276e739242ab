/** All that the panel Look shows of an answer: pictures and curves, linked by a pointer, channels and bars. */
import type { Explanation } from '../../src/index.ts'
import { element } from './dom.ts'
import { makePlot } from './look_curves.ts'
import { Picture } from './look_pictures.ts'
import { readable } from './names.ts'
import { drawHeat, drawPhoto } from './pixels.ts'
import { Pointer } from './pointer.ts'

/** Answers that are shown. */
const BARS = 5
/** Side of a channel's map, in pixels. */
const THUMB = 72

/** The parts of an explanation that are shown. */
export type Shown = Pick<Explanation, 'guesses' | 'image' | 'attention' | 'live' | 'structure' | 'detail' | 'shrunk'>

/** Its cards, which stand in several places of the panel. */
export class View {
  readonly pictures: HTMLElement
  readonly curves: HTMLElement
  readonly maps: HTMLElement
  readonly bars = element('div', { className: 'bars' })
  readonly #onChannel: (channel: number) => void
  readonly #pointer = new Pointer()
  readonly #pictures
  readonly #plots
  readonly #channels = element('div', { className: 'channels', role: 'group', 'aria-label': 'Attention maps' })
  readonly #live = element('p', { className: 'quiet' })

  /** @param onChannel hears of a channel that somebody chooses by its map. */
  constructor(onChannel: (channel: number) => void) {
    this.#onChannel = onChannel
    const picture = (title: string, keys = false): Picture => new Picture(title, this.#pointer, keys)
    this.#pictures = {
      image: picture('The image', true),
      map: picture('Where it looks'),
      structure: picture('Structure sample'),
      channel: picture('One channel'),
      detail: picture('Detail sample'),
      shrunk: picture('Plainly shrunk'),
    }
    const along = (axis: 'x' | 'y') => (at: number | undefined) => {
      const { x, y } = this.#pointer.place ?? { x: 0, y: 0 }
      this.#pointer.place = at === undefined ? undefined : { x, y, [axis]: at }
    }
    this.#plots = { columns: makePlot('columns', along('x')), rows: makePlot('rows', along('y')) }
    this.#pointer.onMove(place => {
      this.#plots.columns.point(place?.x)
      this.#plots.rows.point(place?.y)
    })
    this.pictures = element('div', { className: 'card pictures' }, ...Object.values(this.#pictures).map(p => p.figure))
    const { columns, rows } = this.#plots
    this.curves = element(
      'div',
      { className: 'card' },
      element('h2', {}, 'From the map to the grid'),
      element(
        'p',
        { className: 'quiet' },
        'The area is the marginal of the map along one axis. The curve is its integral, after the cap; where it is ' +
          'steeper than the dashed line, the sample magnifies. The ticks below are the pixels of the sample, ' +
          'carried back by the inverse integral.',
      ),
      element('div', { className: 'plots' }, columns.figure, rows.figure),
    )
    this.maps = element(
      'div',
      { className: 'card' },
      element('h2', {}, 'Attention maps, one a channel'),
      this.#live,
      this.#channels,
    )
  }

  /**
   * @param bird the species of a drawn bird; undefined for an image from outside.
   * @param fresh the picture is new; else only options have changed.
   */
  show(seen: Shown, bird: string | undefined, fresh: boolean): void {
    const { image, structure, detail, shrunk, live, attention } = seen
    const pictures = this.#pictures
    const plots = this.#plots
    const side = `${image.width} x ${image.height}`
    const out = `${structure.sample.width} x ${structure.sample.height}`
    const [C, h, w] = attention.shape as [number, number, number]
    const heat = Math.min(256, Math.max(128, image.width))
    if (fresh) {
      drawPhoto(pictures.image.canvas, image)
      drawHeat(pictures.map.canvas, image, structure.map, heat)
      this.#drawChannels(seen)
    }
    pictures.image.showImage(
      image,
      `${side} pixels. The lines are rows and columns that the structure sample reads.`,
      bird ? `A drawn bird: ${readable(bird)}` : 'The image',
    )
    pictures.image.drawGrid(structure, image)
    pictures.map.showImage(image, `Mean of ${live.length} live attention maps, ${h} x ${w}.`, 'The mean attention map')
    pictures.structure.showSample(
      structure,
      `${out} pixels, by the mean map: what the classifier sees.`,
      'Structure sample',
    )
    drawHeat(pictures.channel.canvas, image, detail.map, heat)
    pictures.channel.showImage(image, `Attention map of channel ${detail.channel}.`, `Attention map ${detail.channel}`)
    pictures.channel.drawGrid(detail, image)
    pictures.detail.showSample(detail, `${out} pixels, by that map: seen in training only.`, 'Detail sample')
    pictures.shrunk.showShrunk(shrunk, image, `${out} pixels, without attention.`, 'The image, shrunk evenly')
    plots.columns.show(structure.columns, image.width)
    plots.rows.show(structure.rows, image.height)
    for (const [c, button] of [...this.#channels.children].entries())
      button.setAttribute('aria-pressed', `${c === detail.channel}`)
    this.#live.textContent = `${live.length} of ${C} channels respond to this image. Click one for its detail sample.`
    this.#pointer.tell()
    this.#drawBars(seen, bird)
  }

  #drawChannels({ image, attention, live }: Shown): void {
    const [C, h, w] = attention.shape as [number, number, number]
    const alive = new Set(live)
    // Buttons stay where there are as many: one of them may have the focus.
    if (this.#channels.childElementCount !== C)
      this.#channels.replaceChildren(...Array.from({ length: C }, (_, c) => this.#channelButton(c)))
    for (const [c, button] of [...this.#channels.children].entries()) {
      const data = attention.data.subarray(c * h * w, (c + 1) * h * w)
      drawHeat(button.firstElementChild as HTMLCanvasElement, image, { shape: [h, w], data }, THUMB)
      const title = `Channel ${c}${alive.has(c) ? '' : ', silent'}`
      Object.assign(button, { title, ariaLabel: title, className: alive.has(c) ? '' : 'silent' })
    }
  }

  #channelButton(c: number): HTMLElement {
    const canvas = element('canvas', { 'aria-hidden': 'true' })
    const onclick = (): void => this.#onChannel(c)
    return element('button', { type: 'button', onclick }, canvas, element('span', { 'aria-hidden': 'true' }, `${c}`))
  }

  #drawBars({ guesses }: Shown, bird: string | undefined): void {
    this.bars.replaceChildren(
      ...guesses.slice(0, BARS).map(({ name, probability }) => {
        const right = name === bird
        const bar = element('span', { className: 'fill' })
        bar.style.width = `${100 * probability}%`
        return element(
          'div',
          { className: `bar${right ? ' right' : ''}` },
          element('span', { className: 'name' }, readable(name), ...(right ? [element('b', {}, ' ✓ drawn')] : [])),
          element('span', { className: 'percent' }, `${(100 * probability).toFixed(1)} %`),
          element('span', { className: 'track', 'aria-hidden': 'true' }, bar),
        )
      }),
    )
  }
}
