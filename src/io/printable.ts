/** Text from files of unknown origin, made fit for a terminal and for a line of an error. */

/** Control characters, which move the cursor or set colours; line ends; marks that turn the direction of writing. */
const HARMFUL = /[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** The text with harmful characters as `\u{1b}`, and cut after `most` characters. */
export function printable(text: string, most = 60): string {
  const shown = text.length > most ? `${text.slice(0, most)}...` : text
  return shown.replace(HARMFUL, c => `\\u{${c.codePointAt(0)!.toString(16)}}`)
}

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
