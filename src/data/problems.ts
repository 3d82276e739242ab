/** DataError: the error that every fault in a user's data is reported with, and the pieces of its message. */

/** A fault in the user's data. Its message says the place, what was expected, what was found, and the remedy. */
export class DataError extends Error {
  override name = 'DataError'
}

/** Throws, if there are problems, one DataError with the first 10 under `headline` and the number of the rest. */
export function throwIfAny(problems: readonly string[], headline: string): void {
  if (!problems.length) return
  const shown = problems
    .slice(0, 10)
    .map(p => `\n  ${p}`)
    .join('')
  const more = problems.length > 10 ? `\n  … and ${problems.length - 10} more` : ''
  throw new DataError(`${headline}: ${problems.length} problem${problems.length > 1 ? 's' : ''}${shown}${more}`)
}

/** Quotes a piece of a user's file: control characters escaped, cut to 60 characters. */
export const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
