/** Tables as text: in a terminal, and as Markdown. */

/** Columns as wide as their widest cell: the first to the left and, if so told, others; numbers to the right. */
export function columns(lines: readonly (readonly string[])[], toLeft: (column: number) => boolean): string {
  const width = lines[0]!.map((_, c) => Math.max(...lines.map(line => line[c]!.length)))
  return lines
    .map(line =>
      line
        .map((cell, c) => (toLeft(c) ? cell.padEnd(width[c]!) : cell.padStart(width[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A Markdown table. */
export const markdown = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body].map(line => `| ${line.join(' | ')} |`).join('\n')

/** 1,234.5 */
export const figure = (n: number, digits = 0): string =>
  n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

export const mebibytes = (bytes: number, digits = 1): string => figure(bytes / 2 ** 20, digits)
