/**
 * Builds the package into dist/, which is what is packed and published: ES modules with shaders inside,
 * declarations, and one file for pages without a bundler.
 *
 *   npm run build
 *   npm pack ./dist
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DECODING } from '../data/feed/store.ts'
import { bundle } from './bundle.ts'
import { rollUp } from './declarations.ts'
import { BROWSER_FILE, entries, MAPS, manifest, ROOT } from './manifest.ts'
import { buildModules, type Written } from './modules.ts'
import { tight } from './wgsl.ts'

const DIST = join(ROOT, 'dist')
/** Holds all declarations. */
const TYPES = 'types.d.ts'
/** Modules that are found by their names: threads run them, or the cache of images reads them. */
const BY_NAME = ['data/feed/decoder.ts', 'data/birds/worker.ts', ...DECODING.map(name => `data/${name}.ts`)]

const files = (ending: string): string[] =>
  readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(DIST, file))

/** Code, and its source maps, which are no part of the package. */
function writeCode(outputs: readonly Written[]): void {
  for (const { path, text } of outputs) {
    const to = path.endsWith('.map') ? join(DIST, MAPS, relative(DIST, path)) : path
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, text)
  }
}

/** Declarations of all that the entries import, with their documentation, by tsc. */
function declare(): void {
  const config = join(DIST, 'tsconfig.json')
  const compilerOptions = { rootDir: '../src', outDir: '.', declaration: true, emitDeclarationOnly: true }
  const starts = [...entries().values()].map(file => `../src/${file}`)
  writeFileSync(config, JSON.stringify({ extends: '../tsconfig.json', compilerOptions, files: starts, include: [] }))
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'inherit' })
  rmSync(config)
}

/** WebGPU's interfaces in the code of declarations. */
const webgpuIn = (text: string): Set<string> =>
  new Set(text.replace(/\/\*[\s\S]*?\*\//g, '').match(/\bGPU(?:[A-Z]\w+)?\b/g))

/**
 * One file of declarations, and the entries as lists of names of it.
 *
 * It names a few interfaces of WebGPU. TypeScript 5 does not know them, TypeScript 7 does, and types of @webgpu/types
 * would clash with its own. So they are declared empty: interfaces of one name merge.
 */
function rollDeclarationsUp(): void {
  const starts = [...entries().values()].map(entry => entry.replace('.ts', '.d.ts'))
  const texts = rollUp(starts, file => readFileSync(join(DIST, file), 'utf8'), TYPES)
  for (const file of files('.d.ts')) rmSync(file)
  const interfaces = [...webgpuIn(texts.get(TYPES)!)].sort().map(name => `  interface ${name} {}\n`)
  texts.set(
    TYPES,
    `${texts.get(TYPES)}/** They merge with those that are there. */\ndeclare global {\n${interfaces.join('')}}\n`,
  )
  // A tab in place of four spaces: 300 bytes of the package.
  const tabs = (spaces: string): string => '\t'.repeat(spaces.length / 4) + ' '.repeat(spaces.length % 4)
  for (const [file, text] of texts) writeFileSync(join(DIST, file), text.replace(/^ {4,}/gm, tabs))
}

/** One file with all of the engine, for pages without a bundler. */
async function writeBrowserFile(): Promise<void> {
  const { outputFiles } = await bundle(
    {
      entryPoints: [join(ROOT, 'src/index.ts')],
      outfile: join(DIST, BROWSER_FILE),
      minify: true,
      sourcemap: 'external',
      write: false,
      banner: { js: '/* tasn-webgpu, MIT licence */' },
    },
    tight,
  )
  writeCode(outputFiles!)
}

rmSync(DIST, { recursive: true, force: true })
mkdirSync(DIST)
declare()
rollDeclarationsUp()
writeCode(await buildModules(join(ROOT, 'src'), [...entries().values(), ...BY_NAME], DIST))
await writeBrowserFile()
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
cpSync(join(ROOT, 'src/package/README.md'), join(DIST, 'README.md'))
cpSync(join(ROOT, 'LICENSE'), join(DIST, 'LICENSE'))

const browser = readFileSync(join(DIST, BROWSER_FILE))
const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`
console.log(`dist/: ${files('.js').length} modules, ${kB(files('.js').reduce((sum, f) => sum + statSync(f).size, 0))}`)
console.log(`dist/${BROWSER_FILE}: ${kB(browser.length)}, ${kB(gzipSync(browser, { level: 9 }).length)} gzip`)
