/** The chapter's plots, for its live figure and for its picture. */

import type { Photo } from '../../../src/tasn/photo.ts'
import type { PlotOptions } from '../page/plot.ts'
import { type AxisSeen, CELLS, OUT, type Seen } from './figure_worker.ts'

/** Every fourth line of the grid by which the sample reads the image: an SVG path in its pixels. */
export function gridPath({ rows, columns }: Seen, { width, height }: Photo): string {
  const some = ({ positions }: AxisSeen): number[] => [...positions].filter((_, i) => i % 4 === 2)
  return [...some(columns).map(p => `M${p + 0.5} 0V${height}`), ...some(rows).map(p => `M0 ${p + 0.5}H${width}`)].join(
    '',
  )
}

/** Planes of red, green and blue from 0 to 255, as RGB bytes. */
export const bytesOf = (planes: Float32Array): Uint8ClampedArray => {
  const n = planes.length / 3
  return Uint8ClampedArray.from(planes, (_, i) => planes[(i % 3) * n + Math.floor(i / 3)]!)
}

/** Times the uniform density: the range that all plots share, so that they can be compared. */
const MOST = 6

/** Both densities, as magnifications, along their axes. */
export const densityPlot = ({ rows, columns }: Pick<Seen, 'rows' | 'columns'>, dense: number): PlotOptions => ({
  width: 420,
  height: 190,
  x: { max: CELLS, ticks: [0, 128, 256, 384, 512], name: 'cell of the map' },
  y: { max: MOST, ticks: [0, 1, 2, 4, 6], name: 'density, times the uniform one: columns blue, rows red' },
  series: [
    { kind: 'rows', cells: rows.magnification },
    { kind: 'columns', cells: columns.magnification },
  ],
  marks: (x, y) => `<path class="uniform" d="M${x(0)} ${y(dense)}H${x(CELLS)}"/>`,
})

/** The integral of the columns' density: equal steps up, carried back to the axis. */
export function integralPlot({ magnification, positions }: AxisSeen): PlotOptions {
  const points: [number, number][] = [[0, 0]]
  let total = 0
  for (const [k, m] of magnification.entries()) {
    total += (m * OUT) / CELLS
    if (k % 4 === 3) points.push([k + 1, total])
  }
  const every = 7
  return {
    width: 420,
    height: 230,
    x: { max: CELLS, ticks: [0, 128, 256, 384, 512], name: 'x in the image, in cells of the map' },
    y: { max: OUT, ticks: [0, 28, 56, 84], name: 'x in the sample, in pixels: the integral of the density' },
    series: [{ kind: 'columns', points }],
    marks: (x, y) => {
      const cells = [...positions].map(p => ((p + 0.5) * CELLS) / IMAGE)
      const steps = cells.flatMap((cell, o) =>
        o % every === every >> 1
          ? [`<path class="step" d="M${x(0)} ${y(o + 0.5).toFixed(1)}H${x(cell).toFixed(1)}V${y(0)}"/>`]
          : [],
      )
      return steps.join('')
    },
  }
}
/** Pixels of the image each way. */
const IMAGE = 192
