/** Dawn: kept for good, and a sentence for those who have no npm `webgpu`, or a page without WebGPU. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { child } from '../support/child.ts'

const t = suite('gpu/dawn')
const root = fileURLToPath(new URL('../..', import.meta.url))
/** The sources where no package is installed. */
const dir = mkdtempSync(join(tmpdir(), 'tasn-dawn-'))
const opener = JSON.stringify(pathToFileURL(join(dir, 'src/engine/open.ts')).href)

t.before(() => {
  for (const folder of ['src', 'shaders']) cpSync(join(root, folder), join(dir, folder), { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(dir, 'node_modules')) // without one Bun installs what is missing
})
t.after(() => {
  rmSync(dir, { recursive: true })
})

/** What open() of those sources says in a host that has no WebGPU of its own. */
async function openingThere(before = ''): Promise<string> {
  const { code, out } = await child(`
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: {} })
    ${before}
    const { open: there } = await import(${opener})
    console.log('said: ' + (await there().then(() => 'nothing', error => error.message)))`)
  assert.is(code, 0, out)
  return /^said: (.*)/m.exec(out)?.[1] ?? out
}

t('without npm webgpu open() says what to install, in one sentence', async () => {
  assert.is(
    await openingThere(),
    'Node has no WebGPU of its own: install the package that brings it, by `npm install webgpu`',
  )
})

t('a webgpu that does not load on this machine is told as that, with the reason', async () => {
  const installed = join(dir, 'node_modules/webgpu')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(installed, 'package.json'), '{ "name": "webgpu", "type": "module", "exports": "./index.js" }')
  writeFileSync(join(installed, 'index.js'), "throw new Error('no dawn.node for this processor')")
  const said = await openingThere()
  rmSync(installed, { recursive: true })
  assert.is(
    said,
    'the package webgpu, which brings WebGPU to Node, does not load on this machine: no dawn.node for this processor',
  )
})

t('in a page without WebGPU nothing of Node is asked for', async () => {
  const said = await openingThere("Object.defineProperty(process, 'versions', { value: {} })")
  assert.match(said, /^this browser shows no WebGPU \(navigator\.gpu\): .* comes by https or from localhost$/)
})

t.run()
