/** The chapter's picture: one spot on a floor, by the maximum and by the sum. */
import type { Pictures } from '../frame/pictures.ts'
import { pngOf } from '../frame/png.ts'
import { plotInside } from '../page/plot.ts'
import { densityPlot, integralPlot } from './draw.ts'
import { magnify, OUT, type Seen, scene } from './figure_worker.ts'

/** A plot, moved. */
const at = (x: number, y: number, inside: string): string => `<g transform="translate(${x} ${y})">${inside}</g>`

export const pictures: Pictures = async () => {
  const { image, eye } = scene()
  const map = { shape: 'spot', sigma: 20, ...eye, floor: 0.2 } as const
  const { max, sum } = await magnify({ ...map, dense: 4, rounds: 5, coupled: true, cap: 'rounds' })
  const png = async (rgb: ArrayLike<number>, size: number): Promise<string> =>
    `data:image/png;base64,${(await pngOf(rgb, size)).toString('base64')}`
  const planes = (s: Float32Array): number[] => [...s.keys()].map(i => s[(i % 3) * OUT * OUT + Math.floor(i / 3)]!)
  const side = async (x: number, title: string, seen: Seen): Promise<string> => {
    const [rows, columns] = seen.atSpot.map(v => v.toFixed(2))
    return at(
      x,
      0,
      `<text class="title" x="34" y="22">${title}: the eye is magnified ${columns} × ${rows}</text>` +
        `<image x="34" y="34" width="210" height="210" href="${await png(planes(seen.sample), OUT)}"/>` +
        at(0, 256, plotInside(densityPlot(seen, 4))) +
        at(0, 456, plotInside(integralPlot(seen.columns))),
    )
  }
  const lines = [
    ...[...max.columns.positions].filter((_, i) => i % 4 === 2).map(p => `M${p + 0.5} 0V${image.width}`),
    ...[...max.rows.positions].filter((_, i) => i % 4 === 2).map(p => `M0 ${p + 0.5}H${image.width}`),
  ]
  const read =
    `<image x="288" y="34" width="192" height="192" href="${await png(image.data, image.width)}"/>` +
    at(288, 34, `<path class="grid-lines" d="${lines.join('')}"/>`) +
    '<text x="288" y="242">where the sample on the left reads</text>'
  const inside = (await side(0, 'By the maximum', max)) + read + (await side(500, 'By the sum', sum))
  return { magnifier: `<svg xmlns="http://www.w3.org/2000/svg" width="930" height="690">${inside}</svg>` }
}
