/** The panel Check: is what this browser computes what Node computed? */
import type { Compared } from './check_worker.ts'
import { alarm, element, messageOf } from './dom.ts'
import type { Engine, Panel } from './panel.ts'

/** Adapters round in other places; a kernel that is wrong is off by far more. */
const LIMIT = 1e-3

const difference = (v: number): string =>
  v === 0 ? '0, bit for bit' : Number.isFinite(v) ? v.toExponential(1) : 'not finite'

/** The verdict as text, to be sent to somebody. */
function verdictOf({ adapter, recordedOn, logits, loss }: Compared): string {
  const same = logits <= LIMIT && loss <= LIMIT
  return [
    same ? 'same results as Node on this GPU' : `OTHER results than Node: a difference above ${LIMIT} is a fault`,
    `largest difference of 32 x 16 logits: ${difference(logits)}`,
    `largest difference of five losses:    ${difference(loss)}`,
    `adapter:  ${adapter}`,
    `recorded: Node, ${recordedOn}`,
    `browser:  ${navigator.userAgent}`,
  ].join('\n')
}

function shown(compared: Compared): HTMLElement[] {
  const text = verdictOf(compared)
  const copy = element('button', { type: 'button' }, 'Copy')
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text)
      copy.textContent = 'Copied'
    } catch {
      copy.textContent = 'Not allowed here: mark the text and copy it'
    }
  }
  const cell = (value: string): HTMLElement => element('td', { className: 'number' }, value)
  const rows = compared.losses.map(({ here, there }, i) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, `step ${i + 1}`),
      cell(there.toFixed(6)),
      cell(here.toFixed(6)),
      cell(Math.abs(here - there).toExponential(1)),
    ),
  )
  const head = ['', 'loss in Node', 'loss here', 'difference'].map((title, i) =>
    element(i ? 'th' : 'td', { className: i ? 'number' : '' }, title),
  )
  return [
    element('pre', { className: 'verdict', tabIndex: 0 }, text),
    element('div', { className: 'row' }, copy),
    element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows)),
  ]
}

function mount(root: HTMLElement, engine: Engine): void {
  root.classList.add('stack')
  const status = element('p', { className: 'quiet', role: 'status' })
  const result = element('div', { className: 'stack' })
  const button = element('button', { type: 'button', className: 'primary' }, 'Compute and compare')
  button.onclick = async () => {
    button.disabled = true
    result.replaceChildren()
    try {
      const compared = await engine.call<Compared>('check', 'compare', undefined, (what: string) => {
        status.textContent = what
      })
      result.replaceChildren(...shown(compared))
    } catch (error) {
      result.replaceChildren(alarm(messageOf(error)))
    }
    status.textContent = ''
    button.disabled = false
  }
  root.append(
    element('h2', {}, 'The same results as in Node?'),
    element(
      'p',
      {},
      "The page's model names 32 drawn birds, and a new TASN learns for five steps. Both are compared with what Node " +
        'recorded. Differences up to 0.001 are rounding: each number counts relative to its own size where that is ' +
        'above 1.',
    ),
    element('div', { className: 'card stack' }, element('div', { className: 'row' }, button), status, result),
  )
}

export const check: Panel = { id: 'check', title: 'Check', mount }
