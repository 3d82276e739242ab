/**
 * Builds the package into dist/, which is what is packed and published: ES modules and declarations by tsc, shaders
 * inside, and one file for pages without a bundler.
 *
 *   npm run build
 *   npm pack ./dist
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundle } from './bundle.ts'
import { BROWSER_FILE, entries, MAPS, manifest, ROOT } from './manifest.ts'
import { shaderModule } from './shaders.ts'
import { tight } from './wgsl.ts'

const DIST = join(ROOT, 'dist')
/** Modules that threads run: nothing imports them. */
const THREADS = ['data/feed/decoder.ts', 'data/birds/worker.ts']

/** All that the entries and the threads import, as JavaScript and as declarations, which keep the documentation. */
function compile(): void {
  const config = join(DIST, 'tsconfig.json')
  const files = [...entries().values(), ...THREADS].map(file => `../src/${file}`)
  for (const kind of [
    { removeComments: true, sourceMap: true, inlineSources: true },
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

/** Moves the source maps out of the package; a comment that names one would be a broken link there. */
function partFromMaps(): void {
  for (const map of files('.js.map')) {
    const to = join(DIST, MAPS, map.slice(DIST.length))
    mkdirSync(dirname(to), { recursive: true })
    renameSync(map, to)
  }
  for (const file of files('.js'))
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, ''))
}

/** Declarations that speak of WebGPU say whose types these are. */
function nameTypes(): void {
  for (const file of files('.d.ts')) {
    const text = readFileSync(file, 'utf8')
    if (/\bGPU[A-Z]\w+/.test(text)) writeFileSync(file, `/// <reference types="@webgpu/types" />\n${text}`)
  }
}

rmSync(DIST, { recursive: true, force: true })
mkdirSync(DIST)
compile()
writeFileSync(join(DIST, 'gpu/shader_text.js'), shaderModule(tight))
rmSync(join(DIST, 'gpu/shader_text.js.map'))
await bundle(
  {
    entryPoints: [join(ROOT, 'src/index.ts')],
    outfile: join(DIST, BROWSER_FILE),
    minify: true,
    sourcemap: true,
    banner: { js: '/* tasn-webgpu, MIT licence */' },
  },
  tight,
)
partFromMaps()
nameTypes()
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
cpSync(join(ROOT, 'src/package/README.md'), join(DIST, 'README.md'))
cpSync(join(ROOT, 'LICENSE'), join(DIST, 'LICENSE'))

const browser = readFileSync(join(DIST, BROWSER_FILE))
const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`
console.log(`dist/: ${files('.js').length} modules, ${kB(files('.js').reduce((sum, f) => sum + statSync(f).size, 0))}`)
console.log(`dist/${BROWSER_FILE}: ${kB(browser.length)}, ${kB(gzipSync(browser, { level: 9 }).length)} gzip`)
