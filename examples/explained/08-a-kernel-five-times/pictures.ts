/** The chapter's picture: who owns what in each of the five rungs, and what one lane of each loads. */
import type { Pictures } from '../frame/pictures.ts'
import { pictureOf } from '../frame/svg.ts'
import { LANE, laneSeen, products, SIZE, tiles } from './draw.ts'
import { owned, RUNGS } from './figure_worker.ts'

export const pictures: Pictures = async () => {
  const size = 16
  const rows: string[] = []
  for (const [i, rung] of RUNGS.entries()) {
    const each = await owned({ channels: 32, filters: 64, size, rung })
    const who = each.owners[(size * size + size) / 2]!
    const [group, lane] = [Math.floor(who / each.lanes), who % each.lanes]
    const seen = laneSeen(each, size * size, who, 288)!
    const loads = (seen.x + seen.w) / (seen.channels * seen.pixels)
    rows.push(
      `<g transform="translate(0 ${i * (SIZE.height + 68)})">` +
        `<text class="title" x="34" y="16">${i + 1}. ${rung}: ${loads.toFixed(3)} loads from memory a product</text>` +
        (i ? '' : `<text x="840" y="16" text-anchor="end">64 channels down, 256 pixels across</text>`) +
        `<g transform="translate(0 22)">${tiles(each, size * size, group, lane)}</g>` +
        `<g transform="translate(850 22)">${products(seen)}</g></g>`,
    )
  }
  const style =
    '<style>.group{stroke:#a9a59c}.group.chosen{stroke:#1f63a8;stroke-width:1.5}.lane{fill:#8a3b12}' +
    [0.18, 0.32, 0.46, 0.6].map((o, i) => `.shade${i}{fill:#1f63a8;fill-opacity:${o}}`).join('') +
    '.product{fill:#dcdad3}.number.x,.number.w{stroke:#8a3b12;stroke-width:.8}.loaded{fill:#8a3b12}</style>'
  const [width, height] = [850 + LANE.width, RUNGS.length * (SIZE.height + 68)]
  return { rungs: pictureOf(width, height, style + rows.join('')) }
}
