/** Pictures of the tour, in characters. */

const SHADES = [...' .:-=+*#%@']
const BARS = [...' ▁▂▃▄▅▆▇█']

/** The one of `levels` that v is, from the first at `least` to the last at `most`. */
const level = (levels: readonly string[], v: number, least: number, most: number): string =>
  levels[Math.round(((levels.length - 1) * (v - least)) / (most - least || 1))]!

/** A map of values, row by row, `width` in a row: a character for each two values above each other, the largest @. */
export function shades(values: ArrayLike<number>, width: number): string[] {
  const pairs = Array.from({ length: values.length / 2 }, (_, i) => {
    const upper = Math.floor(i / width) * 2 * width + (i % width)
    return (values[upper]! + values[upper + width]!) / 2
  })
  const [least, most] = [Math.min(...pairs), Math.max(...pairs)]
  const all = pairs.map(v => level(SHADES, v, least, most)).join('')
  return Array.from({ length: pairs.length / width }, (_, y) => all.slice(y * width, (y + 1) * width))
}

/** A row of values as bars, from 0 to `most`. */
export const bars = (values: ArrayLike<number>, most = Math.max(...Array.from(values))): string =>
  Array.from(values, v => level(BARS, v, 0, most)).join('')

/** Brightness of RGB pixels, row by row. */
export const grey = ({ data }: { data: ArrayLike<number> }): number[] =>
  Array.from({ length: data.length / 3 }, (_, i) => data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!)

/** Pictures of one size side by side, each under its title. */
export const sideBySide = (pictures: Readonly<Record<string, readonly string[]>>): string => {
  const [titles, all] = [Object.keys(pictures), Object.values(pictures)]
  const widths = all.map((lines, i) => Math.max(lines[0]!.length, titles[i]!.length))
  return [titles, ...all[0]!.map((_, y) => all.map(lines => lines[y]!))]
    .map(row => `  ${row.map((text, i) => text.padEnd(widths[i]!)).join('   ')}`.trimEnd())
    .join('\n')
}
