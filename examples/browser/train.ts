/** The panel Train: TASN learns in the page, and one watches its attention find the bird. */
import { element } from './dom.ts'
import { messageOf } from './messages.ts'
import type { Engine, Panel, State } from './panel.ts'
import { behindTraining } from './train_behind.ts'
import { uploadForm } from './train_files.ts'
import type { Ready, RunFiles, SessionEvent, Standing } from './train_messages.ts'
import { type Phase, TrainView } from './train_view.ts'
import type { Preparing, Upload } from './train_worker.ts'

/** A training: its phases, and who asked for what. */
class TrainPanel {
  readonly #root: HTMLElement
  readonly #engine: Engine
  readonly #view: TrainView
  #phase: Phase = 'empty'
  #ready: Ready | undefined
  /** The reader wants it to run: it goes on when the panel is seen again. */
  #wanted = false

  constructor(root: HTMLElement, engine: Engine, state: State) {
    this.#root = root
    this.#engine = engine
    this.#view = new TrainView(
      root,
      state,
      uploadForm(upload => this.#goOn(upload)),
      behindTraining(engine),
    )
    this.#view.start.onclick = () => void this.#toggle()
    this.#view.step.onclick = () => void this.#go(1)
    this.#view.reset.onclick = () => void this.#clear()
    this.#view.save.onclick = () => void this.#saveFiles()
    document.addEventListener('visibilitychange', () => this.#seen())
    new MutationObserver(() => this.#seen()).observe(root, { attributes: true, attributeFilter: ['hidden'] })
    this.#enter('empty')
  }

  get #hidden(): boolean {
    return document.hidden || this.#root.hidden !== false
  }

  /** Paused while nobody looks; then it goes on from the very step. */
  #seen(): void {
    if (this.#hidden && this.#phase === 'running') void this.#engine.call('train', 'pause')
    if (!this.#hidden && this.#wanted && this.#phase === 'paused') void this.#go()
  }

  #enter(phase: Phase, status?: string): void {
    this.#phase = phase
    this.#view.enter(phase, status)
  }

  async #toggle(): Promise<void> {
    if (this.#phase === 'running') {
      this.#wanted = false
      await this.#engine.call('train', 'pause')
    } else await this.#go()
  }

  /** Prepares what is missing, and trains: so many steps, or on and on. */
  async #go(steps?: number): Promise<void> {
    if (this.#phase !== 'empty' && this.#phase !== 'paused') return
    this.#wanted = steps === undefined
    if (this.#hidden) return // #seen() goes on
    if (!this.#view.settings.valid()) return // each input says why
    await this.#attempt(async () => {
      if (this.#phase === 'empty') await this.#prepare('begin', this.#view.settings.asked())
      if (this.#hidden) {
        this.#enter('paused') // #seen() goes on
        return
      }
      this.#enter('running')
      const how = { every: this.#view.settings.every(), ...(steps === undefined ? {} : { steps }) }
      const standing = await this.#engine.call<Standing>('train', 'run', how, (event: SessionEvent) =>
        this.#take(event),
      )
      this.#enter(standing.finished ? 'finished' : 'paused')
      this.#seen() // the panel may have been shown again before it had paused
    })
  }

  /** Takes up a run of files. Where they are the wrong ones, the training that is there stays. */
  async #goOn(upload: Upload): Promise<void> {
    if (this.#phase === 'running') await this.#toggle()
    const phase = this.#phase
    const share = this.#view.bar.value
    await this.#attempt(
      async () => {
        await this.#prepare('goOn', upload)
        const { done, epochs, missingKernels: n } = this.#ready!
        this.#enter(
          done.epochs >= epochs ? 'finished' : 'paused',
          'The run is here. It goes on where it stood.' +
            (n ? ` ${n} of its kernels are not to be had here, so the last bits will differ.` : ''),
        )
      },
      () => {
        this.#view.bar.value = share
        this.#enter(phase)
      },
    )
  }

  async #prepare(name: 'begin' | 'goOn', argument: unknown): Promise<void> {
    this.#enter('preparing')
    this.#ready = await this.#engine.call<Ready>('train', name, argument, (event: Preparing) => {
      const drawing = 'drawn' in event
      this.#view.bar.value = drawing ? event.drawn / event.of : 1
      this.#view.say(drawing ? `Drawing birds: ${event.drawn} of ${event.of}` : 'Compiling the steps …')
    })
    const { birds, views, done, stepsPerEpoch } = this.#ready
    this.#view.plots.clear()
    this.#view.files()
    this.#view.watches.begin(birds, views)
    done.history.forEach((accuracies, i) => {
      this.#view.plots.tested(i + 1, accuracies)
    })
    this.#view.tell(this.#ready, done.epochs, done.steps, {})
    this.#view.bar.value = (done.epochs + done.steps / stepsPerEpoch) / this.#ready.epochs
  }

  #take(event: SessionEvent): void {
    const { stepsPerEpoch, epochs } = this.#ready!
    if (event.kind === 'step') {
      const at = event.epoch + (event.step + 1) / stepsPerEpoch
      this.#view.plots.step(at, event.numbers)
      this.#view.bar.value = at / epochs
      this.#view.tell(this.#ready!, event.epoch, event.step + 1, {
        loss: event.numbers.loss.toFixed(4),
        'images/s': event.speed === undefined ? '–' : event.speed.toFixed(event.speed < 100 ? 1 : 0),
      })
    } else if (event.kind === 'test') this.#view.say(`Testing: batch ${event.batches} of ${event.of}`)
    else if (event.kind === 'epoch') {
      this.#view.plots.tested(event.epoch + 1, event.accuracies as Record<string, number>)
      if (this.#phase === 'running') this.#enter('running')
    } else this.#view.watches.show(event.views)
  }

  /** Makes the files. Where that fails, the training stands. */
  async #saveFiles(): Promise<void> {
    const goesOn = this.#phase === 'running'
    this.#wanted = false // it must stand still until the files are made
    await this.#attempt(
      async () => {
        if (goesOn) await this.#engine.call('train', 'pause')
        this.#view.files(await this.#engine.call<RunFiles>('train', 'files'))
        if (goesOn) await this.#go()
      },
      () => {},
    )
  }

  async #clear(): Promise<void> {
    this.#wanted = false
    this.#view.problem()
    await this.#forget()
  }

  async #forget(): Promise<void> {
    await this.#engine.call('train', 'reset').catch(() => {})
    this.#ready = undefined
    this.#view.forget()
    this.#enter('empty')
  }

  /**
   * Says what went wrong.
   * @param failed puts the panel right then. Unless told, a training that failed is gone.
   */
  async #attempt(work: () => Promise<void>, failed: () => unknown = () => this.#forget()): Promise<void> {
    this.#view.problem()
    try {
      await work()
    } catch (error) {
      this.#wanted = false
      await failed()
      this.#view.problem(messageOf(error))
    }
  }
}

export const train: Panel = {
  id: 'train',
  title: 'Train',
  mount(root, engine, state) {
    document.head.append(element('link', { rel: 'stylesheet', href: 'uplot.css' }))
    root.classList.add('stack', 'train')
    new TrainPanel(root, engine, state)
  },
}
