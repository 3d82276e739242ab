/** Values as a page writes them, and the colours that its style sheet has. */
import type { Chart } from '../page_data.ts'

/** A value with its unit, as the legend shows it. */
export function valueText(v: number | null | undefined, unit: Chart['unit']): string {
  if (v === null || v === undefined) return '–'
  if (unit === 'percent') return `${(100 * v).toFixed(1)} %`
  if (unit === 'rate') return v === 0 ? '0' : v.toPrecision(3)
  if (unit === 'loss') return v.toFixed(3)
  return `${v.toFixed(1)} ${unit}`
}

/** A value beside an axis. */
export function tickText(v: number, unit: Chart['unit']): string {
  if (unit === 'percent') return `${Math.round(100 * v)} %`
  return unit === 'rate' ? `${Number(v.toPrecision(2))}` : v.toLocaleString('en-US')
}

/** A custom property of the page's style. */
export const styled = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** The colour of a curve; there are eight, and they begin again after them. */
export const curveColour = (n: number): string => styled(`curve-${n % 8}`)
