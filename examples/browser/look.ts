/** The panel Look: a picture, and all that a trained TASN makes of it, while its options are being changed. */
import type { Explanation } from '../../src/index.ts'
import { element } from './dom.ts'
import { makeBehind } from './look_behind.ts'
import { makeControls } from './look_controls.ts'
import { recordedLook } from './look_recorded.ts'
import { makeSources, ownModel } from './look_sources.ts'
import { type Shown, View } from './look_view.ts'
import type { Loaded, Source } from './look_worker.ts'
import { messageOf } from './messages.ts'
import type { PaintedBird } from './painter.ts'
import { FIRST_SHOWN, pictureOf } from './painters.ts'
import type { Engine, Panel, State } from './panel.ts'

/** A picture to look at. */
interface Subject {
  readonly source: Source
  /** The drawn bird's number and species; undefined for an image from outside. */
  readonly bird?: { readonly index: number; readonly name: string }
}

export const look: Panel = {
  id: 'look',
  title: 'Look',
  mount: (root, engine, state) => new Look(root, engine, state).start(),
}

class Look {
  readonly #engine: Engine
  readonly #state: State
  readonly #view
  readonly #status = element('p', { className: 'quiet status', role: 'status' })
  readonly #problem = element('p', { className: 'alarm', role: 'alert', hidden: true })
  readonly #controls
  readonly #sources
  #subject: Subject | undefined
  /** A model has been loaded. */
  #model = false
  /** Something has been computed that options can change. */
  #answers = false
  /** A recorded answer is shown. */
  #recorded = false
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
    this.#view = new View(channel => {
      this.#controls.setChannel(channel, true)
      void this.#again()
    })
    root.append(this.#layout())
  }

  #layout(): HTMLElement {
    return element(
      'div',
      { className: 'stack look' },
      this.#sources.root,
      this.#problem,
      element(
        'div',
        { className: 'look-main' },
        this.#view.pictures,
        element(
          'div',
          { className: 'stack look-side' },
          element('div', { className: 'card' }, element('h2', {}, 'The answer'), this.#view.bars, this.#status),
          element('div', { className: 'card' }, element('h2', {}, 'The sampler'), this.#controls.root),
        ),
      ),
      this.#view.curves,
      this.#view.maps,
      makeBehind(this.#engine, () => this.#controls.options()),
    )
  }

  async start(): Promise<void> {
    const wanted = Number(this.#state.get('bird') ?? FIRST_SHOWN)
    const index = Number.isInteger(wanted) && wanted >= 0 ? wanted : FIRST_SHOWN
    if (index === FIRST_SHOWN && !Object.keys(this.#controls.options()).length) this.#showFirst()
    const bird = this.#sources.bird(index) // drawn while the model is loaded
    this.#sources.fill(index)
    await this.#load(ownModel())
    try {
      const drawn = await bird
      if (!this.#newest) await this.#showBird(drawn) // else somebody has chosen another picture meanwhile
    } catch (error) {
      this.#tell(error)
    }
  }

  /** The recorded answer to the bird that the page opens with, until it is computed. */
  #showFirst(): void {
    const { bird, seen, model } = recordedLook()
    this.#sources.keep(bird)
    this.#controls.use(model, false)
    this.#draw(seen, bird.name, true)
    this.#recorded = true
    this.#tellRecorded()
  }

  #tellRecorded(): void {
    this.#status.textContent = this.#problem.hidden
      ? 'Recorded. Your adapter computes it now …'
      : 'Recorded, and not computed here.'
  }

  /** Models, pictures and options come one after another, so that each meets what came before it. Errors are told. */
  #inTurn(f: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(f).catch(error => this.#tell(error))
    return this.#turn
  }

  /** @param file of somebody; or the page's own, which may still be on its way. */
  #load(file: Blob | Promise<Blob>): Promise<void> {
    return this.#inTurn(async () => {
      const model = await this.#engine.call<Loaded>('look', 'load', await file)
      this.#model = true
      this.#controls.use(model)
      if (this.#subject) await this.#see(this.#subject)
      if (file instanceof Blob) this.#status.textContent = `A model of ${model.classes.length} classes has been loaded.`
    })
  }

  #tell(error: unknown): void {
    this.#problem.textContent = messageOf(error)
    this.#problem.hidden = false
    if (this.#recorded) this.#tellRecorded()
  }

  #showBird(bird: PaintedBird): Promise<void> {
    return this.#show({ source: pictureOf(bird), bird })
  }

  #show(subject: Subject): Promise<void> {
    this.#newest = subject
    return this.#inTurn(async () => {
      if (subject !== this.#newest) return
      if (this.#model) await this.#see(subject)
      else this.#subject = subject // it waits for a model: why there is none has been told
    })
  }

  /** A picture that is new to the worker. The page is about it as soon as it has proved readable. */
  async #see(subject: Subject): Promise<void> {
    const start = performance.now()
    const { source, bird } = subject
    const options = this.#controls.options()
    const seen = await this.#engine.call<Explanation>('look', 'look', { source, options })
    this.#subject = subject
    this.#state.set({ bird: bird && bird.index !== FIRST_SHOWN ? `${bird.index}` : undefined })
    this.#sources.mark(bird?.index)
    this.#problem.hidden = true
    this.#answered(seen, true, start)
  }

  /** The same picture with other options: of those that change before its turn comes, only the last are computed. */
  #again(): Promise<void> {
    if (this.#stale) return this.#turn
    this.#stale = true
    return this.#inTurn(async () => {
      this.#stale = false
      if (!this.#answers) return // the first picture comes with the options of its time
      this.#problem.hidden = true
      const start = performance.now()
      const seen = await this.#engine.call<Explanation>('look', 'again', this.#controls.options())
      this.#answered(seen, false, start)
      await new Promise(requestAnimationFrame) // the eye comes first
    })
  }

  /** @param fresh the picture is new; else only options have changed. */
  #answered(seen: Explanation, fresh: boolean, start: number): void {
    this.#answers = true
    this.#recorded = false
    this.#draw(seen, this.#subject?.bird?.name, fresh)
    const ms = performance.now() - start
    this.#status.textContent = `Computed and drawn in ${ms.toFixed(0)} ms.`
    if (!this.#subject?.bird)
      this.#status.textContent += ` Its middle square was taken, ${seen.window.side} pixels wide.`
    this.#status.dataset.ms = `${ms}`
  }

  #draw(seen: Shown, bird: string | undefined, fresh: boolean): void {
    this.#view.show(seen, bird, fresh)
    if (this.#state.get('channel') === undefined) this.#controls.setChannel(seen.detail.channel, false)
  }
}
