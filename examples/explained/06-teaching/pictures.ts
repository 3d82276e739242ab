/** The chapter's picture: both answers at two temperatures, and the size of the gradients. */
import type { Photo } from '../../../src/tasn/photo.ts'
import type { Pictures } from '../frame/pictures.ts'
import { imageAt, pictureOf, rgbOf } from '../frame/svg.ts'
import { plotInside } from '../page/plot.ts'
import { BARS, bars, sizesPlot, WEIGHTS } from './draw.ts'
import { norm, type Options, teach } from './figure_worker.ts'

export const pictures: Pictures = async () => {
  const options: Options = { bird: 68, channel: 5, temperature: 1, times: 1, teacherLearns: false }
  const [cold, warm] = [await teach(options), await teach({ ...options, temperature: 10 })]
  const at = (x: number, y: number, inside: string): string => `<g transform="translate(${x} ${y})">${inside}</g>`
  const sample = async (x: number, photo: Photo, title: string): Promise<string> =>
    `<text class="title" x="${x}" y="${BARS.height + 54}">${title}</text>` +
    (await imageAt(x, BARS.height + 66, 192, rgbOf(photo), photo.width))
  const style =
    '.bar { stroke: none } .bar.accent { fill: #8a3b12 } .bar.columns { fill: #1f63a8 } .truth { font-weight: 600 }'
  const right = BARS.width + 32
  const inside = [
    `<style>${style}</style>`,
    '<text class="title" x="0" y="16">At temperature 1</text>',
    at(0, 26, bars(cold)),
    `<text class="title" x="${right}" y="16">At temperature 10</text>`,
    at(right, 26, bars(warm)),
    at(0, BARS.height + 40, plotInside(sizesPlot(warm.sizes, WEIGHTS.hard * norm(warm.hard.student), 10))),
    await sample(right + 40, warm.detail, 'Part-net sees'),
    await sample(right + 250, warm.structure, 'Master-net sees'),
  ]
  return { teaching: pictureOf(right + BARS.width, BARS.height + 296, inside.join('')) }
}
