/** Pictures of the tour, in characters. */
import type { Photo } from '../src/index.ts'

const SHADES = [...' .:-=+*#%@']
const BARS = [...' ▁▂▃▄▅▆▇█']

/** The one of `levels` that v is, from the first at `least` to the last at `most`. */
const level = (levels: readonly string[], v: number, least: number, most: number): string =>
  levels[Math.round(((levels.length - 1) * (v - least)) / (most - least || 1))]!

/** Values, `width` in a row, as characters: blank for the smallest, @ for the largest. Each takes two, to be square. */
export function shades(values: ArrayLike<number>, width: number): string[] {
  const all = Array.from(values)
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const text = all.map(v => level(SHADES, v, least, most).repeat(2)).join('')
  return Array.from({ length: all.length / width }, (_, y) => text.slice(2 * y * width, 2 * (y + 1) * width))
}

/** Red, green and blue of a photo's pixel, added up. */
export function brightness({ width, height, data }: Photo, pixel: number): number {
  const first = (data.length / (width * height)) * pixel
  return data[first]! + data[first + 1]! + data[first + 2]!
}

/** Values, `width` in a row, as shades(), but with one character for each two above each other: finer. */
export function fine(values: ArrayLike<number>, width: number): string[] {
  const pairs = Array.from({ length: values.length / 2 }, (_, i) => {
    const upper = Math.floor(i / width) * 2 * width + (i % width)
    return values[upper]! + values[upper + width]!
  })
  return shades(pairs, width).map(line => [...line].filter((_, i) => i % 2 === 0).join(''))
}

/** A photo in characters. */
export const grey = (photo: Photo): string[] =>
  fine(
    Array.from({ length: photo.width * photo.height }, (_, i) => brightness(photo, i)),
    photo.width,
  )

/** Values in columns of eight characters. */
export const numbers = (digits: number, values: ArrayLike<number>): string =>
  Array.from(values, v => v.toFixed(digits).padStart(8)).join('')

/** A share in per cent. */
export const percent = (share: number): string => `${(100 * share).toFixed(1).padStart(5)} %`

/** An axis of `source` pixels, a character for each two: | where one of the positions lies. */
export function ruler(source: number, positions: ArrayLike<number>): string {
  const taken = new Set(Array.from(positions, p => Math.floor(p / 2)))
  return Array.from({ length: source / 2 }, (_, k) => (taken.has(k) ? '|' : '.')).join('')
}

/** A row of values as bars of two characters, from 0 to the largest. */
export const bars = (values: ArrayLike<number>): string =>
  Array.from(values, v => level(BARS, v, 0, Math.max(...Array.from(values))).repeat(2)).join('')

/** A text under its title, in lines of at most 110 characters. */
export const wrapped = (title: string, text: string): string =>
  `\n  ${title}\n    ${text
    .replaceAll(/ +/g, ' ')
    .replaceAll(/(.{1,104})(?: |$)/g, '$1\n    ')
    .trim()}`

/** Pictures of one size side by side, each under its title. */
export const sideBySide = (pictures: Readonly<Record<string, readonly string[]>>): string => {
  const [titles, all] = [Object.keys(pictures), Object.values(pictures)]
  const widths = all.map((lines, i) => Math.max(lines[0]!.length, titles[i]!.length))
  return [titles, ...all[0]!.map((_, y) => all.map(lines => lines[y]!))]
    .map(row => `  ${row.map((text, i) => text.padEnd(widths[i]!)).join('   ')}`.trimEnd())
    .join('\n')
}
