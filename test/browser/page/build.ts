/** Builds tests/ of the demo's site: the engine's own tests as a page, from the files that Node runs. */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { bundle } from '../../../src/package/bundle.ts'
import { FOLDERS, NO_CHILD, OF_NODE } from './list.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const tests = here('../..')

/** All test files of those folders, from test/ on. */
export const candidates = (): string[] =>
  FOLDERS.flatMap(folder =>
    readdirSync(`${tests}/${folder}`)
      .filter(file => file.endsWith('.test.ts'))
      .sort()
      .map(file => `${folder}/${file}`),
  )

/** `FILES`, a function for each test file that imports it. */
const fileList = (files: readonly string[]): string =>
  `export const FILES = {${files.map(f => `${JSON.stringify(f)}: () => import('./${f}'),`).join('\n')}}`

/** The tests set switches as variables of the environment: in a page the worker makes one. */
function switchesByVariable(path: string): string {
  const [text, before] = [readFileSync(path, 'utf8'), 'inNode ? process.env[name] || undefined : undefined']
  if (!text.includes(before)) throw new Error(`${path} has no "${before}"`)
  return text.replace(before, 'process.env[name] || undefined')
}

const inPage = (files: readonly string[]): Plugin => ({
  name: 'tests in a page',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^#test-files$/ }, ({ path }) => ({ path, namespace: 'files' }))
    onLoad({ filter: /.*/, namespace: 'files' }, () => ({ contents: fileList(files), resolveDir: tests }))
    onLoad({ filter: /[\\/]test[\\/]support[\\/]child\.ts$/ }, () => ({
      contents: `export const child = async () => { throw new Error(${JSON.stringify(NO_CHILD)}) }`,
    }))
    onLoad({ filter: /[\\/]gpu[\\/]switches\.ts$/ }, ({ path }) => ({
      contents: switchesByVariable(path),
      loader: 'ts',
    }))
  },
})

/** Bundles test files with their page into a folder, or nowhere. @throws naming a module of Node behind one of them. */
export async function bundleTests(files: readonly string[], outdir?: string): Promise<void> {
  await bundle({
    entryPoints: [here('./main.ts'), here('./worker.ts')],
    splitting: true,
    minifyWhitespace: true, // names stay, for messages
    outdir: outdir ?? tests,
    write: outdir !== undefined,
    plugins: [inPage(files)],
  })
}

/** Builds the page and all that it needs into a folder of the site. */
export async function buildTests(folder: string): Promise<void> {
  await bundleTests(
    candidates().filter(file => !(file in OF_NODE)),
    `${folder}/js`,
  )
  cpSync(here('./index.html'), `${folder}/index.html`)
  const isData = (path: string): boolean => !/\.py$|__pycache__/.test(path)
  cpSync(`${tests}/fixtures`, `${folder}/fixtures`, { recursive: true, filter: isData })
}
