/** The panel Train: TASN learns in the page, and one watches its attention find the bird. */
import { alarm, element, messageOf } from './dom.ts'
import type { Engine, Panel, State } from './panel.ts'
import { behindTraining } from './train_behind.ts'
import { Watches } from './train_birds.ts'
import { runFiles, uploadForm } from './train_files.ts'
import { Plots } from './train_plots.ts'
import type { Ready, RunFiles, SessionEvent, Standing } from './train_session.ts'
import type { Preparing, Upload } from './train_worker.ts'

/** Numbers of training birds that are offered, and what is to be said of each. */
const BIRDS = {
  512: '512: quick, and too few to learn the species',
  1024: '1,024: a third of the time, some 59 % right at the end',
  3072: '3,072: all, as in npm run train; some 95 % right',
} as const
const USUAL = { birds: 1024, epochs: 26, seed: 0, every: 10 } as const

type Phase = 'empty' | 'preparing' | 'paused' | 'running' | 'finished'

const number = (label: string, value: number, least: number): [HTMLLabelElement, HTMLInputElement] => {
  const input = element('input', { type: 'number', min: `${least}`, step: '1', value: `${value}` })
  return [element('label', {}, label, input), input]
}

/** A training and its place on the page. */
class TrainPanel {
  readonly #root: HTMLElement
  readonly #engine: Engine
  readonly #plots = new Plots()
  readonly #watches = new Watches()
  readonly #status = element('p', { className: 'quiet', role: 'status' })
  readonly #bar = element('progress', { max: 1, value: 0, 'aria-label': 'Progress' })
  readonly #figures = element('dl', { className: 'figures' })
  readonly #problem = element('div')
  readonly #files = element('div', { className: 'stack' })
  readonly #start = element('button', { type: 'button', className: 'primary' }, 'Start')
  readonly #step = element('button', { type: 'button' }, 'One step')
  readonly #reset = element('button', { type: 'button' }, 'Reset')
  readonly #save = element('button', { type: 'button' }, 'Make the files')
  readonly #settings: { birds: HTMLSelectElement; epochs: HTMLInputElement; seed: HTMLInputElement }
  readonly #every: HTMLInputElement
  #phase: Phase = 'empty'
  #ready: Ready | undefined
  /** The reader wants it to run: it goes on when the panel is seen again. */
  #wanted = false

