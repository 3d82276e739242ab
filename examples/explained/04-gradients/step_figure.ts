/** The figure of the whole step: how the gradient of a loss comes back, and how long it is in each part. */
import { element } from '../../browser/dom.ts'
import { choice, redrawn, tick } from '../page/controls.ts'
import type { Live } from '../page/figures.ts'
import { drawing } from '../page/plot.ts'
import { cell, headOf, scrolling } from '../page/table.ts'
import { FOLLOWED_WORDS, STEP_SIZE, short, stepDrawing } from './draw.ts'
import { FOLLOWED, type Followed, type StepOptions, type StepSeen, WEIGHTS } from './step.ts'

const PARTS = { attention: 'attention net', classifier: 'ResNet', part: 'head: part', master: 'head: master' }
const COLUMNS: readonly string[] = [...Object.values(PARTS), 'shared head', 'image']

/** The losses, and the length of the gradient of each at each part of the network. */
function table({ losses, weights, norms }: StepSeen, followed: Followed): HTMLElement {
  const rows = FOLLOWED.map(f => {
    const numbers = [losses[f].toFixed(3), f === 'loss' ? '' : `${weights[f]}`]
    const places = [...WEIGHTS, 'image' as const].map(place => short(norms[f][place]))
    return element(
      'tr',
      { className: f === followed ? 'chosen' : '' },
      element('th', { scope: 'row' }, f),
      ...[...numbers, ...places].map(v => cell(v)),
    )
  })
  return element(
    'table',
    {},
    element('caption', { className: 'quiet' }, 'Length of the gradient of each loss. A dot: none arrives.'),
    headOf(['loss', 'value', 'weight', ...COLUMNS]),
    element('tbody', {}, ...rows),
  )
}

/** Fills the place of the figure. */
export async function stepFigure(root: HTMLElement, live: Live): Promise<void> {
  const picture = scrolling('The step')
  const numbers = scrolling('Gradients')
  let seen: StepSeen | undefined
  let done = ''
  const update = redrawn(root, async () => {
    const { followed, ...options } = read()
    if (done !== JSON.stringify(options)) seen = await live.call<StepSeen>('step', options)
    done = JSON.stringify(options)
    const words = `The step. The gradient of ${FOLLOWED_WORDS[followed]} comes back by the lines in colour.`
    picture.innerHTML = drawing(STEP_SIZE, stepDrawing(seen!, options, followed), words, 'wide')
    numbers.replaceChildren(table(seen!, followed))
    live.show({ followed, options, ...seen })
  })
  const change = (): void => void update()
  const followed = choice('Go back from', FOLLOWED_WORDS, 'loss', change)
  const samplerGradient = tick('samplerGradient: beyond the paper', false, change)
  const teacherGradient = tick('teacherGradient: as in the MXNet code', false, change)
  const read = (): StepOptions & { followed: Followed } => ({
    followed: followed.value,
    samplerGradient: samplerGradient.value,
    teacherGradient: teacherGradient.value,
  })
  const ticks = element('div', { className: 'stack' }, samplerGradient.root, teacherGradient.root)
  root.append(element('div', { className: 'controls' }, followed.root, ticks), picture, numbers)
  await update()
}
