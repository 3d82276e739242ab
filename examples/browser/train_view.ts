/** The panel Train as it is seen: its buttons, figures, birds, curves and files, and what they say in each phase. */
import { alarm, element } from './dom.ts'
import type { State } from './panel.ts'
import { Watches } from './train_birds.ts'
import { runFiles } from './train_files.ts'
import type { Ready, RunFiles } from './train_messages.ts'
import { Plots } from './train_plots.ts'
import { makeSettings, type Settings } from './train_settings.ts'

export type Phase = 'empty' | 'preparing' | 'paused' | 'running' | 'finished'

/** All that the panel shows of a training. It knows no engine. */
export class TrainView {
  readonly #root: HTMLElement
  readonly plots = new Plots()
  readonly watches = new Watches()
  readonly #status = element('p', { className: 'quiet', role: 'status' })
  /** How far it is, 0..1. */
  readonly bar = element('progress', { max: 1, value: 0, 'aria-label': 'Progress' })
  readonly #figures = element('dl', { className: 'figures' })
  readonly #problem = element('div')
  readonly #files = element('div', { className: 'stack' })
  readonly #uploads: HTMLElement
  readonly start = element('button', { type: 'button', className: 'primary' }, 'Start')
  readonly step = element('button', { type: 'button' }, 'One step')
  readonly reset = element('button', { type: 'button' }, 'Reset')
  readonly save = element('button', { type: 'button' }, 'Make the files')
  readonly settings: Settings

  /**
   * @param uploads the form that takes files of a run.
   * @param behind the fold-out behind the panel.
   */
  constructor(root: HTMLElement, state: State, uploads: HTMLElement, behind: HTMLElement) {
    this.#root = root
    this.#uploads = uploads
    this.settings = makeSettings(state)
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
        this.settings.root,
        element('div', { className: 'row' }, this.start, this.step, this.reset),
        this.bar,
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
        this.watches.root,
      ),
      element('section', { className: 'card', 'aria-label': 'Curves' }, this.plots.root),
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
        element('div', { className: 'row' }, this.save),
        this.#files,
        uploads,
      ),
      behind,
    )
  }

  /** @param status what is said instead of the phase's usual words. */
  enter(phase: Phase, status?: string): void {
    this.#root.dataset.phase = phase
    this.start.textContent = {
      running: 'Pause',
      preparing: 'Start',
      empty: 'Start',
      paused: 'Go on',
      finished: 'Done',
    }[phase]
    this.start.disabled = phase === 'preparing' || phase === 'finished'
    this.step.disabled = phase !== 'empty' && phase !== 'paused'
    this.reset.disabled = phase === 'empty' || phase === 'preparing'
    this.save.disabled = phase === 'empty' || phase === 'preparing'
    this.#uploads.querySelector('input')!.disabled = phase === 'preparing'
    this.settings.fix(phase !== 'empty')
    const usual: Record<Phase, string> = {
      empty: 'Nothing is drawn or computed yet.',
      preparing: 'Preparing …',
      running: 'Learning. It pauses while this panel is hidden, and goes on exactly.',
      paused: 'Paused.',
      finished: 'All epochs are done.',
    }
    this.#status.textContent = status ?? usual[phase]
  }

  /** Words in place of the phase's usual ones. */
  say(status: string): void {
    this.#status.textContent = status
  }

  /** The problem that there is; none any more if not given. */
  problem(text?: string): void {
    this.#problem.replaceChildren(...(text === undefined ? [] : [alarm(text)]))
  }

  /** The files that were made; none if not given. */
  files(made?: RunFiles): void {
    this.#files.replaceChildren(...(made ? [runFiles(made)] : []))
  }

  /** The figures at a step of an epoch. @param more those that change with each step. */
  tell(ready: Ready, epoch: number, step: number, more: Readonly<Record<string, string>>): void {
    const { epochs, attentionEpochs, stepsPerEpoch, training, test, parameters } = ready
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

  /** Empties all that a training has left. */
  forget(): void {
    this.plots.clear()
    this.watches.clear()
    this.#figures.replaceChildren()
    this.files()
    this.bar.value = 0
  }
}
