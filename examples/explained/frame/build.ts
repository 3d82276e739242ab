/** The book's part of the demo's site: pages, pictures, and the live figures with their workers. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Plugin } from 'esbuild'
import { bundle } from '../../../src/package/bundle.ts'
import { BOOK, chapters, isLive, ROOT } from './book.ts'
import { pagesOf } from './pages.ts'

/** Files that all pages share. */
const COPIES = {
  'style.css': 'examples/browser/style.css',
  'book.css': 'examples/explained/page/book.css',
  'model.safetensors': 'examples/browser/model.safetensors',
} as const

const PAGE = (id: string): string => `
  import { figures } from './${id}/figure.ts'
  import { startFigures } from './page/figures.ts'
  void startFigures(figures, new URL('./worker.js', import.meta.url))`
const WORKER = (id: string): string => `
  import { handlers } from './${id}/figure_worker.ts'
  import { answerCalls } from '../browser/answer.ts'
  answerCalls({ figure: handlers })`

/** The entries of a chapter's page and of its worker, page:ID and worker:ID. */
const entries: Plugin = {
  name: 'entries of chapters',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(page|worker):/ }, ({ path }) => ({ path, namespace: 'chapter' }))
    onLoad({ filter: /.*/, namespace: 'chapter' }, ({ path }) => {
      const [kind, id] = path.split(':') as ['page' | 'worker', string]
      return { contents: kind === 'page' ? PAGE(id) : WORKER(id), resolveDir: BOOK, loader: 'ts' }
    })
  },
}

/** Builds the book anew in a folder. @throws where a chapter is wrong, naming its file. */
export async function buildBook(folder: string): Promise<void> {
  const { html, copies } = pagesOf() // before anything is removed
  rmSync(folder, { recursive: true, force: true })
  const files = [...Object.entries(COPIES), ...copies]
  for (const path of [...html.keys(), ...files.map(([to]) => to)])
    mkdirSync(dirname(`${folder}/${path}`), { recursive: true })
  for (const [path, text] of html) writeFileSync(`${folder}/${path}`, text)
  for (const [to, path] of files) cpSync(ROOT + path, `${folder}/${to}`)
  const live = chapters().filter(isLive)
  await bundle({
    entryPoints: [
      { in: `${BOOK}page/shell.ts`, out: 'shell' },
      ...live.flatMap(({ id }) => ['page', 'worker'].map(kind => ({ in: `${kind}:${id}`, out: `${id}/${kind}` }))),
    ],
    outdir: folder,
    minify: true,
    splitting: true,
    plugins: [entries],
  })
}
