/** The panel Bench's tables: rungs as bars against the roofline, steps, other libraries. */
import { digits, markOf, milliseconds, percent, rate } from '../../bench/markdown.ts'
import type { PeerRow } from '../../bench/peers/rows.ts'
import type { RungRow } from '../../bench/rungs.ts'
import type { StepRow } from '../../bench/steps.ts'
import { element } from './dom.ts'

type Cell = string | Node

const numbers = (...cells: Cell[]): HTMLElement[] => cells.map(c => element('td', { className: 'number' }, c))
const head = (first: string, ...rest: string[]): HTMLElement =>
  element(
    'thead',
    {},
    element(
      'tr',
      {},
      element('th', { scope: 'col' }, first),
      ...rest.map(title => element('th', { scope: 'col', className: 'number' }, title)),
    ),
  )

/** A share of the roofline as a bar, with its number. More than all of it is drawn as all. */
const bar = (share: number): HTMLElement => {
  const fill = element('span', { className: 'level' })
  fill.style.width = `${Math.min(100, 100 * share).toFixed(1)}%`
  return element('div', { className: 'share' }, element('span', { className: 'rail' }, fill), percent(share))
}

/** A rung's name without the folder, which the heading has; its constants in a line of their own. */
function rungName(rung: string): HTMLElement {
  const [, file, consts] = /^(?:.*\/)?([^/(]*?)(?: \((.*)\))?$/.exec(rung)!
  return element('span', {}, file!, ...(consts ? [element('small', {}, consts)] : []))
}

/**
 * A ladder at a shape. The rung that an op takes is marked, and so is one with a wrong result.
 * @param onShader is called with the rung whose WGSL the reader wants to see.
 */
export function rungTable(rows: readonly RungRow[], onShader: (row: RungRow) => void): HTMLElement {
  const [{ shape, count }] = rows as [RungRow]
  const body = rows.map(row => {
    const { rung, ms, ofPeak, speedUp, chosen } = row
    const show = element(
      'button',
      { type: 'button', className: 'link', title: 'Show the shader that ran', onclick: () => onShader(row) },
      rungName(rung),
    )
    const marks = markOf(row).map(mark => element('span', { className: 'mark' }, mark))
    return element(
      'tr',
      chosen ? { className: 'chosen' } : {},
      element('th', { scope: 'row' }, show, ...marks),
      element('td', {}, bar(ofPeak)),
      ...numbers(rate(row), milliseconds(ms), `${digits(speedUp)}x`),
    )
  })
  return element(
    'div',
    { className: 'scroll' },
    element(
      'table',
      { className: 'rungs' },
      element('caption', {}, shape, element('span', { className: 'quiet' }, ` · ${count} in a step`)),
      head('rung', 'of the best', 'rate', 'ms', 'over the first'),
      element('tbody', {}, ...body),
    ),
  )
}

/** All shapes of a ladder together, in a step: how near the right rungs that ops take come to the roofline. */
function ladderShare(rows: readonly RungRow[]): number {
  const chosen = rows.filter(r => r.chosen && !r.wrong)
  const time = chosen.reduce((sum, r) => sum + r.count * r.ms, 0)
  return time && chosen.reduce((sum, r) => sum + r.count * r.ms * r.ofPeak, 0) / time
}

export function ladderSummary(ladder: string, rows: readonly RungRow[]): HTMLElement[] {
  const shapes = rows.filter(r => r.chosen).length
  return [
    element('span', { className: 'ladder' }, ladder),
    element('span', { className: 'quiet' }, `${shapes} ${shapes === 1 ? 'shape' : 'shapes'}`),
    element('span', { className: 'whole' }, bar(ladderShare(rows))),
  ]
}

export const stepTable = (rows: readonly StepRow[]): HTMLElement =>
  element(
    'table',
    {},
    head('training step', 'ms', 'images/s', 'GFLOP/s', 'launches', 'host, ms', 'memory, MiB', 'first step, ms'),
    element(
      'tbody',
      {},
      ...rows.map(s =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, s.name),
          ...numbers(
            milliseconds(s.ms),
            digits(s.imagesPerSecond),
            digits(s.gflops),
            `${s.launches}`,
            s.encodeMs.toFixed(2),
            digits(s.plannedMiB),
            s.firstMs.toFixed(0),
          ),
        ),
      ),
    ),
  )

/** A row for each case and part, a column for each library. Why there is no number stands in its place. */
export function peerTable(rows: readonly PeerRow[]): HTMLElement {
  const libraries = [...new Set(rows.map(r => r.library))]
  const lines = [...new Map(rows.map(r => [`${r.case} ${r.part}`, r])).values()]
  const cell = (line: PeerRow, library: string): HTMLElement => {
    const found = rows.find(r => r.library === library && r.case === line.case && r.part === line.part)
    if (!found) return element('td', { className: 'number quiet' }, 'to come')
    if (found.ms === undefined)
      return element('td', { className: 'number quiet' }, 'none', element('small', {}, found.why!))
    const wrong = found.wrong ? [element('small', {}, `wrong: ${found.wrong.join(', ')}`)] : []
    return element('td', { className: 'number' }, milliseconds(found.ms), ...wrong)
  }
  return element(
    'table',
    {},
    head('milliseconds', ...libraries),
    element(
      'tbody',
      {},
      ...lines.map(line =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, line.case, line.part === 'forward' ? ', forward' : ', forward and backward'),
          ...libraries.map(library => cell(line, library)),
        ),
      ),
    ),
  )
}
