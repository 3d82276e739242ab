/** The chapter's drawing: tensors as boxes, in the order of the tape, each with its value and its gradient. */
import { type Gradients, NAMES, type Name, type Walked } from './figure_worker.ts'

export const SIZE = { width: 720, height: 220 } as const
const [BOX, TALL] = [112, 66]

const PLACES: Readonly<Record<Name, readonly [x: number, y: number]>> = {
  x: [4, 6],
  p: [154, 6],
  w: [4, 146],
  q: [304, 146],
  s: [304, 46],
  t: [454, 86],
  L: [604, 86],
}
export const PARENTS: Readonly<Partial<Record<Name, readonly Name[]>>> = {
  p: ['x'],
  q: ['w'],
  s: ['p', 'w'],
  t: ['s', 'q'],
  L: ['t'],
}
export const FORMULAS: Readonly<Record<Name, string>> = {
  x: 'x',
  w: 'w',
  p: 'p = square(x)',
  q: 'q = scale(w, 3)',
  s: 's = add(p, w)',
  t: 't = mul(s, q)',
  L: 'L = relu(t)',
}

/** A number as short as it can be, with two decimals at most. */
export const short = (v: number): string => `${Number(v.toFixed(2))}`.replace('-', '−')

export interface Shown {
  readonly values: Walked['values']
  readonly gradients: Gradients
  /** The same without adding in place: what differs is wrong. */
  readonly right: Gradients
  /** The line that has just been walked back over. */
  readonly line: Name | undefined
}

export const isWrong = ({ gradients, right }: Shown, name: Name): boolean => {
  const [found, wanted] = [gradients[name], right[name]]
  return !!found && !!wanted && Math.abs(found.value - wanted.value) > 1e-3 * Math.max(1, Math.abs(wanted.value))
}

/** The inside of the drawing. */
export function tapeInside(shown: Shown): string {
  const { values, gradients, line } = shown
  const holders = (name: Name): number =>
    NAMES.filter(n => gradients[name] && gradients[n]?.tensor === gradients[name].tensor).length
  const arrows = Object.entries(PARENTS).flatMap(([to, parents]) =>
    parents.map(from => {
      const [[x0, y0], [x1, y1]] = [PLACES[from], PLACES[to as Name]]
      const [a, b] = [y0 + TALL / 2, y1 + TALL / 2 + (parents.length > 1 ? (from === parents[0] ? -14 : 14) : 0)]
      const bend = (x0 + BOX + x1) / 2
      const d = `M${x0 + BOX} ${a}C${bend} ${a} ${bend} ${b} ${x1} ${b}`
      return `<path class="${to === line ? 'accent' : 'step'}" d="${d}"/>`
    }),
  )
  const boxes = NAMES.map(name => {
    const [x, y] = PLACES[name]
    const d = `M${x} ${y}h${BOX}v${TALL}h${-BOX}z`
    const held = gradients[name]
    const fill = isWrong(shown, name) ? 'area rows' : held && holders(name) > 1 ? 'area accent' : ''
    const text = (dy: number, words: string, kind = ''): string =>
      `<text${kind && ` class="${kind}"`} x="${x + 9}" y="${y + dy}">${words}</text>`
    return (
      (fill && `<path class="${fill}" d="${d}"/>`) +
      `<path class="${name === line ? 'accent' : 'line'}" d="${d}"/>` +
      text(19, FORMULAS[name], 'name') +
      text(37, `= ${short(values[name])}`) +
      text(56, held ? `d${name} = ${short(held.value)}, in g${held.tensor}` : `d${name}: none yet`)
    )
  })
  return arrows.join('') + boxes.join('')
}
