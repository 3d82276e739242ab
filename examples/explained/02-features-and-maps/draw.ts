/** The matrix of the chapter, for its live figure and for its picture. */

/** A matrix (C,C) as squares of side 1: the darker, the larger. `most` is as dark as can be. */
export function cells(weights: Float32Array, C: number, most: number): string {
  const rects: string[] = []
  for (const [i, v] of weights.entries()) {
    const dark = Math.min(1, Math.max(0, v / most))
    if (dark < 0.004) continue
    const place = `x="${i % C}" y="${Math.floor(i / C)}" width="1" height="1"`
    rects.push(`<rect class="cell" ${place} fill-opacity="${dark.toFixed(3)}"/>`)
  }
  return rects.join('')
}

/** The row and the column that are chosen. */
export const chosen = (row: number, column: number, C: number): string =>
  `<path class="rows" d="M0 ${row}H${C}V${row + 1}H0Z"/>` +
  `<path class="columns" d="M${column} 0H${column + 1}V${C}H${column}Z"/>`

/** Scales of the inner softmax that the slider offers. */
export const SCALES: readonly number[] = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 7]
