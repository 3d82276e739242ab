/** The panel Bench: the adapter's roofline, every rung against it, whole training steps, how to send the figures. */
import { makeControls } from './bench_controls.ts'
import type { BenchEvent, Found } from './bench_messages.ts'
import { makeResults } from './bench_results.ts'
import { takeAway } from './bench_take.ts'
import { alarm, element } from './dom.ts'
import { messageOf } from './messages.ts'
import type { Panel } from './panel.ts'

async function installedLibraries(): Promise<Record<string, string>> {
  const response = await fetch('peers/list.json')
  const list = (await response.json()) as { name: string; file: string }[]
  return Object.fromEntries(list.map(({ name, file }) => [name, `peers/${file}`]))
}

export const bench: Panel = {
  id: 'bench',
  title: 'Bench',
  async mount(root, engine, state) {
    const chosen = makeControls(state, await installedLibraries())
    const tables = makeResults(engine)
    const start = element('button', { type: 'button', className: 'primary', id: 'bench-start' }, 'Measure')
    const stop = element('button', { type: 'button', id: 'bench-stop', disabled: true }, 'Stop')
    const progress = element('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Measured so far' })
    const note = element('span', { role: 'status', className: 'quiet' })
    const end = element('div')
    const others = element(
      'p',
      { className: 'quiet', role: 'status', hidden: true },
      'The panel Bench is measuring: what other panels are asked for waits until it is done or stopped.',
    )
    const show = (event: BenchEvent): void => {
      others.hidden = false
      if (event.kind === 'note') note.textContent = `${event.text} …`
      else if (event.kind === 'progress') progress.value = event.done / event.all
      else tables.show(event)
    }
    let wasStopped = false
    start.onclick = async () => {
      const wishes = chosen.wishes()
      if (wishes.kernels === 'none' && !wishes.steps.length && !Object.keys(wishes.peers).length) {
        end.replaceChildren(alarm('Nothing is chosen: choose kernels, a training step or a library.'))
        return
      }
      wasStopped = false
      tables.clear()
      end.replaceChildren()
      start.disabled = true
      stop.disabled = false
      progress.hidden = false
      progress.value = 0
      note.textContent = 'Waiting until the other panels have done what they were asked for …'
      void engine.call('bench', 'begin')
      try {
        const { figures, problem } = await engine.call<Found>('bench', 'run', wishes, show)
        end.replaceChildren(...(problem ? [alarm(problem)] : []), takeAway(figures))
        note.textContent = problem ? 'It ended early.' : wasStopped ? 'Stopped.' : 'Done.'
      } catch (error) {
        end.replaceChildren(alarm(messageOf(error)))
        note.textContent = ''
      }
      start.disabled = false
      stop.disabled = true
      progress.hidden = true
      others.hidden = true
    }
    stop.onclick = () => {
      wasStopped = true
      stop.disabled = true
      note.textContent = 'Stopping after this piece …'
      void engine.call('bench', 'stop')
    }
    root.before(others) // seen from each panel
    root.append(
      element(
        'div',
        { className: 'stack bench' },
        element(
          'div',
          { className: 'card stack' },
          element('p', {}, 'How fast is this adapter, and how near does each kernel come to the best that it can do?'),
          chosen.root,
          element('div', { className: 'row' }, start, stop, progress, note),
        ),
        tables.root,
        end,
      ),
    )
  },
}
