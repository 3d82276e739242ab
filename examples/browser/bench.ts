/** The panel Bench: the adapter's roofline, every rung against it, whole training steps, how to send the figures. */
import { encodeFigures, type Figures } from '../../bench/figures.ts'
import { byCase, digits, figuresMarkdown } from '../../bench/markdown.ts'
import type { RungRow } from '../../bench/rungs.ts'
import { type Roofline, shareOf } from '../../bench/share.ts'
import { type BenchEvent, KERNELS, type Kernels, type Wishes } from './bench_messages.ts'
import { ladderSummary, peerTable, rungTable, stepTable } from './bench_tables.ts'
import { alarm, element, messageOf } from './dom.ts'
import type { Engine, Panel, State } from './panel.ts'

const STEPS = ['ResNet-18, 8 x 64x64', 'TASN tiny', 'TASN small']
/** A step of TASN small takes ten seconds on a CPU. */
const USUAL = STEPS.slice(0, 2)

const labelled = (text: string, control: HTMLElement): HTMLElement =>
  element('label', { className: 'row' }, text, control)
const tick = (text: string, checked: boolean, onchange: () => void): [HTMLElement, HTMLInputElement] => {
  const input = element('input', { type: 'checkbox', checked, onchange })
  return [element('label', { className: 'row' }, input, text), input]
}

/** The reader's choices, which the address keeps. */
function controls(state: State, libraries: Readonly<Record<string, string>>) {
  const kernels = element(
    'select',
    { id: 'bench-kernels' },
    ...Object.entries(KERNELS).map(([value, { title }]) => element('option', { value }, title)),
  )
  const given = state.get('kernels')
  kernels.value = given && given in KERNELS ? given : 'products'
  const name = element('input', {
    type: 'text',
    id: 'bench-name',
    value: state.get('name') ?? '',
    placeholder: 'such as Radeon RX 7800 XT',
    maxLength: 80,
    size: 26,
  })
  const steps = state.get('steps')?.split(';') ?? USUAL
  const save = (): void =>
    state.set({
      kernels: kernels.value,
      large: large.checked ? '1' : undefined,
      steps: stepTicks.flatMap(([, input], i) => (input.checked ? [STEPS[i]!] : [])).join(';'),
      name: name.value || undefined,
    })
  const [largeLabel, large] = tick(
    'shapes of full-sized networks, too, and more rounds',
    state.get('large') === '1',
    save,
  )
  const stepTicks = STEPS.map(step => tick(step, steps.includes(step), save))
  const peerTicks = Object.keys(libraries).map(library => tick(library, false, () => {}))
  kernels.onchange = save
  name.onchange = save
  const others = peerTicks.length
    ? element('div', { className: 'row' }, 'The same work in', ...peerTicks.map(([label]) => label))
    : element(
        'p',
        { className: 'quiet' },
        'Other libraries can be measured beside this one. To have them here, run ',
        element('code', {}, 'npm run bench:peers -- --install'),
        ' and then ',
        element('code', {}, 'npm run demo'),
        ' anew.',
      )
  return {
    root: element(
      'div',
      { className: 'stack' },
      element('div', { className: 'row' }, labelled('Rungs of', kernels), largeLabel),
      element('div', { className: 'row' }, 'Training steps of', ...stepTicks.map(([label]) => label)),
      others,
      labelled('Your GPU, which browsers hide', name),
    ),
    wishes: (): Wishes => ({
      kernels: kernels.value as Kernels,
      quick: !large.checked,
      steps: stepTicks.flatMap(([, input], i) => (input.checked ? [STEPS[i]!] : [])),
      peers: Object.fromEntries(Object.entries(libraries).filter((_, i) => peerTicks[i]![1].checked)),
      name: name.value.trim(),
    }),
  }
}

