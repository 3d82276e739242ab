/** The panel Look: a picture, and all that a trained TASN makes of it, while its options are being changed. */
import type { Explanation } from '../../src/index.ts'
import { element } from './dom.ts'
import { makeBehind } from './look_behind.ts'
import { makeControls } from './look_controls.ts'
import { makePlot } from './look_curves.ts'
import { Picture } from './look_pictures.ts'
import { makeSources } from './look_sources.ts'
import type { Loaded, Source } from './look_worker.ts'
import { messageOf } from './messages.ts'
import { readable } from './names.ts'
import type { PaintedBird } from './painter.ts'
import { FIRST_SHOWN } from './painters.ts'
import type { Engine, Panel, State } from './panel.ts'
import { drawHeat, drawPhoto } from './pixels.ts'
import { Pointer } from './pointer.ts'

/** A picture to look at. */
interface Subject {
  readonly source: Source
  /** The drawn bird's number and species; undefined for an image from outside. */
  readonly bird?: { readonly index: number; readonly name: string }
}

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
  #subject: Subject | undefined
  #shown: Explanation | undefined
  /** Ends when the worker has done all that it was asked for. */
  #turn = Promise.resolve()
  /** The newest subject that waits or is shown: older ones that still wait are dropped. */
  #newest: Subject | undefined
  /** Options have changed, and wait for their turn. */
  #stale = false

  constructor(root: HTMLElement, engine: Engine, state: State) {
    this.#engine = engine
    this.#state = state
    this.#controls = makeControls(state, () => void this.#again())
    this.#sources = makeSources(root, {
      onBird: bird => void this.#showBird(bird),
      onImage: source => void this.#show({ source }),
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
      makeBehind(this.#engine, () => this.#controls.options()),
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

  /** Models, pictures and options come one after another, so that each meets what came before it. Errors are told. */
  #inTurn(f: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(f).catch(error => this.#tell(error))
    return this.#turn
  }

  #load(file: Blob | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const { classes, config } = await this.#engine.call<Loaded>('look', 'load', file)
      this.#controls.use(config)
      if (this.#subject) await this.#see(this.#subject)
      if (file) this.#status.textContent = `A model of ${classes.length} classes has been loaded.`
    })
  }

  #tell(error: unknown): void {
    this.#problem.textContent = messageOf(error)
    this.#problem.hidden = false
  }

  #showBird({ index, rgb, name }: PaintedBird): Promise<void> {
    return this.#show({ source: { width: 192, height: 192, data: rgb }, bird: { index, name } })
  }

  #show(subject: Subject): Promise<void> {
    this.#newest = subject
    return this.#inTurn(async () => {
      if (subject === this.#newest) await this.#see(subject)
    })
  }

  /** A picture that is new to the worker. The page is about it as soon as it has proved readable. */
  async #see(subject: Subject): Promise<void> {
    const start = performance.now()
    const { source, bird } = subject
    const options = this.#controls.options()
    const seen = await this.#engine.call<Explanation>('look', 'look', { source, options }).catch(error => {
      this.#subject ??= subject // it may wait for a model
      throw error
    })
    this.#subject = subject
    this.#state.set({ bird: bird && bird.index !== FIRST_SHOWN ? `${bird.index}` : undefined })
    this.#sources.fill(Number(this.#firstOnShelf()), bird?.index)
    this.#problem.hidden = true
    this.#draw(seen, true)
    this.#answered(start)
  }

  #firstOnShelf(): string | undefined {
    return this.#sources.root.querySelector<HTMLElement>('[data-bird]')?.dataset.bird
  }

  /** The same picture with other options: of those that change before its turn comes, only the last are computed. */
  #again(): Promise<void> {
    if (this.#stale || !this.#shown) return this.#turn
    this.#stale = true
    this.#problem.hidden = true
    return this.#inTurn(async () => {
      this.#stale = false
      const start = performance.now()
      this.#draw(await this.#engine.call<Explanation>('look', 'again', this.#controls.options()), false)
      this.#answered(start)
      await new Promise(requestAnimationFrame) // the eye comes first
    })
  }

  #answered(start: number): void {
    const { window } = this.#shown!
    const ms = performance.now() - start
    this.#status.textContent = `Computed and drawn in ${ms.toFixed(0)} ms.`
    if (!this.#subject?.bird) this.#status.textContent += ` Its middle square was taken, ${window.side} pixels wide.`
    this.#status.dataset.ms = `${ms}`
  }

  #draw(seen: Explanation, fresh: boolean): void {
    this.#shown = seen
    const { image, structure, detail, shrunk, live, attention } = seen
    const pictures = this.#pictures
    const plots = this.#plots
    const bird = this.#subject?.bird
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
      bird ? `A drawn bird: ${readable(bird.name)}` : 'The image',
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
    this.#pointer.tell()
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
        const right = name === this.#subject?.bird?.name
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
