/**
 * Builds the package into dist/, which is what is packed and published: ES modules and declarations by tsc, shaders
 * inside, and one file for pages without a bundler.
 *
 *   npm run build
 *   npm pack ./dist
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { bundle } from './bundle.ts'
import { rollUp } from './declarations.ts'
import { BROWSER_FILE, entries, MAPS, manifest, ROOT } from './manifest.ts'
import { shaderModule } from './shaders.ts'
import { tight } from './wgsl.ts'

const DIST = join(ROOT, 'dist')
/** Holds all declarations. */
const TYPES = 'types.d.ts'
/** Modules that threads run: nothing imports them. */
const THREADS = ['data/feed/decoder.ts', 'data/birds/worker.ts']

/** All that the entries and the threads import, as JavaScript and as declarations, which keep the documentation. */
function compile(): void {
  const config = join(DIST, 'tsconfig.json')
  const files = [...entries().values(), ...THREADS].map(file => `../src/${file}`)
  for (const kind of [
    { removeComments: true, inlineSourceMap: true, inlineSources: true },
    { declaration: true, emitDeclarationOnly: true },
  ]) {
    const compilerOptions = { rootDir: '../src', outDir: '.', ...kind }
    writeFileSync(config, JSON.stringify({ extends: '../tsconfig.json', compilerOptions, files, include: [] }))
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'inherit' })
  }
  rmSync(config)
}

const files = (ending: string): string[] =>
  readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(DIST, file))

/** Modules made smaller; what they export keeps its names. Their source maps go out of the package. */
async function finishModules(): Promise<void> {
  for (const file of files('.js')) {
    const { code, map } = await transform(readFileSync(file, 'utf8'), {
      minify: true,
      target: 'es2023',
      sourcemap: 'external',
      sourcefile: file,
    })
    writeFileSync(file, code)
    writeMap(file, map)
  }
}

function writeMap(file: string, map: string): void {
  const to = join(DIST, MAPS, `${file.slice(DIST.length)}.map`)
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, map)
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
function finishDeclarations(): void {
  const starts = [...entries().values()].map(entry => entry.replace('.ts', '.d.ts'))
  const texts = rollUp(starts, file => readFileSync(join(DIST, file), 'utf8'), TYPES)
  for (const file of files('.d.ts')) rmSync(file)
  const interfaces = [...webgpuIn(texts.get(TYPES)!)].sort().map(name => `  interface ${name} {}\n`)
  texts.set(
    TYPES,
    `${texts.get(TYPES)}/** They merge with those that are there. */\ndeclare global {\n${interfaces.join('')}}\n`,
  )
  for (const [file, text] of texts) writeFileSync(join(DIST, file), text)
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
  const [map, code] = outputFiles!
  writeFileSync(code!.path, code!.text)
  writeMap(code!.path, map!.text)
}

rmSync(DIST, { recursive: true, force: true })
mkdirSync(DIST)
compile()
writeFileSync(join(DIST, 'gpu/shader_text.js'), shaderModule(tight))
await finishModules()
finishDeclarations()
await writeBrowserFile()
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
cpSync(join(ROOT, 'src/package/README.md'), join(DIST, 'README.md'))
cpSync(join(ROOT, 'LICENSE'), join(DIST, 'LICENSE'))

const browser = readFileSync(join(DIST, BROWSER_FILE))
const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`
console.log(`dist/: ${files('.js').length} modules, ${kB(files('.js').reduce((sum, f) => sum + statSync(f).size, 0))}`)
console.log(`dist/${BROWSER_FILE}: ${kB(browser.length)}, ${kB(gzipSync(browser, { level: 9 }).length)} gzip`)
