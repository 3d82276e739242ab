/** The page: its panels as tabs, light and dark, and a sentence with recorded pictures where nothing can compute. */
import { followAddress, option, panelInAddress, stateOf, writeAddress } from './address.ts'
import { bench } from './bench.ts'
import { check } from './check.ts'
import { alarm, element } from './dom.ts'
import { type OpenEngine, startEngine, whenOpen } from './engine.ts'
import { look } from './look.ts'
import { messageOf } from './messages.ts'
import { adapterName } from './names.ts'
import type { Engine, Panel } from './panel.ts'
import { hasWebGpu, obstacle } from './support.ts'
import { themeSwitch } from './theme.ts'
import { train } from './train.ts'

const PANELS: readonly Panel[] = [look, train, bench, check]
const byId = (id: string): HTMLElement => document.getElementById(id)!

/** The tabs, and under each a panel that is filled when it is first shown. Arrow keys, Home and End move among them. */
function makeTabs(engine: Engine): void {
  const mounted = new Set<Panel>()
  const tabs = PANELS.map(({ id, title }) =>
    element('button', { id: `tab-${id}`, type: 'button', role: 'tab', 'aria-controls': id, textContent: title }),
  )
  const rooms = PANELS.map(({ id }) =>
    element('section', { id, role: 'tabpanel', 'aria-labelledby': `tab-${id}`, hidden: true }),
  )
  const show = async (index: number, focus = false): Promise<void> => {
    const panel = PANELS[index]!
    for (const [i, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', `${i === index}`)
      tab.tabIndex = i === index ? 0 : -1
      rooms[i]!.hidden = i !== index
    }
    if (focus) tabs[index]!.focus()
    document.title = `${panel.title} · tasn-webgpu`
    const state = stateOf(panel.id)
    writeAddress(panel.id)
    if (mounted.has(panel)) return
    mounted.add(panel)
    const room = rooms[index]!
    room.setAttribute('aria-busy', 'true')
    try {
      await panel.mount(room, engine, state)
    } catch (error) {
      room.append(alarm(`${panel.title} does not work here: ${messageOf(error)}`))
    }
    room.removeAttribute('aria-busy')
  }
  const list = element('div', { className: 'tabs', role: 'tablist', 'aria-label': 'Panels' }, ...tabs)
  for (const [i, tab] of tabs.entries()) tab.onclick = () => void show(i)
  list.onkeydown = event => {
    const now = tabs.findIndex(tab => tab.getAttribute('aria-selected') === 'true')
    const last = tabs.length - 1
    const to = { ArrowRight: now < last ? now + 1 : 0, ArrowLeft: now > 0 ? now - 1 : last, Home: 0, End: last }[
      event.key
    ]
    if (to === undefined) return
    event.preventDefault()
    void show(to, true)
  }
  byId('tabs').replaceChildren(list)
  byId('panels').replaceChildren(...rooms)
  const first = PANELS.findIndex(({ id }) => id === panelInAddress())
  void show(Math.max(0, first))
}

/** A sentence on the adapter, under the tabs. */
function tellAdapter({ adapter }: OpenEngine): void {
  const { software } = adapter
  const name = adapterName(adapter)
  const place = byId('adapter')
  place.textContent = software
    ? `Computed by ${name && `${name}, `}a software adapter: it runs on the CPU, so all is slower than on a GPU.`
    : `Computed by ${name || 'an adapter that the browser does not name'}.`
  if (!name && !software) {
    const address = `?software=1${location.hash}`
    place.append(' If it runs on the CPU, ', element('a', { href: address }, 'this address'), ' makes it faster.')
  }
}

/** A picture in its frame, in which a narrow window scrolls: shrunk to a phone nobody could read its headings. */
const recorded = (src: string, alt: string, caption: string): HTMLElement =>
  element(
    'figure',
    { className: 'recorded' },
    element(
      'div',
      { className: 'scroll', tabIndex: 0, role: 'group', 'aria-label': caption },
      element('img', { src, alt }),
    ),
    element('figcaption', {}, caption),
  )

/** Recorded pictures, in the place of panels that cannot compute. */
function showRecorded(sentence: string): void {
  byId('adapter').textContent = ''
  byId('tabs').replaceChildren()
  byId('panels').replaceChildren(
    alarm(sentence),
    element(
      'p',
      {},
      'The pictures below were recorded where the page can compute. Each row is one bird: the image, what the ' +
        'network attends to, the grid by which it reads the image, and the samples that its classifier sees beside ' +
        'the plainly shrunk image. In a narrow window the pictures scroll sideways.',
    ),
    recorded(
      'pictures/what-tasn-sees.png',
      'Six drawn birds, one a row: the attention lies on the bird, and the sample shows the bird larger.',
      'Recorded: six test birds as a trained TASN sees them.',
    ),
    recorded(
      'pictures/ablation.png',
      'The test accuracy of TASN and of simpler classifiers, over three seeds each.',
      'Recorded: what each step of the method adds to the accuracy.',
    ),
  )
}

async function start(): Promise<void> {
  themeSwitch(byId('theme'))
  followAddress()
  // Begun before all else, so that the first answer comes sooner.
  const opening = hasWebGpu() ? startEngine({ software: option('software') === '1' }) : undefined
  opening?.catch(() => {}) // is told below
  const sentence = await obstacle()
  if (sentence || !opening) {
    showRecorded(sentence ?? 'This browser has no WebGPU.')
    return
  }
  byId('adapter').textContent = 'Opening the GPU …'
  makeTabs(whenOpen(opening))
  try {
    tellAdapter(await opening)
  } catch (error) {
    showRecorded(`The engine could not start: ${messageOf(error)}`)
  }
}

await start()
