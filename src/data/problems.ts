/** DataError: the error that every fault in a user's data is reported with, and the pieces of its message. */
import { printableLines } from '../io/printable.ts'

/** A fault in the user's data. Its message says the place, what was expected, what was found, and the remedy. */
export class DataError extends Error {
  override name = 'DataError'

  constructor(message: string) {
    super(printableLines(message))
  }
}

/** Throws, if there are problems, one DataError with the first 10 under `headline` and the number of the rest. */
export function throwIfAny(problems: readonly string[], headline: string): void {
  if (!problems.length) return
  const more = problems.length > 10 ? `\n  … and ${problems.length - 10} more` : ''
  throw new DataError(`${headline}: ${counted(problems.length, 'problem')}${listed(problems.slice(0, 10))}${more}`)
}

/** Each on a line of its own. */
export const listed = (lines: readonly string[]): string => lines.map(line => `\n  ${line}`).join('')

/** `1 image`, `2 images`, `3 boxes`. */
export const counted = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? '' : /[sx]$/.test(noun) ? 'es' : 's'}`

/** The first of some names, and the number of the rest: `a; b; c; and 4 more`. */
export const someOf = (names: readonly string[], most = 3): string =>
  names.slice(0, most).join('; ') + (names.length > most ? `; and ${names.length - most} more` : '')

/** Quotes a piece of a user's file: control characters escaped, cut to 60 characters. */
export const quote = (text: string): string =>
  printableLines(JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text))

/** Tells if a text would do more to a terminal than show itself. Tabs and line ends are allowed. */
export const hasControl = (text: string): boolean => printableLines(text) !== text

/** An error's own words on one line, each once, without the name of the decoder's part. */
export function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error))
    .split('\n')
    .map(line => line.replace(/^(Input buffer has corrupt header: )?(Vips\w+: )?/, '').trim())
  const told = lines.filter(line => line && !line.includes('failOn setting'))
  return [...new Set(told)].slice(0, 3).join('; ') || 'no reason given'
}
