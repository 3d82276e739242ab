/** The chapter's picture: the whole walk done, as the engine does it and with gradients added in place. */
import type { Pictures } from '../frame/pictures.ts'
import { pictureOf } from '../frame/svg.ts'
import { SIZE, tapeInside } from './draw.ts'
import { walk } from './figure_worker.ts'

export const pictures: Pictures = async () => {
  const at = { x: 2, w: 1 }
  const walks = [await walk({ ...at, inPlace: false }), await walk({ ...at, inPlace: true })]
  const right = walks[0]!.steps.at(-1)!.after
  const panels = walks.map(({ values, steps }, i) => {
    const title = i ? 'added in place: dx is wrong' : 'as the engine adds: a new tensor for each sum'
    const inside = tapeInside({ values, gradients: steps.at(-1)!.after, right, line: undefined })
    return (
      `<g transform="translate(8 ${i * (SIZE.height + 40)})"><text class="title" x="4" y="22">${title}</text>` +
      `<g transform="translate(0 30)">${inside}</g></g>`
    )
  })
  return { tape: pictureOf(SIZE.width + 16, 2 * SIZE.height + 60, panels.join('')) }
}
