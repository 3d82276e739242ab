/** The chapter's picture: gelu as it should be, and with a wrong slope, with what the tests say. */
import { readFileSync } from 'node:fs'
import type { Pictures } from '../frame/pictures.ts'
import { pictureOf } from '../frame/svg.ts'
import { CAPTION, curvesInside, SIZE } from './draw.ts'
import { examine } from './figure_worker.ts'
import { filesIn } from './files.ts'
import { MISTAKES } from './mistakes.ts'

const { width, height } = SIZE

export const pictures: Pictures = async () => {
  const { shader } = filesIn(readFileSync(new URL('chapter.md', import.meta.url), 'utf8'))
  const { words, from, to } = MISTAKES.product
  const panels: string[] = []
  for (const [title, text] of [
    ['as in the text', shader],
    [words, shader.replaceAll(from, to)],
  ] as const) {
    const { values, tests } = await examine({ shader: text })
    const said = tests.map(({ fault }) => fault?.replace(/^gelu\/gelu, lanes at \S+ /, '') ?? 'passes')
    panels.push(
      `<g transform="translate(${panels.length * (width + 20)} 0)"><text class="title" x="30" y="22">${title}</text>` +
        `<text x="30" y="44">${CAPTION}</text>` +
        `<g transform="translate(0 50)">${curvesInside(values!)}</g>` +
        said.map((s, i) => `<text x="30" y="${height + 72 + 20 * i}">test ${i + 1}: ${s}</text>`).join('') +
        '</g>',
    )
  }
  return { gelu: pictureOf(2 * width + 20, height + 106, panels.join('')) }
}
