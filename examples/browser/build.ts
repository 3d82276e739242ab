/**
 * The site: all files that the page needs, in one folder. Every address in it is relative, so it works from any web
 * server and from a sub-folder.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildResult } from 'esbuild'
import { bundlePeers } from '../../bench/peers/page.ts'
import { bundle } from '../../src/package/bundle.ts'
import { buildTests } from '../../test/browser/page/build.ts'
import { buildBook } from '../explained/frame/build.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
/** The folder of the site, ignored by git. */
export const SITE = here('./site')
/** Entry points: the page, and each file that runs as a worker. */
const ENTRIES = ['main.ts', 'worker.ts', 'painter.ts']
/** Files that go into the site as they are, and their places there. */
const COPIES = {
  'style.css': 'style.css',
  'model.safetensors': 'model.safetensors',
  'recorded.json': 'recorded.json',
  '../../node_modules/uplot/dist/uPlot.min.css': 'uplot.css',
  '../pictures/what-tasn-sees.png': 'pictures/what-tasn-sees.png',
  '../pictures/ablation.png': 'pictures/ablation.png',
} as const

/** Bundles the page and its workers into a folder, or nowhere. @throws naming a module of Node behind one of them. */
export function bundlePage(outdir?: string): Promise<BuildResult> {
  return bundle({
    entryPoints: ENTRIES.map(file => here(`./${file}`)),
    outdir: outdir ?? SITE,
    write: outdir !== undefined,
    minify: true,
    splitting: true,
    metafile: true,
  })
}

/** The page with a hint for each module that its script imports: browsers fetch them beside it, and not after it. */
function withHints(html: string, { metafile }: BuildResult): string {
  const { outputs } = metafile!
  const found = new Set<string>()
  const visit = (file: string): void => {
    for (const { path, kind } of outputs[file]!.imports) {
      if (kind !== 'import-statement' || found.has(path)) continue
      found.add(path)
      visit(path)
    }
  }
  visit(Object.keys(outputs).find(file => basename(file) === 'main.js')!)
  const hints = [...found].map(file => `<link rel="modulepreload" href="${basename(file)}">\n    `)
  return html.replace('<script', `${hints.join('')}<script`)
}

/**
 * Builds the site anew.
 * @param goOn given the reason if the page of the tests, tests/, cannot be built, which the rest does not need.
 * @throws then, too, where goOn is not given.
 * @returns its folder.
 */
export async function buildSite(site = SITE, goOn?: (reason: string) => void): Promise<string> {
  rmSync(site, { recursive: true, force: true })
  mkdirSync(`${site}/pictures`, { recursive: true })
  const built = await bundlePage(site)
  await bundlePeers(site)
  for (const [from, to] of Object.entries(COPIES))
    if (existsSync(here(`./${from}`))) cpSync(here(`./${from}`), `${site}/${to}`)
  writeFileSync(`${site}/index.html`, withHints(readFileSync(here('./index.html'), 'utf8'), built))
  await buildBook(`${site}/explained`)
  await buildTests(`${site}/tests`).catch((error: Error) => {
    if (!goOn) throw error
    goOn(error.message)
  })
  return site
}
