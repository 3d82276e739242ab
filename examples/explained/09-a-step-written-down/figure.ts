/** The figure of the chapter: a recorded step, the memory of its plan launch by launch, and its replay. */
import { element } from '../../browser/dom.ts'
import { choice, redrawn, slider } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { drawing } from '../page/plot.ts'
import { dragged } from '../page/stage.ts'
import { cell, headOf, scrolling } from '../page/table.ts'
import { bytesText, type Layout, launchAt, memory, SEEN, SIZE } from './draw.ts'
import type { Bound, Options, Recorded, Replayed, StepName } from './figure_worker.ts'

const STEPS: Readonly<Record<StepName, string>> = {
  'two layers': 'two layers learn y = x²',
  TASN: 'TASN, preset tiny',
}
const LAYOUTS: Readonly<Record<Layout, string>> = {
  planned: 'as planned',
  apart: 'each block apart',
}
/** Steps of a replay. */
const REPLAYED = 30

/** A head over columns that all begin at the left. */
const headed = (...names: readonly string[]): HTMLElement => headOf(names, () => false)

/** The tensors that a launch binds, a row each. */
function boundTable({ blocks }: Recorded, bound: readonly Bound[]): HTMLElement {
  const rows = bound.map(({ name, shape, writes, block }) => {
    const b = block === undefined ? undefined : blocks[block]!
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      cell(shape.join(' × '), ''),
      cell(writes ? 'written' : 'read', writes ? 'writes' : 'reads'),
      cell(b ? `buffer ${b.home}, from byte ${b.offset.toLocaleString('en')}` : 'its own: outlasts the step', ''),
      cell(b ? `${b.first} to ${b.last}` : '', ''),
    )
  })
  return element(
    'table',
    {},
    headed('tensor', 'shape', 'here', 'memory', 'lives in launches'),
    element('tbody', {}, ...rows),
  )
}

function replayTable({ eager, replay }: Replayed): HTMLElement {
  const same = eager.losses.every((loss, i) => loss === replay.losses[i])
  const rows = Object.entries({ 'eager, op by op': eager, 'replayed from the plan': replay }).map(([name, runs]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      cell(`${runs.launches}`),
      cell(`${(1000 * runs.host).toFixed(0)} µs`),
      cell(runs.losses[0]!.toFixed(5)),
      cell(runs.losses.at(-1)!.toFixed(5)),
    ),
  )
  const words = same ? 'the same bits in every step' : 'NOT the same bits'
  return element(
    'table',
    {},
    element('caption', { className: 'quiet' }, `The same ${REPLAYED} steps both ways: ${words}`),
    headed('two layers', 'launches a step', 'host’s time a step', 'first loss', 'last loss'),
    element('tbody', {}, ...rows),
  )
}

async function plan(root: HTMLElement, live: Live): Promise<void> {
  let recorded: Recorded | undefined
  let known = ''
  const read = (): Options => ({ step: step.value, images: images.value })

  const draw = (): void => {
    const { launches, alive, planned, unplanned, lowerBound, homes, blocks } = recorded!
    launch.limit(launches.length - 1)
    const at = launch.value
    const { file, bound } = launches[at]!
    const [together, apart] = [bytesText(planned), bytesText(unplanned)]
    const label = `Memory of ${launches.length} launches: ${together} as planned, ${apart} apart`
    picture.innerHTML = drawing(SIZE, memory(recorded!, layout.value, at), label, 'memory')
    told.replaceChildren(
      element('strong', {}, `Launch ${at}: ${file}. `),
      `${bytesText(alive[at]!)} are alive while it runs.`,
    )
    table.replaceChildren(boundTable(recorded!, bound))
    totals.textContent =
      `${launches.length} launches make ${blocks.length} blocks of memory. Apart, they would take ` +
      `${bytesText(unplanned)}. The plan has ${bytesText(planned)} in ${homes.length} ` +
      `buffer${homes.length > 1 ? 's' : ''}. The worst launch needs ${bytesText(lowerBound)}, so no plan can have less.`
    live.show({ options: read(), layout: layout.value, launch: at, recorded, replayed })
  }
  const update = redrawn(root, async () => {
    const options = read()
    if (known !== JSON.stringify(options)) recorded = await live.call<Recorded>('recorded', options)
    known = JSON.stringify(options)
    draw()
  })
  const change = (): void => void update()
  const step = choice('The step', STEPS, 'TASN', change)
  const images = slider({ label: 'Images of a step', min: 2, max: 48, step: 2, value: 24 }, change)
  const layout = choice('The memory', LAYOUTS, 'planned', change)
  const launch = slider({ label: 'Launch', min: 0, max: 1000, step: 1, value: SEEN }, change)

  const picture = element('div', { className: 'outputs' })
  const told = element('p', { className: 'told' })
  const totals = element('p', { className: 'quiet' })
  const table = scrolling('Tensors of the launch')
  const replayed = await live.call<Replayed>('replayed', { steps: REPLAYED, images: 64 })
  const replay = scrolling('Replay')
  replay.append(replayTable(replayed))
  dragged(picture, x => {
    launch.set(launchAt(x * SIZE.width, recorded!.launches.length))
    change()
  })
  const caption =
    'Launches go from left to right, bytes from below. A rectangle is a block of memory: as wide as its life, as ' +
    'high as its bytes. The dashed line is what the plan takes. Drag to scrub.'
  root.append(
    element('div', { className: 'controls' }, ...[step, images, layout].map(c => c.root)),
    launch.root,
    element('figure', {}, picture, element('figcaption', {}, legend(), caption)),
    told,
    table,
    totals,
    replay,
  )
  await update()
}

/** The meaning of the colours. */
const legend = (): HTMLElement =>
  element(
    'p',
    { className: 'memory-legend' },
    ...['writes', 'reads', 'alive', 'other'].map(kind =>
      element(
        'span',
        { className: kind },
        { writes: 'written now', reads: 'read now', alive: 'alive', other: 'not alive' }[kind]!,
      ),
    ),
  )

export const figures: Figures = { plan }
