/** The installed package in pages: through esbuild and vite, and as the one file without a bundler. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Server, serve } from '../../examples/browser/serve.ts'
import { type Browser, launch, openPage, until } from '../support/chromium.ts'
import { install, root, TOOLS } from '../support/installed.ts'

const t = suite('package/bundles')
let project: string
let pages: string
let site: Server
let browser: Browser
let inNode: readonly number[]
t.before(async () => {
  ;({ project } = install())
  pages = join(project, 'pages')
  mkdirSync(pages)
  const args = ['--import', 'tsx', 'test/package/consumer/train.js']
  inNode = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })) as number[]
  site = await serve(pages)
  browser = await launch('B')
})
t.after(async () => {
  await browser?.close()
  await site?.close()
})

/** Opens the page of a folder, and compares its losses with Node's. Returns what else it leaves in `found`. */
async function check(folder: string): Promise<unknown> {
  const page = await openPage(browser, `${site.url}${folder}/`)
  const losses = await until<number[]>(page, 'globalThis.done && losses', 100)
  const found = await page.evaluate('globalThis.found')
  assert.equal(page.faults, [])
  await page.close()
  assert.is(losses.length, 20)
  const differences = losses.map((v, i) => Math.abs(v / inNode[i]! - 1))
  assert.ok(Math.max(...differences) < 1e-3, `losses ${losses}, in Node ${inNode}`)
  return found
}

/** A page with a script. Its icon is empty, for browsers ask for one. */
const html = (script: string): string =>
  `<!doctype html><title>package</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`
const drawn = { pixels: 192 * 192 * 3, batch: 24 }

t('esbuild bundles it without a warning, and the page computes as Node does', async () => {
  mkdirSync(join(pages, 'esbuild'))
  const { warnings } = await build({
    entryPoints: [join(project, 'page.js')],
    outfile: join(pages, 'esbuild/page.js'),
    bundle: true,
    format: 'esm',
    minify: true,
    absWorkingDir: project,
    logLevel: 'silent',
  })
  assert.equal(warnings, [])
  writeFileSync(join(pages, 'esbuild/index.html'), html('page.js'))
  assert.equal(await check('esbuild'), drawn)
})

t('vite builds it without a warning, and the page computes as Node does', async () => {
  const vite = (await import(pathToFileURL(join(TOOLS, 'node_modules/vite/dist/node/index.js')).href)) as {
    build(options: object): Promise<unknown>
    createLogger(level: string): Record<string, unknown>
  }
  const warnings: string[] = []
  const warn = (message: string): void => {
    warnings.push(message)
  }
  const customLogger = { ...vite.createLogger('silent'), warn, warnOnce: warn, error: warn }
  writeFileSync(join(project, 'index.html'), html('/page.js'))
  await vite.build({
    root: project,
    base: './',
    configFile: false,
    logLevel: 'warn',
    customLogger,
    build: { outDir: join(pages, 'vite') },
  })
  assert.equal(warnings, [])
  assert.equal(await check('vite'), drawn)
})

t('the file for browsers needs nothing else', async () => {
  mkdirSync(join(pages, 'alone'))
  cpSync(join(project, 'node_modules/tasn-webgpu/tasn-webgpu.min.js'), join(pages, 'alone/tasn-webgpu.min.js'))
  const program = readFileSync(join(project, 'train.js'), 'utf8')
  writeFileSync(join(pages, 'alone/train.js'), program.replaceAll("'tasn-webgpu'", "'./tasn-webgpu.min.js'"))
  writeFileSync(join(pages, 'alone/index.html'), html('train.js'))
  assert.is(await check('alone'), undefined)
  assert.is(readdirSync(join(pages, 'alone')).length, 3)
})

t('a bundle holds only what it uses', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export { Random } from 'tasn-webgpu'", resolveDir: project },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  })
  assert.ok(outputFiles[0]!.contents.length < 5000, `${outputFiles[0]!.contents.length} bytes for Random alone`)
})

t.run()
