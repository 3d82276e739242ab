/** The panel Look: a picture, and all that a trained TASN makes of it, while its options are being changed. */
import type { ExplainOptions, Explanation } from '../../src/index.ts'
import { element, messageOf } from './dom.ts'
import { makeBehind } from './look_behind.ts'
import { makeControls } from './look_controls.ts'
import { makePlot } from './look_curves.ts'
import { Picture } from './look_pictures.ts'
import { makeSources, readable } from './look_sources.ts'
import type { Loaded, Source } from './look_worker.ts'
import type { PaintedBird } from './painter.ts'
import { FIRST_SHOWN } from './painters.ts'
import type { Engine, Panel, State } from './panel.ts'
import { drawHeat, drawPhoto } from './pixels.ts'
import { Pointer } from './pointer.ts'

/** Answers that are shown. */
const BARS = 5
/** Side of a channel's map, in pixels. */
const THUMB = 72

export const look: Panel = {
  id: 'look',
  title: 'Look',
  mount: (root, engine, state) => new Look(root, engine, state).start(),
}

class Look {
  readonly #engine: Engine
  readonly #state: State
  readonly #pointer = new Pointer()
  readonly #status = element('p', { className: 'quiet status', role: 'status' })
  readonly #problem = element('p', { className: 'alarm', role: 'alert', hidden: true })
  readonly #controls
  readonly #sources
  readonly #pictures
  readonly #plots
  readonly #bars = element('div', { className: 'bars' })
  readonly #channels = element('div', { className: 'channels', role: 'group', 'aria-label': 'Attention maps' })
  readonly #live = element('p', { className: 'quiet' })
  /** The species that was drawn; undefined for an image from outside. */
  #truth: string | undefined
  #shown: Explanation | undefined
  #source: Source | undefined
  /** A picture of another image is on its way: what comes before it is dropped. */
  #round = 0
  #busy = false
  #stale = false