  constructor(root: HTMLElement, engine: Engine, state: State) {
    this.#root = root
    this.#engine = engine
    const given = (name: keyof typeof USUAL): number => {
      const n = Number(state.get(name))
      return Number.isSafeInteger(n) && n >= 0 && state.get(name) !== undefined ? n : USUAL[name]
    }
    const birds = element('select')
    const offered = new Map<number, string>(Object.entries(BIRDS).map(([n, text]) => [Number(n), text]))
    const asked = Math.min(3072, Math.max(1, given('birds')))
    if (!offered.has(asked)) offered.set(asked, `${asked}`)
    for (const [n, text] of [...offered].sort(([a], [b]) => a - b))
      birds.append(element('option', { value: `${n}`, selected: n === asked }, text))
    const [epochsLabel, epochs] = number('Epochs', Math.max(2, given('epochs')), 2)
    const [seedLabel, seed] = number('Seed', given('seed'), 0)
    const [everyLabel, every] = number('Look every … steps', Math.max(1, given('every')), 1)
    this.#settings = { birds, epochs, seed }
    this.#every = every
    for (const [name, input] of Object.entries({ birds, epochs, seed, every }))
      input.addEventListener('change', () => {
        state.set({ [name]: Number(input.value) === USUAL[name as keyof typeof USUAL] ? undefined : input.value })
      })
    this.#start.onclick = () => void this.#toggle()
    this.#step.onclick = () => void this.#go(1)
    this.#reset.onclick = () => void this.#clear()
    this.#save.onclick = () => void this.#saveFiles()
    this.#root.append(
      element('h2', {}, 'Train TASN here'),
      element(
        'p',
        {},
        'A small TASN learns 16 species of drawn birds, from nothing. First its attention net learns alone: watch ' +
          'the bright part of the maps move onto the bird. Then the classifier learns from what the attention ' +
          'magnifies.',
      ),
      element(
        'div',
        { className: 'card stack' },
        element(
          'div',
          { className: 'row settings' },
          element('label', {}, 'Birds to train on', birds),
          epochsLabel,
          seedLabel,
          everyLabel,
        ),
        element('div', { className: 'row' }, this.#start, this.#step, this.#reset),
        this.#bar,
        this.#status,
        this.#problem,
        this.#figures,
      ),
      element(
        'section',
        { className: 'card', 'aria-labelledby': 'train-watch' },
        element('h2', { id: 'train-watch' }, 'Six test birds'),
        element(
          'p',
          { className: 'quiet' },
          'Left the image, in the middle the mean attention map over it, with the box of the bird; right the ' +
            'structure sample: the 32 x 32 pixels that the classifier sees. None of these birds is trained on.',
        ),
        this.#watches.root,
      ),
      element('section', { className: 'card', 'aria-label': 'Curves' }, this.#plots.root),
      element(
        'section',
        { className: 'card stack', 'aria-labelledby': 'train-files' },
        element('h2', { id: 'train-files' }, 'Take it with you, bring it back'),
        element(
          'p',
          {},
          'The files of a training are those of a run folder: what begins here goes on in Node, and the other way ' +
            'round, as if it had never moved.',
        ),
        element('div', { className: 'row' }, this.#save),
        this.#files,
        uploadForm(upload => this.#goOn(upload)),
      ),
      behindTraining(engine),
    )
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
    this.#root.dataset.phase = phase
    this.#start.textContent = {
      running: 'Pause',
      preparing: 'Start',
      empty: 'Start',
      paused: 'Go on',
      finished: 'Done',
    }[phase]
    this.#start.disabled = phase === 'preparing' || phase === 'finished'
    this.#step.disabled = phase !== 'empty' && phase !== 'paused'
    this.#reset.disabled = phase === 'empty' || phase === 'preparing'
    this.#save.disabled = phase === 'empty' || phase === 'preparing'
    for (const input of Object.values(this.#settings)) input.disabled = phase !== 'empty'
    const usual: Record<Phase, string> = {
      empty: 'Nothing is drawn or computed yet.',
      preparing: 'Preparing …',
      running: 'Learning. It pauses while this panel is hidden, and goes on exactly.',
      paused: 'Paused.',
      finished: 'All epochs are done.',
    }
    this.#status.textContent = status ?? usual[phase]
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
    await this.#attempt(async () => {
      if (this.#phase === 'empty') {
        const { birds, epochs, seed } = this.#settings
        await this.#prepare('begin', {
          birds: Number(birds.value),
          epochs: Number(epochs.value),
          seed: Number(seed.value),
        })
      }
      if (this.#hidden) {
        this.#enter('paused') // #seen() goes on
        return
      }
      this.#enter('running')
      const how = { every: Math.max(1, Number(this.#every.value) || 1), ...(steps === undefined ? {} : { steps }) }
      const standing = await this.#engine.call<Standing>('train', 'run', how, (event: SessionEvent) =>
        this.#take(event),
      )
      this.#enter(standing.finished ? 'finished' : 'paused')
      this.#seen() // the panel may have been shown again before it had paused
    })
  }

  async #goOn(upload: Upload): Promise<void> {
    if (this.#phase === 'running') await this.#toggle()
    await this.#attempt(async () => {
      await this.#prepare('goOn', upload)
      this.#enter(
        this.#ready!.done.epochs >= this.#ready!.epochs ? 'finished' : 'paused',
        'The run is here. It goes on where it stood.',
      )
    })
  }

  async #prepare(name: 'begin' | 'goOn', argument: unknown): Promise<void> {
    this.#enter('preparing')
    this.#plots.clear()
    this.#files.replaceChildren()
    this.#ready = await this.#engine.call<Ready>('train', name, argument, (event: Preparing) => {
      const drawing = 'drawn' in event
      this.#bar.value = drawing ? event.drawn / event.of : 1
      this.#status.textContent = drawing ? `Drawing birds: ${event.drawn} of ${event.of}` : 'Compiling the steps …'
    })
    const { birds, views, done, stepsPerEpoch } = this.#ready
    this.#watches.begin(birds, views)
    done.history.forEach((accuracies, i) => {
      this.#plots.tested(i + 1, accuracies)
    })
    this.#tell(done.epochs, done.steps, {})
    this.#bar.value = (done.epochs + done.steps / stepsPerEpoch) / this.#ready.epochs
  }

  #take(event: SessionEvent): void {
    const { stepsPerEpoch, epochs } = this.#ready!
    if (event.kind === 'step') {
      const at = event.epoch + (event.step + 1) / stepsPerEpoch
      this.#plots.step(at, event.numbers)
      this.#bar.value = at / epochs
      this.#tell(event.epoch, event.step + 1, {
        loss: event.numbers.loss.toFixed(4),
        'images/s': event.speed === undefined ? '–' : event.speed.toFixed(event.speed < 100 ? 1 : 0),
      })
    } else if (event.kind === 'test') this.#status.textContent = `Testing: batch ${event.batches} of ${event.of}`
    else if (event.kind === 'epoch') {
      this.#plots.tested(event.epoch + 1, event.accuracies as Record<string, number>)
      if (this.#phase === 'running') this.#enter('running')
    } else this.#watches.show(event.views)
  }

  #tell(epoch: number, step: number, more: Readonly<Record<string, string>>): void {
    const { epochs, attentionEpochs, stepsPerEpoch, training, test, parameters } = this.#ready!
    const alone = epoch < attentionEpochs
    const figures = {
      epoch: `${Math.min(epoch + 1, epochs)} of ${epochs}`,
      step: `${step} of ${stepsPerEpoch}`,
      learning: alone ? `attention net alone, until epoch ${attentionEpochs}` : 'classifier',
      ...more,
      birds: `${training.toLocaleString('en')} + ${test} for testing`,
      parameters: parameters.toLocaleString('en'),
    }
    this.#figures.replaceChildren(
      ...Object.entries(figures).map(([name, value]) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value)),
      ),
    )
  }

  async #saveFiles(): Promise<void> {
    const goesOn = this.#phase === 'running'
    this.#wanted = false // it must stand still until the files are made
    await this.#attempt(async () => {
      if (goesOn) await this.#engine.call('train', 'pause')
      const files = await this.#engine.call<RunFiles>('train', 'files')
      this.#files.replaceChildren(runFiles(files))
    })
    if (goesOn) await this.#go()
  }

  async #clear(): Promise<void> {
    this.#wanted = false
    await this.#attempt(async () => {
      await this.#engine.call('train', 'reset')
      this.#forget()
    })
  }

  #forget(): void {
    this.#ready = undefined
    this.#plots.clear()
    this.#watches.clear()
    this.#figures.replaceChildren()
    this.#files.replaceChildren()
    this.#bar.value = 0
    this.#enter('empty')
  }

  /** Says what went wrong. A training that failed is gone. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    this.#problem.replaceChildren()
    try {
      await work()
    } catch (error) {
      this.#wanted = false
      await this.#engine.call('train', 'reset').catch(() => {})
      this.#forget()
      this.#problem.replaceChildren(alarm(messageOf(error)))
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
