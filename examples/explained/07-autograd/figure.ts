/** The figure of the chapter: a tape with numbers, walked backwards line by line, and added in place if one wants. */
import { element } from '../../browser/dom.ts'
import { redrawn, slider, tick } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { drawing } from '../page/plot.ts'
import { cell, headOf, scrolling } from '../page/table.ts'
import { FORMULAS, isWrong, type Shown, SIZE, short, tapeInside } from './draw.ts'
import type { Name, Options, Step, Walked } from './figure_worker.ts'

/** The rule of each line, in words. */
const RULES: Readonly<Partial<Record<Name, string>>> = {
  L: 'relu() hands its gradient on where L is not 0, else 0',
  t: 'mul() hands dt · q to s, and dt · s to q',
  s: 'add() hands ds to both, and makes nothing: p and w get one and the same tensor',
  q: 'scale() hands 3 dq to w',
  p: 'square() hands 2x · dp to x',
}

/** The story of a step. */
function told({ line, handed, met, after }: Step, inPlace: boolean): string {
  const list = Object.entries(handed).map(([name, { value, tensor }]) => `${name} gets ${short(value)}, in g${tensor}`)
  const sums = met.map(name => {
    const { value, tensor } = after[name]!
    return inPlace
      ? ` But ${name} has a gradient already. The two are added in its memory, g${tensor}, which now holds ` +
          `${short(value)}: for all that hold g${tensor}.`
      : ` But ${name} has a gradient already. Their sum is a new tensor, g${tensor} = ${short(value)}.`
  })
  return `${FORMULAS[line]}: ${RULES[line]}. So ${list.join(', and ')}.${sums.join('')}`
}

async function tape(root: HTMLElement, live: Live): Promise<void> {
  const update = redrawn(root, async () => {
    const options = read()
    const got = await live.call<Walked>('walk', options)
    const right = options.inPlace ? await live.call<Walked>('walk', { ...options, inPlace: false }) : got
    const at = (walked: Walked, k: number) => (k ? walked.steps[k - 1]!.after : walked.start)
    const k = steps.value
    const shown: Shown = {
      values: got.values,
      gradients: at(got, k),
      right: at(right, k),
      line: k ? got.steps[k - 1]!.line : undefined,
    }
    const label = `The tape after ${k} of its lines: values and gradients`
    picture.innerHTML = drawing(SIZE, tapeInside(shown), label)
    story.textContent = k
      ? told(got.steps[k - 1]!, options.inPlace)
      : 'The tape after the forward pass. The walk begins with dL = 1, in g1.'
    lines.replaceChildren(
      ...[...got.steps].reverse().map(({ line }, i) => {
        const n = i + 1
        const state = got.steps.length - k < n ? (line === shown.line ? 'walked back over now' : 'done') : ''
        const cells = [`${n}`, FORMULAS[line], short(got.values[line]), state]
        return element(
          'tr',
          { className: line === shown.line ? 'chosen' : '' },
          ...cells.map((words, j) => cell(words, ['', 'code', 'number', ''][j])),
        )
      }),
    )
    const last = at(got, 5)
    results.replaceChildren(
      ...(['x', 'w'] as const).map(name => {
        const wrong = isWrong({ ...shown, gradients: last, right: at(right, 5) }, name)
        return element(
          'tr',
          {},
          element('th', { scope: 'row' }, `dL/d${name}`),
          cell(short(got.engine[name])),
          cell(`${short(last[name]!.value)}${wrong ? ', wrong' : ''}`, wrong ? 'number wrong' : 'number'),
          cell(short(got.quotient[name])),
        )
      }),
    )
    live.show({
      options,
      step: k,
      wrong: (['x', 'w', 'p', 's', 'q', 't', 'L'] as const).filter(n => isWrong(shown, n)),
      walked: got,
    })
  })
  const change = (): void => void update()
  const steps = slider(
    { label: 'Lines walked back', min: 0, max: 5, step: 1, value: 3, words: v => `${v} of 5` },
    change,
  )
  const number = { min: -3, max: 3, step: 0.1, words: short }
  const x = slider({ label: 'x', value: 2, ...number }, change)
  const w = slider({ label: 'w', value: 1, ...number }, change)
  const inPlace = tick('Add in place, which the engine never does', false, change)
  const read = (): Options => ({ x: x.value, w: w.value, inPlace: inPlace.value })
  const picture = scrolling('Drawing of the tape', 'scroll wide')
  const story = element('p', { 'aria-live': 'polite', className: 'story' })
  const lines = element('tbody')
  const results = element('tbody')
  root.append(
    element('div', { className: 'controls' }, steps.root, x.root, w.root, inPlace.root),
    picture,
    story,
    element(
      'div',
      { className: 'side-by-side' },
      element(
        'table',
        {},
        headOf(['line', 'the tape', 'value', 'the walk'], i => i === 2),
        lines,
      ),
      element('table', {}, headOf(['whole walk', 'engine', 'this walk', 'quotient']), results),
    ),
  )
  await update()
}

export const figures: Figures = { tape }