  constructor(root: HTMLElement, engine: Engine, state: State) {
    this.#engine = engine
    this.#state = state
    this.#controls = makeControls(state, () => void this.#again())
    this.#sources = makeSources(root, {
      onBird: bird => void this.#showBird(bird),
      onImage: file => void this.#showFile(file),
      onModel: file => void this.#load(file),
      onError: error => this.#tell(error),
    })
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
    root.append(this.#layout())
  }

  #layout(): HTMLElement {
    const { image, map, structure, channel, detail, shrunk } = this.#pictures
    return element(
      'div',
      { className: 'stack look' },
      this.#sources.root,
      this.#problem,
      element(
        'div',
        { className: 'look-main' },
        element(
          'div',
          { className: 'card pictures' },
          ...[image, map, structure, channel, detail, shrunk].map(p => p.figure),
        ),
        element(
          'div',
          { className: 'stack look-side' },
          element('div', { className: 'card' }, element('h2', {}, 'The answer'), this.#bars, this.#status),
          element('div', { className: 'card' }, element('h2', {}, 'The sampler'), this.#controls.root),
        ),
      ),
      element(
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
        element('div', { className: 'plots' }, this.#plots.columns.figure, this.#plots.rows.figure),
      ),
      element(
        'div',
        { className: 'card' },
        element('h2', {}, 'Attention maps, one a channel'),
        this.#live,
        this.#channels,
      ),
      makeBehind(this.#engine, () => this.#options()),
    )
  }

  async start(): Promise<void> {
    const wanted = Number(this.#state.get('bird') ?? FIRST_SHOWN)
    const index = Number.isInteger(wanted) && wanted >= 0 ? wanted : FIRST_SHOWN
    const bird = this.#sources.bird(index) // drawn while the model is loaded
    this.#sources.fill(index, index)
    await this.#load(undefined)
    await bird.then(
      b => this.#showBird(b),
      error => this.#tell(error),
    )
  }

  async #load(file: Blob | undefined): Promise<void> {
    try {
      const { classes, config } = await this.#engine.call<Loaded>('look', 'load', file)
      this.#controls.use(config)
      if (file) this.#status.textContent = `A model of ${classes.length} classes has been loaded.`
      if (this.#source) await this.#show(this.#source)
    } catch (error) {
      this.#tell(error)
    }
  }

  #tell(error: unknown): void {
    this.#problem.textContent = messageOf(error)
    this.#problem.hidden = false
  }

  async #showBird({ index, rgb, name }: PaintedBird): Promise<void> {
    this.#truth = name
    this.#state.set({ bird: index === FIRST_SHOWN ? undefined : `${index}` })
    this.#sources.fill(Number(this.#firstOnShelf() ?? index), index)
    await this.#show({ width: 192, height: 192, data: rgb })
  }

  #firstOnShelf(): string | undefined {
    return this.#sources.root.querySelector<HTMLElement>('[data-bird]')?.dataset.bird
  }

  async #showFile(file: Blob): Promise<void> {
    this.#truth = undefined
    this.#state.set({ bird: undefined })
    this.#sources.fill(Number(this.#firstOnShelf()), undefined)
    await this.#show(file)
  }

  #options(): ExplainOptions {
    const { channel, ...options } = this.#controls.options()
    return this.#state.get('channel') === undefined ? options : { ...options, channel: channel! }
  }

  /** A picture that is new to the worker. */
  async #show(source: Source): Promise<void> {
    const before = this.#source
    this.#source = source
    const round = ++this.#round
    const start = performance.now()
    try {
      const seen = await this.#engine.call<Explanation>('look', 'look', { source, options: this.#options() })
      if (round !== this.#round) return
      this.#problem.hidden = true
      this.#draw(seen, true)
      this.#answered(start)
      if (this.#stale) await this.#again()
    } catch (error) {
      if (round !== this.#round) return
      this.#source = before ?? source // another model must not meet a file that is no image
      this.#tell(error)
    }
  }

  /** The same picture with other options. While one is under way the next waits, and only the last is computed. */
  async #again(): Promise<void> {
    this.#stale = true
    if (this.#busy || !this.#shown) return
    this.#busy = true
    try {
      while (this.#stale) {
        this.#stale = false
        const round = this.#round
        const start = performance.now()
        const seen = await this.#engine.call<Explanation>('look', 'again', this.#options())
        if (round !== this.#round) continue
        this.#draw(seen, false)
        this.#answered(start)
        await new Promise(requestAnimationFrame) // the eye comes first
      }
      this.#problem.hidden = true
    } catch (error) {
      this.#tell(error)
    } finally {
      this.#busy = false
    }
  }

  #answered(start: number): void {
    const { window } = this.#shown!
    const ms = performance.now() - start
    this.#status.textContent = `Computed and drawn in ${ms.toFixed(0)} ms.`
    if (this.#truth === undefined)
      this.#status.textContent += ` Its middle square was taken, ${window.side} pixels wide.`
    this.#status.dataset.ms = `${ms}`
  }

  #draw(seen: Explanation, fresh: boolean): void {
    this.#shown = seen
    const { image, structure, detail, shrunk, live, attention } = seen
    const { pictures, plots } = { pictures: this.#pictures, plots: this.#plots }
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
      this.#truth ? `A drawn bird: ${readable(this.#truth)}` : 'The image',
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
    if (this.#state.get('channel') === undefined) this.#controls.setChannel(detail.channel, false)
    this.#pointer.place = this.#pointer.place
    this.#drawBars(seen)
  }

  #drawChannels({ image, attention, live }: Explanation): void {
    const [C, h, w] = attention.shape as [number, number, number]
    const alive = new Set(live)
    this.#channels.replaceChildren(
      ...Array.from({ length: C }, (_, c) => {
        const canvas = element('canvas', { 'aria-hidden': 'true' })
        const data = attention.data.subarray(c * h * w, (c + 1) * h * w)
        drawHeat(canvas, image, { shape: [h, w], data }, THUMB)
        const label = `Channel ${c}${alive.has(c) ? '' : ', silent'}`
        const button = element(
          'button',
          { type: 'button', 'aria-label': label, title: label, className: alive.has(c) ? '' : 'silent' },
          canvas,
          element('span', { 'aria-hidden': 'true' }, `${c}`),
        )
        button.onclick = () => {
          this.#controls.setChannel(c, true)
          void this.#again()
        }
        return button
      }),
    )
  }

  #drawBars({ guesses }: Explanation): void {
    this.#bars.replaceChildren(
      ...guesses.slice(0, BARS).map(({ name, probability }) => {
        const right = name === this.#truth
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
