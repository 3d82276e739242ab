/** Text from files of unknown origin, made fit for a terminal and for a line of an error. */

/** Control characters, which move the cursor or set colours; line ends; marks that turn the direction of writing. */
const HARMFUL = /[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The text with harmful characters as `\u001b`, and cut after `most` characters. */
export function printable(text: string, most = 60): string {
  const shown = text.length > most ? `${text.slice(0, most)}...` : text
  return shown.replace(HARMFUL, escaped)
}

/** The same for a text of several lines, which is not cut: tabs and line ends stay. */
export const printableLines = (text: string): string =>
  text.replace(HARMFUL, c => (c === '\t' || c === '\n' ? c : escaped(c)))

/** The text in quotation marks. */
export const quote = (text: string): string => `"${printable(text).replaceAll('"', '\\"')}"`

/** A value from a file as JSON. */
export function printableJson(value: unknown): string {
  try {
    return printable(JSON.stringify(value) ?? 'missing')
  } catch {
    return 'something nested too deeply' // JSON.stringify() calls itself for each level
  }
}
