/** The tarball: what is in it, how large it is, and what tools say that know other people's set-ups. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Installed, install, root, run, TOOLS } from '../support/installed.ts'

const t = suite('package/published')
let packed: Installed
t.before(() => {
  packed = install()
})

/** Bytes at most: of the tarball, and of the one file for browsers as servers send it. */
const MOST = { packed: 250e3, browserGzip: 85e3 }

t('it is as small as its README says', () => {
  const browser = readFileSync(join(packed.project, 'node_modules/tasn-webgpu/tasn-webgpu.min.js'))
  const gzip = gzipSync(browser, { level: 9 }).length
  assert.ok(packed.bytes <= MOST.packed, `the package has ${packed.bytes} bytes`)
  assert.ok(gzip <= MOST.browserGzip, `the file for browsers has ${gzip} bytes with gzip`)
  const kB = (bytes: number): number => Math.round(bytes / 1000)
  const readme = readFileSync(join(root, 'src/package/README.md'), 'utf8')
  const [, all, one] = /(\d+) kB packed.*?(\d+) kB with gzip/s.exec(readme) ?? []
  assert.ok(Math.abs(Number(all) - kB(packed.bytes)) <= 5, `packed ${kB(packed.bytes)} kB, the README says ${all}`)
  assert.ok(Math.abs(Number(one) - kB(gzip)) <= 2, `with gzip ${kB(gzip)} kB, the README says ${one}`)
})

t('it holds modules, declarations and what npm always packs; nothing of the repository', () => {
  const others = packed.files.filter(file => !/\.(js|d\.ts)$/.test(file))
  assert.equal(others.sort(), ['LICENSE', 'README.md', 'package.json'])
  assert.equal(
    packed.files.filter(file => /^(run|study|package|test|maps)\//.test(file)),
    [],
  )
  const texts = packed.files.map(file => readFileSync(join(packed.project, 'node_modules/tasn-webgpu', file), 'utf8'))
  assert.equal(
    packed.files.filter((_, i) => texts[i]!.includes('sourceMappingURL')),
    [],
    'links to maps that are not packed',
  )
  const declarations = packed.files.filter(file => file.endsWith('.d.ts'))
  assert.is(declarations.length, 5, 'one file of declarations, and a list of names for each entry')
  const specifiers = texts.flatMap(text => [...text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)])
  assert.ok(specifiers.length > 300)
  assert.equal(
    specifiers.map(([, path]) => path!).filter(path => !path.endsWith('.js')),
    [],
  )
})

t('publint finds no fault', () => {
  const { status, stdout, stderr } = run(TOOLS, 'npx', '--no', '--', 'publint', packed.tarball, '--strict')
  assert.is(status, 0, stdout + stderr)
  assert.not.match(stdout, /^(Warnings|Errors):/m)
  // It would rather have conditions than `"browser": { "webgpu": false }`, which all bundlers know.
  assert.ok((stdout.match(/^\d+\. /gm) ?? []).length <= 1, stdout)
  assert.match(stdout, /^(All good!|1\. pkg\.browser with an object value)/m)
})

t('attw finds no fault: types are right for all who import ES modules', () => {
  const args = ['--', 'attw', packed.tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color']
  const { status, stdout, stderr } = run(TOOLS, 'npx', '--no', ...args)
  assert.is(status, 0, stdout + stderr)
  const right = 'node16 (from ESM): 🟢 (ESM)\nbundler: 🟢'
  for (const entry of ['', '/train', '/birds', '/node', '/browser'])
    assert.ok(stdout.includes(`"tasn-webgpu${entry}"\n\n${right}`), `${entry}\n${stdout}`)
})

t.run()
