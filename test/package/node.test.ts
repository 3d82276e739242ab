/** The installed package in Node: it computes with webgpu beside it alone, and says what is missing where it is. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { add, install, lossesOfSources, mustRun, root, run } from '../support/installed.ts'

const t = suite('package/node')
const node = process.execPath
let project: string
t.before(() => {
  ;({ project } = install())
})

/** What a program of these lines prints to the project's console. */
function said(lines: string): { ok: boolean; out: string; errors: string } {
  writeFileSync(join(project, 'said.js'), lines)
  const { status, stdout, stderr } = run(project, node, 'said.js')
  return { ok: status === 0, out: stdout.trim(), errors: stderr }
}

t('installed alone it has no other package beside it', () => {
  const modules = readdirSync(join(project, 'node_modules')).filter(name => !name.startsWith('.'))
  assert.equal(modules, ['tasn-webgpu'])
})

t('what is missing is named, with the command that installs it', () => {
  const gpu = said(`import { open } from 'tasn-webgpu'\nawait open()`)
  assert.not(gpu.ok)
  assert.match(gpu.errors, 'Error: Node has no WebGPU of its own: install the package')
  const photo = said(
    `import { decode } from 'tasn-webgpu/node'\nawait decode(${JSON.stringify(`${root}examples/pictures/memory.png`)})`,
  )
  assert.match(photo.errors, 'Error: decoding photos needs the package sharp')
  const birds = said(`import { writeBirds } from 'tasn-webgpu/node'
    await writeBirds('birds', { seed: 0, train: 16, test: 16 })`)
  assert.match(birds.errors, 'Error: writing birds to files needs the package pngjs')
  assert.equal(
    readdirSync(project).filter(name => name.startsWith('birds')),
    [],
  )
})

t('a program of 20 lines trains, with the losses of the sources', () => {
  add(project, 'webgpu')
  const lines = readFileSync(join(project, 'train.js'), 'utf8').split('\n')
  assert.ok(lines.length <= 30, `${lines.length} lines`)
  const losses = JSON.parse(mustRun(project, node, 'train.js')) as number[]
  assert.is(losses.length, 20)
  assert.ok(losses[19]! < 0.5 * losses[0]!, `losses ${losses}`)
  assert.equal(losses, lossesOfSources(), 'other bits than those of the sources')
})

t("the README's op of one's own computes, with its gradient", () => {
  const readme = readFileSync(join(root, 'src/package/README.md'), 'utf8')
  const [, code] = /## An op of your own[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(readme)!
  const { ok, out, errors } = said(transformSync(code!, { loader: 'ts', target: 'es2022' }).code)
  assert.ok(ok, errors)
  assert.match(out, 'Float32Array(1) [ 24 ] Float32Array(3) [ 12, 12, 12 ]')
})

t('photos, data sets and threads, with sharp and pngjs', () => {
  add(project, 'sharp', 'pngjs')
  const { ok, out, errors } =
    said(`import { builtInBirds, decodePool, ImageCache, loadCub, writeBirds } from 'tasn-webgpu/node'
    await writeBirds('birds', { seed: 0, train: 16, test: 16 })
    const { train, test } = await loadCub('birds')
    const { width } = await decodePool.load(train[0].file, 64, new ImageCache('images'))
    await decodePool.close()
    const builtIn = await builtInBirds(undefined, undefined, { seed: 0, train: 16, test: 16 })
    console.log(JSON.stringify([train.length, test.length, width, builtIn]))`)
  assert.ok(ok, errors)
  const [train, test, width, builtIn] = JSON.parse(out.split('\n').at(-1)!) as [number, number, number, string]
  assert.equal([train, test, width], [16, 16, 64])
  const cached = readdirSync(join(project, 'images'), { recursive: true, encoding: 'utf8' })
  assert.is(cached.length, 2, 'an entry of the cache and its folder')
  assert.is(builtIn, join(project, 'cache/tasn-webgpu/birds'))
})

t.run()
