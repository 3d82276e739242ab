/** The chapter's picture: one spot on a floor, by the maximum and by the sum. */
import type { Pictures } from '../frame/pictures.ts'
import { imageAt, pictureOf } from '../frame/svg.ts'
import { plotInside } from '../page/plot.ts'
import { bytesOf, densityPlot, gridPath, integralPlot } from './draw.ts'
import { magnify, OUT, type Seen, scene } from './figure_worker.ts'

/** A plot, moved. */
const at = (x: number, y: number, inside: string): string => `<g transform="translate(${x} ${y})">${inside}</g>`

export const pictures: Pictures = async () => {
  const { image, eye } = scene()
  const map = { shape: 'spot', sigma: 20, ...eye, floor: 0.2 } as const
  const { max, sum } = await magnify({ ...map, dense: 4, rounds: 5, coupled: true, cap: 'rounds' })
  const side = async (x: number, title: string, seen: Seen): Promise<string> => {
    const [rows, columns] = seen.atSpot.map(v => v.toFixed(2))
    return at(
      x,
      0,
      `<text class="title" x="34" y="22">${title}: the eye is magnified ${columns} × ${rows}</text>` +
        (await imageAt(34, 34, 210, bytesOf(seen.sample), OUT)) +
        at(0, 256, plotInside(densityPlot(seen, 4))) +
        at(0, 456, plotInside(integralPlot(seen.columns))),
    )
  }
  const read =
    (await imageAt(288, 34, 192, image.data, image.width)) +
    at(288, 34, `<path class="grid-lines" d="${gridPath(max, image)}"/>`) +
    '<text x="288" y="242">where the sample on the left reads</text>'
  const inside = (await side(0, 'By the maximum', max)) + read + (await side(500, 'By the sum', sum))
  return { magnifier: pictureOf(930, 690, inside) }
}
