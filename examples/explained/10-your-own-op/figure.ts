/** The figure of the chapter: the shader as it stands in the text, to be changed, and what the tests say to it. */
import { element } from '../../browser/dom.ts'
import { choice, redrawn, slider } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { drawing } from '../page/plot.ts'
import { cell, headOf } from '../page/table.ts'
import { CAPTION, curvesInside, formulaSlope, SIZE, xAt } from './draw.ts'
import { type Examined, FAR, formula, type Values, type Written } from './figure_worker.ts'
import { BEGINNINGS } from './files.ts'
import { MISTAKES, type Mistake, type MistakeName } from './mistakes.ts'

const NONE = 'none'
const CHOICES = {
  [NONE]: 'none: as in the text',
  ...Object.fromEntries(
    Object.entries(MISTAKES).map(([name, { words, file }]) => [name, `${file === 'op' ? 'op' : 'shader'}: ${words}`]),
  ),
} as Readonly<Record<MistakeName | typeof NONE, string>>
/** Milliseconds without a key before what was typed is tried. */
const QUIET = 500

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

async function gelu(root: HTMLElement, live: Live): Promise<void> {
  const printed = [...document.querySelectorAll('article pre code')].find(code =>
    code.textContent.startsWith(BEGINNINGS.shader),
  )!.textContent

  let examined: (Examined & { of: string }) | undefined
  const update = redrawn(root, async () => {
    const written: Written = {
      shader: code.value,
      ...(chosen()?.file === 'op' && { mistake: mistake.value as MistakeName }),
    }
    const of = JSON.stringify(written)
    if (examined?.of !== of) {
      examined = { ...(await live.call<Examined>('examine', written)), of }
      showTests(examined)
    }
    const at = await live.call<Values | undefined>('at', { ...written, x: x.value })
    const touch = at && { x: x.value, y: at.y[0]!, slope: at.slope?.[0] }
    const { values } = examined
    plot.innerHTML = drawing(
      SIZE,
      curvesInside(values ?? { y: new Float32Array(), slope: undefined }, touch),
      'gelu and its slope, as computed and by the formula',
    )
    rows.replaceChildren(row('y', touch?.y, formula(x.value)), row('dy/dx', touch?.slope, formulaSlope(x.value)))
    live.show({
      written,
      x: x.value,
      problem: examined.problem,
      faults: examined.tests.map(({ fault }) => fault ?? null),
      y: values && [...values.y],
      slope: values?.slope && [...values.slope],
      touch,
    })
  })

  const row = (name: string, got: number | undefined, wanted: number): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      cell(got === undefined ? 'none' : got.toFixed(5)),
      cell(wanted.toFixed(5)),
    )
  function showTests({ problem, tests }: Examined): void {
    const item = (good: boolean, name: string, words: string): HTMLElement =>
      element(
        'li',
        { className: good ? 'passed' : 'failed' },
        element('strong', {}, good ? '✓ ' : '✗ ', name),
        element('span', { className: 'message' }, words),
      )
    verdicts.replaceChildren(
      ...(problem === undefined ? [] : [item(false, 'the shader does not compile', problem)]),
      ...tests.map(({ name, fault }) =>
        item(fault === undefined, name, fault ?? 'passes on both rungs, lanes and strips'),
      ),
    )
  }

  const mistake = choice('A mistake', CHOICES, NONE, () => {
    code.value = printed
    change.replaceChildren()
    const its = chosen()
    if (its) {
      const { file, from, to } = its
      if (file === 'shader') code.value = printed.replaceAll(from, to)
      change.append(
        file === 'op' ? 'In src/ops/gelu.ts ' : 'In the shader ',
        element('code', {}, oneLine(from)),
        ' became ',
        element('code', {}, oneLine(to).replace(/ record\($/, '')),
        '.',
      )
    }
    void update()
  })
  const chosen = (): Mistake | undefined =>
    mistake.value === NONE ? undefined : MISTAKES[mistake.value as MistakeName]
  const x = slider(
    { label: 'x', min: -FAR, max: FAR, step: 0.05, value: 1, words: v => v.toFixed(2) },
    () => void update(),
  )
  const code = element('textarea', {
    id: 'gelu-shader',
    value: printed,
    spellcheck: false,
    wrap: 'off',
    rows: printed.trimEnd().split('\n').length,
    autocapitalize: 'off',
  })
  let timer = 0
  code.oninput = () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => void update(), QUIET)
  }
  const change = element('p', { className: 'change' })
  const plot = element('div', { className: 'curves' })
  const follow = ({ clientX, buttons }: PointerEvent): void => {
    if (!buttons) return
    const box = plot.getBoundingClientRect()
    x.set(xAt((clientX - box.left) / box.width))
    void update()
  }
  plot.onpointerdown = follow
  plot.onpointermove = follow
  const rows = element('tbody')
  const verdicts = element('ul', { className: 'verdicts', 'aria-live': 'polite' })
  root.append(
    element('div', { className: 'controls' }, mistake.root, x.root),
    change,
    element(
      'div',
      { className: 'choice' },
      element('label', { for: 'gelu-shader' }, 'The shader, to be changed'),
      code,
    ),
    element('h3', {}, 'The tests say'),
    verdicts,
    element(
      'div',
      { className: 'side-by-side' },
      element('figure', {}, plot, element('figcaption', {}, CAPTION, '. Drag to move the point.')),
      element('table', {}, headOf(['', 'the engine', 'the formula']), rows),
    ),
  )
  await update()
}

export const figures: Figures = { gelu }
