/** The harness itself: a page that does everything wrong is told of. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Server, serve } from '../../examples/browser/serve.ts'
import { type Browser, findChromium, type Kind, launch, openPage, PHONE } from '../support/chromium.ts'

const t = suite('browser/chromium')
const folder = mkdtempSync(join(tmpdir(), 'tasn-webgpu-site-'))
let site: Server
let browser: Browser
const files: Record<string, string> = {
  'good.html':
    '<!doctype html><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><p>fine',
  'bad.html': `<!doctype html><title>bad</title><img src="none.png"><script>
    console.error('said so')
    new Worker('worker.js')
    fetch('http://elsewhere.test/page').catch(() => {})
    setTimeout(() => { throw new Error('thrown') })</script>`,
  'worker.js': `console.error('worker said so')
    fetch('http://elsewhere.test/worker').catch(() => {})
    setTimeout(() => { throw new Error('worker threw') })`,
}

t.before(async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  site = await serve(folder)
  browser = await launch('B')
})
t.after(async () => {
  await browser?.close()
  await site?.close()
  rmSync(folder, { recursive: true })
})

t('a page without a fault, in all sizes and colours', async () => {
  for (const size of [undefined, PHONE])
    for (const dark of [false, true]) {
      const page = await openPage(browser, `${site.url}good.html`, { dark, ...(size && { size }) })
      assert.equal(page.faults, [])
      const seen = await page.evaluate(() => [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches])
      assert.equal(seen, [size ? 390 : 1280, dark])
      await page.close()
    }
})

t('each fault of a page and of its worker is written down', async () => {
  const page = await openPage(browser, `${site.url}bad.html`)
  const expected = ['said so', 'thrown', 'none.png', 'worker said so', 'worker threw']
  const left = ['http://elsewhere.test/page', 'http://elsewhere.test/worker'].map(url => `left the server: ${url}`)
  const missing = (): string[] => [...expected, ...left].filter(text => !page.faults.some(f => f.includes(text)))
  for (let i = 0; i < 50 && missing().length; i++) await page.waitForTimeout(100)
  assert.equal(missing(), [], page.faults.join('\n'))
  await page.close()
})

/** What a page says of its adapter. */
const adapterOf = async (kind: Kind): Promise<string> => {
  const one = await launch(kind)
  const page = await openPage(one, `${site.url}good.html`)
  const said = await page.evaluate(async () => {
    if (!navigator.gpu) return 'no WebGPU'
    const adapter = await navigator.gpu.requestAdapter()
    return adapter ? `${adapter.info.vendor} ${adapter.info.architecture}`.trim() || 'blank' : 'no adapter'
  })
  await one.close()
  return said
}

t('the adapters are what they are called', async () => {
  assert.is(await adapterOf('A'), 'google swiftshader')
  assert.is(await adapterOf('B'), 'blank')
  assert.is(await adapterOf('no adapter'), 'no adapter')
  assert.is(await adapterOf('no WebGPU'), 'no WebGPU')
})

t('a browser that has ended leaves nothing behind', async () => {
  const folders = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('tasn-webgpu-chromium-'))
  const before = folders()
  const one = await launch('no WebGPU')
  const [fresh] = folders().filter(name => !before.includes(name))
  assert.ok(fresh)
  await one.close()
  assert.not.ok(existsSync(join(tmpdir(), fresh)))
})

t('where there is no Chromium, the command to install it is told', () => {
  const before = process.env.CHROMIUM
  process.env.CHROMIUM = '/nowhere/chromium'
  try {
    assert.throws(findChromium, /no Chromium at \/nowhere\/chromium.*apt-get install chromium/)
  } finally {
    if (before === undefined) delete process.env.CHROMIUM
    else process.env.CHROMIUM = before
  }
})

t.run()
