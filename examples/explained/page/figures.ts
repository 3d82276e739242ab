/**
 * The live figures of a chapter. Each fills the place that its picture holds in the text; where nothing can compute,
 * the picture stays, with a sentence that says why.
 */
import { option } from '../../browser/address.ts'
import { alarm, element } from '../../browser/dom.ts'
import { type OpenEngine, startEngine } from '../../browser/engine.ts'
import { messageOf } from '../../browser/messages.ts'
import { adapterName } from '../../browser/names.ts'
import { hasWebGpu, obstacle } from '../../browser/support.ts'
import { themeSwitch } from '../../browser/theme.ts'

/** A figure's connection with its chapter's worker, and with the tests. */
export interface Live {
  /** Calls a function of the chapter's figure_worker.ts. @throws what it threw. */
  call<T>(name: string, argument?: unknown): Promise<T>
  /**
   * Publishes the figure's numbers, as the engine gave them, in `data-numbers`. The tests read them there, and compare
   * them with what the same function computes in Node.
   */
  show(numbers: unknown): void
}

/** Fills the place of a figure, once. The engine's device is open by then. */
export type Mount = (root: HTMLElement, live: Live) => void | Promise<void>
/** The figures of a chapter, by the names in its Markdown. */
export type Figures = Readonly<Record<string, Mount>>

/** Why the engine cannot start, or the engine. */
async function engineOr(worker: URL): Promise<OpenEngine | string> {
  const question = obstacle()
  // Opened meanwhile, so that the first answer comes sooner.
  const opening = hasWebGpu() ? startEngine({ software: option('software') === '1' }, worker) : undefined
  opening?.catch(() => {}) // is told below
  const sentence = await question
  if (sentence || !opening) return sentence ?? 'This browser has no WebGPU.'
  return opening.catch(error => `The engine could not start: ${messageOf(error)}`)
}

/** Tells on what the page computes. */
function tellAdapter({ adapter }: OpenEngine): void {
  const name = adapterName(adapter) || 'an adapter that the browser does not name'
  document.getElementById('adapter')!.textContent = adapter.software
    ? `Computed by ${name}: it runs on the CPU, so all is slower than on a GPU.`
    : `Computed by ${name}.`
}

/**
 * Starts the figures of the page. `data-state` of each place says how far it is: `starting`, `live`, or `recorded`
 * where the picture had to stay.
 *
 * @param worker the address of the chapter's worker.
 */
export async function startFigures(figures: Figures, worker: URL): Promise<void> {
  themeSwitch(document.getElementById('theme')!)
  const places = [...document.querySelectorAll<HTMLElement>('[data-figure]')]
  for (const place of places) place.dataset.state = 'starting'
  const engine = await engineOr(worker)
  if (typeof engine !== 'string') tellAdapter(engine)
  for (const place of places) {
    try {
      if (typeof engine === 'string') throw new Error(engine)
      const mount = figures[place.dataset.figure!]
      if (!mount) throw new Error(`the chapter has no figure ${place.dataset.figure}`)
      const root = element('div', { className: 'stack' })
      place.append(root) // below the picture, until it is filled
      try {
        await mount(root, {
          call: (name, argument) => engine.call('figure', name, argument),
          show: numbers => {
            place.dataset.numbers = JSON.stringify(numbers)
          },
        })
      } catch (error) {
        root.remove()
        throw error
      }
      place.querySelector('img')?.remove()
      place.dataset.state = 'live'
    } catch (error) {
      place.prepend(alarm(`${messageOf(error)} The picture was recorded.`))
      place.dataset.state = 'recorded'
    }
  }
}