/** The tables, which fill as events come. */
function results(engine: Engine) {
  const shader = element('pre', { tabIndex: 0 })
  const shaderCard = element(
    'div',
    { className: 'card', hidden: true },
    element('h2', {}, 'The shader that ran'),
    shader,
  )
  const roofline = element('div', { className: 'card', hidden: true })
  const ladders = element('div', { className: 'card', hidden: true })
  const steps = element('div', { className: 'card scroll', hidden: true })
  const peers = element('div', { className: 'card scroll', hidden: true })
  const root = element('div', { className: 'stack' }, roofline, ladders, shaderCard, steps, peers)

  const showShader = async ({ ladder, shape, rung }: RungRow): Promise<void> => {
    shader.textContent = await engine
      .call<string>('bench', 'wgsl', { ladder, shape, rung })
      .catch((error: unknown) => messageOf(error))
    shaderCard.firstElementChild!.textContent = `The shader that ran: ${rung}, ${shape}`
    shaderCard.hidden = false
    shaderCard.scrollIntoView({ block: 'nearest' })
  }

  const rows = new Map<string, RungRow[]>()
  const rooms = new Map<string, { summary: HTMLElement; body: HTMLElement }>()
  const addRungs = (added: readonly RungRow[]): void => {
    const [{ ladder }] = added as [RungRow]
    const all = [...(rows.get(ladder) ?? []), ...added]
    rows.set(ladder, all)
    let room = rooms.get(ladder)
    if (!room) {
      room = { summary: element('summary'), body: element('div', { className: 'stack' }) }
      rooms.set(ladder, room)
      ladders.append(element('details', { open: rooms.size === 1 }, room.summary, room.body))
    }
    room.summary.replaceChildren(...ladderSummary(ladder, all))
    room.body.append(rungTable(added, row => void showShader(row)))
    ladders.hidden = false
  }
  const showRoofline = ({ gflops, gigabytes }: Roofline): void => {
    roofline.replaceChildren(
      element('h2', {}, 'The best that this adapter can do'),
      element(
        'div',
        { className: 'figures' },
        element('p', {}, element('strong', {}, digits(gflops)), ' GFLOP/s of multiply-adds'),
        element('p', {}, element('strong', {}, digits(gigabytes)), ' GB/s of copying'),
      ),
      element(
        'p',
        { className: 'quiet' },
        'Measured by two shaders that do nothing else: multiply-adds out of registers, and copying 64 MiB. A bar is ' +
          'the share of it: (multiplications and additions ÷ time) ÷ multiply-adds where a kernel counts its ' +
          'arithmetic, else (bytes of all bound tensors ÷ time) ÷ copying. What stays in a cache may pass 100 %.',
      ),
    )
    roofline.hidden = false
    // Measured once more at the end, it may be better: then all bars are shorter.
    for (const [ladder, of] of rows) {
      const anew = of.map(r => ({ ...r, ofPeak: shareOf(r, { gflops, gigabytes }) }))
      rows.set(ladder, [])
      const { body } = rooms.get(ladder)!
      body.replaceChildren()
      byCase(anew).forEach(addRungs)
    }
  }
  const stepRows: Extract<BenchEvent, { kind: 'step' }>['row'][] = []
  return {
    root,
    clear() {
      rows.clear()
      rooms.clear()
      stepRows.length = 0
      ladders.replaceChildren(
        element('h2', {}, 'Rungs'),
        element(
          'p',
          { className: 'quiet' },
          'Each kernel is a ladder: rungs that compute the same, from the one to read to the one to run. The bar of ' +
            'a ladder is that of the rungs which ops take, over a step. A rung’s name shows its shader.',
        ),
      )
      for (const card of [roofline, ladders, shaderCard, steps, peers]) card.hidden = true
    },
    show(event: BenchEvent) {
      if (event.kind === 'roofline') showRoofline(event.roofline)
      if (event.kind === 'rungs') addRungs(event.rows)
      if (event.kind === 'step') {
        stepRows.push(event.row)
        steps.replaceChildren(
          element('h2', {}, 'Whole training steps'),
          stepTable(stepRows),
          element(
            'p',
            { className: 'quiet' },
            'GFLOP/s counts convolutions and matrix products. The first step includes recording, tuning and compiling.',
          ),
        )
        steps.hidden = false
      }
      if (event.kind === 'peers') {
        peers.replaceChildren(element('h2', {}, 'The same work elsewhere'), peerTable(event.rows))
        peers.hidden = false
      }
    },
  }
}

/** Markdown to copy, JSON to download, and where to send it. */
function takeAway(figures: Figures): HTMLElement {
  const text = figuresMarkdown(figures)
  const said = element('span', { role: 'status', className: 'quiet' })
  const copy = element('button', { type: 'button', id: 'bench-copy' }, 'Copy as Markdown')
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text)
      said.textContent = 'Copied.'
    } catch {
      said.textContent = 'This browser does not let the page copy: the text is below.'
      shown.open = true
    }
  }
  const slug = figures.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const file = URL.createObjectURL(new Blob([encodeFigures(figures)], { type: 'application/json' }))
  const download = element(
    'a',
    { className: 'button', id: 'bench-download', href: file, download: `tasn-webgpu-${slug}.json` },
    'Download JSON',
  )
  const shown = element('details', {}, element('summary', {}, 'The Markdown'), element('pre', { tabIndex: 0 }, text))
  return element(
    'div',
    { className: 'card stack', id: 'bench-take' },
    element('h2', {}, 'Take the figures with you'),
    element('div', { className: 'row' }, copy, download, said),
    element(
      'p',
      {},
      'Figures from GPUs are what this project lacks most. Download the JSON and attach it to an issue of the ' +
        'project. In a clone of the repository, ',
      element('code', {}, 'npm run bench:contribute -- FILE.json'),
      ' checks it and adds it to the table of adapters. The file holds what is shown here, the browser’s version ' +
        'and what it says of the adapter.',
    ),
    shown,
  )
}

async function installedLibraries(): Promise<Record<string, string>> {
  const response = await fetch('peers/list.json')
  const list = (await response.json()) as { name: string; file: string }[]
  return Object.fromEntries(list.map(({ name, file }) => [name, `peers/${file}`]))
}

export const bench: Panel = {
  id: 'bench',
  title: 'Bench',
  async mount(root, engine, state) {
    const chosen = controls(state, await installedLibraries())
    const tables = results(engine)
    const start = element('button', { type: 'button', className: 'primary', id: 'bench-start' }, 'Measure')
    const stop = element('button', { type: 'button', id: 'bench-stop', disabled: true }, 'Stop')
    const progress = element('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Measured so far' })
    const note = element('span', { role: 'status', className: 'quiet' })
    const end = element('div')
    const show = (event: BenchEvent): void => {
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
      try {
        const figures = await engine.call<Figures>('bench', 'run', wishes, show)
        end.replaceChildren(takeAway(figures))
        note.textContent = wasStopped ? 'Stopped.' : 'Done.'
      } catch (error) {
        end.replaceChildren(alarm(messageOf(error)))
        note.textContent = ''
      }
      start.disabled = false
      stop.disabled = true
      progress.hidden = true
    }
    stop.onclick = () => {
      wasStopped = true
      stop.disabled = true
      note.textContent = 'Stopping after this piece …'
      void engine.call('bench', 'stop')
    }
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
