/** The book as pages, made at build time. What a page needs lies beside it, and all its addresses are relative. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path/posix'
import { escaped } from '../../../src/run/report/html.ts'
import { from, PLACE, STARTS, sourcePage } from './addresses.ts'
import { CHAPTERS, type Chapter, chapters, isLive, isThere, ROOT, textOf } from './book.ts'
import { article, attributes, codeBlock, type Making } from './markdown.ts'

/** The list of all chapters, beside each of them. */
function contents(here: Chapter): string {
  const items = CHAPTERS.map((chapter, i) => {
    const title = `<span class="number">${i + 1}</span> ${escaped(chapter.title)}`
    if (!isThere(chapter)) return `<li class="quiet">${title}</li>`
    const current = chapter === here ? ' aria-current="page"' : ''
    return `<li><a${attributes({ href: from(`${here.id}/`, `${chapter.id}/`) })}${current}>${title}</a></li>`
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
    const text = article(own, textOf(chapter), neighbours(chapter))
    const body = `<div class="reading-room">${contents(chapter)}${text}</div>`
    const script = isLive(chapter) ? `${id}/page.js` : 'shell.js'
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
