/**
 * The book as pages: Markdown to HTML by markdown-it, equations to MathML by Temml, both at build time. What a page
 * needs lies beside it, and all its addresses are relative.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path/posix'
import { tex } from '@mdit/plugin-tex'
import MarkdownIt, { type Token } from 'markdown-it'
import temml from 'temml'
import { escaped } from '../../../src/run/report/html.ts'
import { BOOK, CHAPTERS, type Chapter, chapters, isThere, ROOT, textOf } from './book.ts'
import { MARKER } from './regions.ts'

/** The book's place in the repository. */
const PLACE = 'examples/explained'

/** A page that is being made. */
interface Making {
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

/** The page of a source file on the site. */
const sourcePage = (path: string): string => `source/${path}.html`

/** The pages at the start of the book, by their files: the contents, and the summary in Chinese. */
const STARTS = new Map([
  [`${PLACE}/README.md`, { address: '', lang: 'en', title: 'TASN, explained by running it' }],
  [`${PLACE}/README.zh.md`, { address: 'zh.html', lang: 'zh', title: 'TASN：四个问题的回答' }],
])

/** The page's own address on the site, of its Markdown file: 03-name/chapter.md is 03-name/. */
const addressOf = (file: string): string => STARTS.get(file)?.address ?? `${relative(PLACE, dirname(file))}/`

/** The folder of a Markdown file's page on the site. */
const folderOf = (file: string): string => (STARTS.has(file) ? '' : addressOf(file))

/** An address on the site, as a page in another folder of it writes it. */
const from = (folder: string, to: string): string => {
  const path = relative(folder || '.', to || '.') || '.'
  return to === '' || to.endsWith('/') ? `${path}/` : path
}

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

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('')

/** A block of code in which the reader can scroll with keys. */
const codeBlock = (code: string, label: string): string =>
  `<pre${attributes({ tabindex: '0', role: 'region', 'aria-label': label })}><code>${escaped(code)}</code></pre>`

/** Code that is a region of a source file, under the file's name. */
function included(marker: RegExpExecArray, code: string, making: Making): string {
  const [, path, name] = marker as unknown as [string, string, string?]
  making.sources.add(path)
  const address = from(addressOf(making.file), sourcePage(path))
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

/** The list of all chapters, beside each page of the book. */
function contents(folder: string, here?: Chapter): string {
  const items = CHAPTERS.map((chapter, i) => {
    const title = `<span class="number">${i + 1}</span> ${escaped(chapter.title)}`
    if (!isThere(chapter)) return `<li class="quiet">${title}</li>`
    const current = chapter === here ? ' aria-current="page"' : ''
    return `<li><a${attributes({ href: from(folder, `${chapter.id}/`) })}${current}>${title}</a></li>`
  })
  return `<nav class="contents" aria-label="Chapters"><ol>${items.join('')}</ol></nav>`
}

/** Links to the chapters before and after. */
function neighbours(here: Chapter): string {
  const all = chapters()
  const at = all.indexOf(here)
  const link = (chapter: Chapter | undefined, rel: string, before: string, after: string): string => {
    if (!chapter) return '<span></span>'
    const href = from(`${here.id}/`, `${chapter.id}/`)
    return `<a${attributes({ rel, href })}>${before}${escaped(chapter.title)}${after}</a>`
  }
  return (
    '<nav class="neighbours" aria-label="Previous and next chapter">' +
    `${link(all[at - 1], 'prev', '← ', '')}${link(all[at + 1], 'next', '', ' →')}</nav>`
  )
}

interface Page {
  readonly title: string
  readonly lang?: string
  /** Its folder on the site. */
  readonly folder: string
  readonly body: string
  readonly script?: string
}

/** A page around its body: the demo's look, its switch between light and dark. */
function frame({ title, lang = 'en', folder, body, script = 'shell.js' }: Page): string {
  const to = (address: string): string => escaped(from(folder, address))
  return `<!doctype html>
<html lang="${lang}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${escaped(title)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${to('style.css')}">
    <link rel="stylesheet" href="${to('book.css')}">
    <script type="module" src="${to(script)}"></script>
  </head>
  <body class="book">
    <header>
      <p><a href="${to('')}">TASN, explained by running it</a> · <a href="${to('../')}">the demo</a></p>
      <div id="theme"></div>
    </header>
${body}
    <footer><p id="adapter"></p><p>Everything is computed in this page. Nothing is sent anywhere.</p></footer>
  </body>
</html>
`
}

/** A Markdown file as HTML. */
function article(making: Making, text: string): string {
  const tokens = arranged(md.parse(text, {}), making)
  return `<main><article>\n${md.renderer.render(tokens, md.options, {})}</article></main>`
}

export interface Pages {
  /** HTML by its path on the site. */
  readonly html: ReadonlyMap<string, string>
  /** Files to be copied: from the root of the repository on, by their paths on the site. */
  readonly copies: ReadonlyMap<string, string>
}

/** All pages of the book. @throws where Markdown, an equation or a link is wrong, naming the file. */
export function pagesOf(): Pages {
  const html = new Map<string, string>()
  const copies = new Map<string, string>()
  const sources = new Set<string>()
  const making = (file: string): Making => ({ file, sources, pictures: new Set() })

  for (const [file, { address, lang, title }] of STARTS) {
    const own = making(file)
    const body = article(own, readFileSync(ROOT + file, 'utf8'))
    html.set(address || 'index.html', frame({ title, lang, folder: '', body }))
    for (const picture of own.pictures) copies.set(picture, `${PLACE}/${picture}`)
  }

  for (const chapter of chapters()) {
    const { id, title } = chapter
    const own = making(`${PLACE}/${id}/chapter.md`)
    const body = `<div class="reading-room">${contents(`${id}/`, chapter)}${article(own, textOf(chapter)).replace(
      '</article>',
      `${neighbours(chapter)}</article>`,
    )}</div>`
    const script = existsSync(`${BOOK}${id}/figure.ts`) ? `${id}/page.js` : 'shell.js'
    html.set(`${id}/index.html`, frame({ title: `${title} · TASN, explained`, folder: `${id}/`, body, script }))
    for (const picture of own.pictures) copies.set(`${id}/${picture}`, `${PLACE}/${id}/${picture}`)
  }
  for (const path of sources) {
    const code = codeBlock(readFileSync(ROOT + path, 'utf8'), path)
    const body = `<main><h1 class="path">${escaped(path)}</h1>${code}</main>`
    html.set(sourcePage(path), frame({ title: path, folder: `${dirname(sourcePage(path))}/`, body }))
  }
  return { html, copies }
}
