/** The chapter's picture: the memory of TASN's training step, as planned and without sharing. */
import type { Pictures } from '../frame/pictures.ts'
import { pictureOf } from '../frame/svg.ts'
import { bytesText, memory, SEEN, SIZE } from './draw.ts'
import { recorded } from './figure_worker.ts'

export const pictures: Pictures = async () => {
  const step = recorded({ step: 'TASN', images: 24 })
  const part = (layout: 'planned' | 'apart', top: number, title: string): string =>
    `<g transform="translate(0 ${top})"><text class="title" x="74" y="16">${title}</text>` +
    `<g transform="translate(0 22)">${memory(step, layout, SEEN)}</g></g>`
  const style =
    '<style>.block{stroke:white;stroke-width:.4;fill:#efeeea}.alive{fill:#1f63a8;fill-opacity:.45}' +
    '.reads{fill:#1f63a8}.writes{fill:#8a3b12}.now{stroke:#22252a}</style>'
  const inside =
    part('planned', 0, `As planned: ${bytesText(step.planned)} for ${step.launches.length} launches`) +
    part('apart', SIZE.height + 34, `Each block apart: ${bytesText(step.unplanned)}`)
  return { plan: pictureOf(SIZE.width, 2 * SIZE.height + 60, style + inside) }
}
