/** The page can be built, and so can the tests in it, without a module of Node behind them: it needs no browser. */
import type { BuildFailure } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundlePage } from '../examples/browser/build.ts'
import { bundleTests, candidates } from './browser/page/build.ts'
import { FAILS, OF_NODE, PAGE_ADAPTERS } from './browser/page/list.ts'

const t = suite('page')
const running = candidates().filter(file => !(file in OF_NODE))

t('the page and its workers; the page itself loads no kernel, which would delay what it shows', async () => {
  const { inputs } = (await bundlePage()).metafile!
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const { path } of inputs[file]!.imports) visit(path)
  }
  visit('examples/browser/main.ts')
  assert.ok(seen.has('examples/browser/look.ts'))
  assert.equal(
    [...seen].filter(file => /^src\/(?!gpu\/runtime|data\/birds\/|engine\/random)/.test(file)),
    [],
  )
})

t('the tests that run in a page', () => bundleTests(running))

t('the files that are not run in a page are there, and cannot be: each needs a module of Node', async () => {
  const check = async (file: string): Promise<void> => {
    assert.ok(candidates().includes(file), `${file} is not there`)
    const said = await bundleTests([file]).then(
      () => 'nothing: it can be bundled',
      ({ errors }: BuildFailure) => errors.map(({ text }) => text).join('\n'), // the message has the first five
    )
    assert.match(said, /Could not resolve "node:/, file)
  }
  await Promise.all(Object.keys(OF_NODE).map(check))
})

t('the list of failures names files that run', () => {
  for (const { test } of [...FAILS, ...PAGE_ADAPTERS.flatMap(({ fails }) => fails)])
    assert.ok(running.includes(`${test.split(' ')[0]}.test.ts`), test)
})

t.run()
