/** The engine in a page: logits and losses are those of Node. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Server, serve } from '../../examples/browser/serve.ts'
import { close, open } from '../../src/engine/open.ts'
import type { AdapterInfo } from '../../src/gpu/device.ts'
import { bundle } from '../../src/package/bundle.ts'
import { type Kind, launch, openPage, until } from '../support/chromium.ts'
import { type SmallRun, smallRun } from '../support/small_run.ts'

const t = suite('browser/engine')
const folder = mkdtempSync(join(tmpdir(), 'tasn-webgpu-minimal-'))
let site: Server
let inNode: SmallRun

t.before(async () => {
  await bundle({ entryPoints: [fileURLToPath(new URL('./minimal/main.ts', import.meta.url))], outdir: folder })
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="main.js"></script>',
  )
  site = await serve(folder)
  await open()
  inNode = await smallRun()
  await close()
})
t.after(async () => {
  await site?.close()
  rmSync(folder, { recursive: true })
})

async function inPage(kind: Kind, query = ''): Promise<SmallRun & { adapter: AdapterInfo; seconds: number }> {
  const browser = await launch(kind)
  try {
    const page = await openPage(browser, `${site.url}${query}`)
    const found = await until<Awaited<ReturnType<typeof inPage>>>(page, 'globalThis.result', 120)
    assert.equal(page.faults, [])
    return found
  } finally {
    await browser.close()
  }
}

const largest = (v: readonly number[]): number => Math.max(...v.map(Math.abs))
/** The largest difference of logits, and the largest of losses in relation to the loss. */
function distance(got: SmallRun): { logits: number; losses: number } {
  assert.is(got.logits.length, 32 * 16)
  assert.is(got.losses.length, 5)
  return {
    logits: largest(got.logits.map((v, i) => v - inNode.logits[i]!)),
    losses: largest(got.losses.map((v, i) => v / inNode.losses[i]! - 1)),
  }
}

t('Node computes something worth comparing', () => {
  assert.ok(largest(inNode.logits) > 0.1, `largest logit ${largest(inNode.logits)}`)
  assert.is(new Set(inNode.losses).size, 5)
  assert.ok(
    inNode.losses.every(v => v > 1 && v < 20),
    `${inNode.losses}`,
  )
})

// Told that it is a CPU, B takes the rungs that Node takes here; those of GPUs add in another order (1.1e-4 measured).
for (const [kind, query, most] of [
  ['B', '?MACHINE=cpu', { logits: 1e-4, losses: 1e-4 }],
  ['A', '', { logits: 1e-4, losses: 1e-3 }],
] as const)
  t(`32 birds and five steps on ${kind}${query && ', told that it is a CPU'}`, async () => {
    const { adapter, seconds, ...got } = await inPage(kind, query)
    assert.is(adapter.software, kind === 'A')
    const { logits, losses } = distance(got)
    console.log(
      `  ${kind}${query}: logits differ by ${logits.toExponential(1)}, losses by ${losses.toExponential(1)}; ` +
        `${seconds.toFixed(1)} s`,
    )
    assert.ok(logits <= most.logits, `logits differ by ${logits}`)
    assert.ok(losses <= most.losses, `losses differ by ${losses}`)
  })

t.run()
