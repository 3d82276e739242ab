/** The chapter's picture: both answers at two temperatures, and the size of the gradients. */
import type { Pictures } from '../frame/pictures.ts'
import { plotInside } from '../page/plot.ts'
import { BARS, bars, sizesPlot, WEIGHTS } from './draw.ts'
import { norm, type Options, teach } from './figure_worker.ts'

export const pictures: Pictures = async () => {
  const options: Options = { bird: 68, channel: 5, temperature: 1, times: 1, teacherLearns: false }
  const [cold, warm] = [await teach(options), await teach({ ...options, temperature: 10 })]
  const at = (x: number, y: number, inside: string): string => `<g transform="translate(${x} ${y})">${inside}</g>`
  const style =
    '.bar { stroke: none } .bar.accent { fill: #8a3b12 } .bar.columns { fill: #1f63a8 } .truth { font-weight: 600 }'
  const inside = [
    `<style>${style}</style>`,
    '<text class="title" x="0" y="16">At temperature 1</text>',
    at(0, 26, bars(cold)),
    `<text class="title" x="${BARS.width}" y="16">At temperature 10</text>`,
    at(BARS.width, 26, bars(warm)),
    at(20, BARS.height + 40, plotInside(sizesPlot(warm.sizes, WEIGHTS.hard * norm(warm.hard.student), 10))),
  ]
  const [width, height] = [2 * BARS.width, BARS.height + 300]
  return {
    teaching: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inside.join('')}</svg>`,
  }
}
