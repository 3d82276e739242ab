/** Tables of figures, and regions that scroll where a table or a drawing is too wide. */
import { element } from '../../browser/dom.ts'

/** The head of a table. `numeric` tells the columns of numbers: all but the first, if not given. */
export const headOf = (words: readonly string[], numeric = (column: number): boolean => column > 0): HTMLElement =>
  element(
    'thead',
    {},
    element(
      'tr',
      {},
      ...words.map((t, i) => element('th', { scope: 'col', className: numeric(i) ? 'number' : '' }, t)),
    ),
  )

/** A cell of a row. */
export const cell = (text: string, className = 'number'): HTMLElement => element('td', { className }, text)

/** A region that scrolls, also by keys. @param label names it, for those who do not see it. */
export const scrolling = (label: string, className = 'scroll'): HTMLElement =>
  element('div', { className, tabIndex: 0, role: 'region', 'aria-label': label })
