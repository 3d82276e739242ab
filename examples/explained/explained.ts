/**
 * Brings the book up to date and builds its pages.
 *
 *     npm run explained                  # included code, table of contents, pages: examples/browser/site/explained
 *     npm run explained -- --serve       # and serves them on this machine; --port 8080 elsewhere than at 5174
 *     npm run explained -- --pictures    # and draws the pictures of all chapters anew, for which the engine computes
 *     npm run explained -- --pictures 03 # those of the chapters whose names begin so
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SITE } from '../browser/build.ts'
import { serve } from '../browser/serve.ts'
import { BOOK, chapters, withContents } from './frame/book.ts'
import { buildBook } from './frame/build.ts'
import { drawPictures } from './frame/pictures.ts'
import { refreshed } from './frame/regions.ts'

/** Rewrites a file of the book, if that changes it. */
function rewrite(path: string, change: (text: string) => string): void {
  const before = readFileSync(BOOK + path, 'utf8')
  const after = change(before)
  if (after === before) return
  writeFileSync(BOOK + path, after)
  console.log(`brought up to date: ${path}`)
}

try {
  const { values, positionals } = parseArgs({
    options: {
      pictures: { type: 'boolean', default: false },
      serve: { type: 'boolean', default: false },
      port: { type: 'string', default: '5174' },
    },
    allowPositionals: true,
  })
  rewrite('README.md', withContents)
  for (const { id } of chapters()) rewrite(`${id}/chapter.md`, refreshed)
  if (values.pictures) for (const file of await drawPictures(positionals)) console.log(`drawn: ${file}`)
  await buildBook(`${SITE}/explained`)
  console.log(`built: ${SITE}/explained`)
  if (values.serve) {
    const { url } = await serve(SITE, Number(values.port))
    console.log(`the book: ${url}explained/    (Ctrl-C ends)`)
  }
} catch (error) {
  console.error(`error: ${(error as Error).message}`)
  process.exitCode = 1
}
