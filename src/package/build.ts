/**
 * Builds the package into dist/, which is what is packed and published: ES modules and declarations by tsc, shaders
 * inside, and one file for pages without a bundler.
 *
 *   npm run build
 *   npm pack ./dist
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { bundle } from './bundle.ts'
import { BROWSER_FILE, entries, MAPS, manifest, ROOT } from './manifest.ts'
import { shaderModule } from './shaders.ts'
import { tight } from './wgsl.ts'

const DIST = join(ROOT, 'dist')
/** Declares WebGPU's interfaces. */
const WEBGPU = 'webgpu.d.ts'
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

/** Relative imports of declarations, which tsc leaves as the sources have them. */
const IMPORT = /((?:from |import\()['"]\.[^'"]+)\.ts(?=['"])/g

/** WebGPU's interfaces in a declaration's code. */
const webgpuIn = (text: string): string[] => text.replace(/\/\*[\s\S]*?\*\//g, '').match(/\bGPU(?:[A-Z]\w+)?\b/g) ?? []

/**
 * Declarations name JavaScript files. Those that no entry leads to are left out. Those of which no entry exports a name
 * are only there for the compiler, and without documentation.
 *
 * They use a few interfaces of WebGPU. TypeScript 5 does not know them, TypeScript 7 does, and types of @webgpu/types
 * would clash with its own. So they are declared empty: interfaces of one name merge.
 */
function finishDeclarations(): void {
  const reached = new Set<string>()
  const names = new Set<string>()
  const targets = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, path]) =>
      join(dirname(file), `${path!.replace(/.*['"]/, '')}.d.ts`),
    )
  const starts = [...entries().values()].map(entry => join(DIST, entry.replace('.ts', '.d.ts')))
  const exported = new Set([...starts, ...starts.flatMap(targets)])
  const finish = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    const next = targets(file)
    const all = readFileSync(file, 'utf8')
    const text = exported.has(file) ? all : all.replace(/ *\/\*\*[\s\S]*?\*\/\n/g, '')
    const found = webgpuIn(text)
    for (const name of found) names.add(name)
    const path = relative(dirname(file), join(DIST, WEBGPU)).replaceAll('\\', '/')
    const types = found.length ? `/// <reference path="${path}" />\n` : ''
    writeFileSync(file, types + text.replace(IMPORT, '$1.js'))
    for (const one of next) finish(one)
  }
  for (const start of starts) finish(start)
  for (const file of files('.d.ts')) if (!reached.has(file)) rmSync(file)
  const interfaces = [...names].sort().map(name => `interface ${name} {}\n`)
  writeFileSync(
    join(DIST, WEBGPU),
    `/** WebGPU's interfaces, which merge with those that are there. */\n${interfaces.join('')}`,
  )
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
