/**
 * A text of the book as HTML: Markdown by markdown-it, equations as MathML by Temml. Comments in it become code of the
 * sources and places of live figures.
 */
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { tex } from '@mdit/plugin-tex'
import MarkdownIt, { type Token } from 'markdown-it'
import temml from 'temml'
import { escaped } from '../../../src/run/report/html.ts'
import { addressOf, folderOf, from, PLACE, STARTS, sourcePage } from './addresses.ts'
import { ROOT } from './book.ts'
import { MARKER } from './regions.ts'

/** A page that is being made. */
export interface Making {
  /** The Markdown file, from the root on. */
  readonly file: string
  /** Files of the repository that the page links to, each of which gets a page of its own. */
  readonly sources: Set<string>
  /** Pictures beside the Markdown file. */
  readonly pictures: Set<string>
}

const md = MarkdownIt({ html: true, typographer: false }).use(tex, {
  render(content, displayMode) {
    const math = temml.renderToString(content, { displayMode, throwOnError: true })
    // A long one scrolls in a narrow window, by keys, too.
    return displayMode ? `<div class="equation" tabindex="0" role="group" aria-label="Equation">${math}</div>\n` : math
  },
})
/** Comments are for us, see arranged(); other HTML would look different on a code host. */
md.renderer.rules.html_inline = (tokens, i) => {
  throw new Error(`no HTML in the text, please: ${tokens[i]!.content}`)
}

/** The way GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** The address of a relative link of a Markdown file, on the site. @throws where it leads nowhere. */
function linkOf(href: string, { file, sources }: Making): string {
  if (/^(https?:|#)/.test(href)) return href
  const [path, anchor] = href.split('#') as [string, string?]
  let to = normalize(join(dirname(file), path)).replace(/\/$/, '')
  const own = folderOf(file)
  const isPage = STARTS.has(to) || new RegExp(`^${PLACE}/[\\w-]+/chapter\\.md$`).test(to)
  if (!existsSync(ROOT + to)) throw new Error(`${file}: the link ${href} leads nowhere`)
  if (isPage) return from(own, addressOf(to)) + (anchor ? `#${anchor}` : '')
  if (existsSync(`${ROOT}${to}/README.md`)) to = `${to}/README.md`
  if (!/\.\w+$/.test(to)) throw new Error(`${file}: the link ${href} leads to a folder without a README.md`)
  sources.add(to)
  return from(own, sourcePage(to))
}

/** Attributes of an element, each with a blank before it. */
export const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('')

/** A block of code in which the reader can scroll with keys. */
export const codeBlock = (code: string, label: string): string =>
  `<pre${attributes({ tabindex: '0', role: 'region', 'aria-label': label })}><code>${escaped(code)}</code></pre>`

/** Code that is a region of a source file, under the file's name. */
function included(marker: RegExpExecArray, code: string, making: Making): string {
  const [, path, name] = marker as unknown as [string, string, string?]
  making.sources.add(path)
  const address = from(folderOf(making.file), sourcePage(path))
  const link = `<a href="${escaped(address)}">${escaped(path)}</a>`
  const caption = `<figcaption>${link}${name ? `, ${name}` : ''}</figcaption>`
  return `<figure class="code">${caption}${codeBlock(code, name ? `${name} of ${path}` : path)}</figure>\n`
}

/** The place of a live figure: until it lives, the recorded picture of the Markdown file. */
const figurePlace = (name: string, picture: string): string =>
  `<div${attributes({ class: 'figure card', 'data-figure': name })}>${picture}` +
  '<noscript><p class="quiet">With JavaScript and WebGPU this figure computes in the page, and has controls. ' +
  'The picture was recorded.</p></noscript></div>\n'

/**
 * The tokens of a chapter, in which comments have done their work: one that names a region goes into the block of code
 * after it, one that names a figure into the picture after it.
 *
 * @throws on HTML that is neither.
 */
function arranged(tokens: readonly Token[], making: Making): Token[] {
  const kept: Token[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    if (token.type === 'heading_open') token.attrSet('id', anchorOf(tokens[i + 1]!.content))
    for (const child of token.children ?? []) {
      const [href, src] = [child.attrGet('href'), child.attrGet('src')]
      if (href) child.attrSet('href', linkOf(href, making))
      if (src) {
        if (!existsSync(`${ROOT}${dirname(making.file)}/${src}`) || src.includes('..'))
          throw new Error(`${making.file}: there is no picture ${src} beside or below it`)
        making.pictures.add(src)
      }
    }
    if (token.type === 'html_block') {
      const comment = token.content.trim()
      const next = tokens[i + 1]
      const region = MARKER.exec(comment)
      const figure = /^<!-- figure: ([\w-]+) -->$/.exec(comment)
      if (region && next?.type === 'fence') {
        token.content = included(region, next.content, making)
        kept.push(token)
        i++
      } else if (figure && tokens[i + 2]?.children?.[0]?.type === 'image') {
        const [inline] = arranged([tokens[i + 2]!], making)
        token.content = figurePlace(figure[1]!, md.renderer.render([inline!], md.options, {}))
        kept.push(token)
        i += 3 // paragraph_open, inline, paragraph_close
      } else if (!/^<!-- (equation: [\w ]+|(end of )?contents) -->$/.test(comment))
        throw new Error(
          `${making.file}: ${comment.slice(0, 80)} is neither a region before a block of code, nor a figure before a ` +
            'picture, nor an equation',
        )
      continue
    }
    kept.push(token)
  }
  return kept
}
md.renderer.rules.fence = (tokens, i) => `${codeBlock(tokens[i]!.content, 'Code')}\n`
md.renderer.rules.code_block = md.renderer.rules.fence
md.renderer.rules.table_open = () => '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
md.renderer.rules.table_close = () => '</table></div>\n'

/** A Markdown file as an article, with more HTML at its end. @throws where it, an equation or a link is wrong. */
export function article(making: Making, text: string, end = ''): string {
  const tokens = arranged(md.parse(text, {}), making)
  return `<main><article>\n${md.renderer.render(tokens, md.options, {})}${end}</article></main>`
}
