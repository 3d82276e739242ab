/** The places of files on the book's site, as its pages write them: all addresses are relative. */
import { dirname, relative } from 'node:path/posix'

/** The book's place in the repository. */
export const PLACE = 'examples/explained'

/** The page of a source file on the site. */
export const sourcePage = (path: string): string => `source/${path}.html`

/** The pages at the start of the book, by their files: the contents, and the summary in Chinese. */
export const STARTS = new Map([
  [`${PLACE}/README.md`, { address: '', lang: 'en', title: 'TASN, explained by running it' }],
  [`${PLACE}/README.zh.md`, { address: 'zh.html', lang: 'zh', title: 'TASN：四个问题的回答' }],
])

/** The folder of a Markdown file's page on the site: of 03-name/chapter.md it is 03-name/. */
export const folderOf = (file: string): string => (STARTS.has(file) ? '' : `${relative(PLACE, dirname(file))}/`)

/** The address of a Markdown file's page on the site. */
export const addressOf = (file: string): string => STARTS.get(file)?.address ?? folderOf(file)

/** An address on the site, as a page in another folder of it writes it. */
export const from = (folder: string, to: string): string => {
  const path = relative(folder || '.', to || '.') || '.'
  return to === '' || to.endsWith('/') ? `${path}/` : path
}
