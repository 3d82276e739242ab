/** The panel Bench: measures, stops where it is told to, and downloads figures that the script takes. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeFigures } from '../../bench/check_figures.ts'
import { type Browser, launch, openPage, type Page, PHONE, screenshot, until } from '../support/chromium.ts'

const LONG = { timeout: 180_000 }
const t = suite('browser/bench')
const folder = mkdtempSync(join(tmpdir(), 'tasn-webgpu-bench-'))
let browser: Browser

t.before(async () => {
  browser = await launch('B')
})
t.after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

/** The panel with a small selection. */
const openBench = (selection: string, options?: Parameters<typeof openPage>[2]): Promise<Page> =>
  openPage(browser, `?software=1#bench?${selection}`, options)

/** Measures to the end. */
async function measure(page: Page): Promise<void> {
  await page.click('#bench-start', LONG)
  await page.waitForSelector('#bench-take', LONG)
}

const texts = (page: Page, selector: string): Promise<string[]> => page.locator(selector).allTextContents()

t('a small selection fills all cells, and the script takes its download', async () => {
  const page = await openBench('kernels=matmul&steps=TASN tiny&name=Test GPU')
  await measure(page)
  const cells = await texts(page, '#bench table :is(td, th)')
  assert.ok(cells.length > 50, `${cells.length} cells`)
  assert.equal(
    cells.filter(cell => !cell.trim() || /NaN|Infinity|undefined/.test(cell)),
    [],
  )
  const [best] = await texts(page, '#bench .figures strong')
  assert.ok(Number(best) > 0.1, `the roofline is ${best}`)

  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#bench-download')])
  assert.is(download.suggestedFilename(), 'tasn-webgpu-test-gpu.json')
  const file = join(folder, 'figures.json')
  await download.saveAs(file)
  const figures = decodeFigures(readFileSync(file, 'utf8'))
  assert.is(figures.name, 'Test GPU')
  assert.match(figures.host, /^Chrome \d+, Linux$/)
  assert.is(figures.quick, true)
  assert.is(figures.adapter.software, true, 'the address says so')
  assert.ok(figures.kernels.every(r => r.ladder.startsWith('matmul')))
  assert.equal(
    figures.steps.map(s => s.name),
    ['TASN tiny'],
  )
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const script = ['--import', 'tsx', join(root, 'bench/contribute.ts'), file, '--check']
  const { status, stdout, stderr } = spawnSync(process.execPath, script, { cwd: root, encoding: 'utf8' })
  assert.is(status, 0, stderr)
  assert.match(stdout, /Test GPU/)

  const shown = await page.locator('#bench-take pre').textContent()
  assert.match(shown!, /^## Test GPU\n/)
  assert.not.match(shown!, /\| {2}\||NaN|undefined/)

  await page.click('#bench .rungs button')
  await page.waitForFunction(() => /@compute/.test(document.querySelector('#bench pre')?.textContent ?? ''))
  assert.equal(page.faults, [])
  await screenshot(page, 'bench-wide-light')
  await page.click('#theme button')
  await screenshot(page, 'bench-wide-dark')
  await page.setViewportSize(PHONE)
  await screenshot(page, 'bench-phone-dark')
  await page.click('#theme button')
  await screenshot(page, 'bench-phone-light')
  await page.close()
})

t('Stop ends it soon, and keeps what was measured', async () => {
  const page = await openBench('kernels=all&steps=')
  await page.click('#bench-start', LONG)
  await page.waitForSelector('#bench .rungs', LONG)
  // another panel waits meanwhile, and says so
  await page.click('#tab-look')
  assert.match((await page.textContent('#panels > p:not([hidden])'))!, /Bench is measuring/)
  await page.click('#tab-bench')
  await page.click('#bench-stop')
  await page.waitForSelector('#bench-take', { timeout: 30_000 })
  assert.is(await page.locator('#panels > p:not([hidden])').count(), 0)
  assert.is(await page.locator('#bench-start').isEnabled(), true)
  assert.is(await page.locator('#bench-stop').isDisabled(), true)
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#bench-download')])
  const file = join(folder, 'stopped.json')
  await download.saveAs(file)
  const { kernels } = decodeFigures(readFileSync(file, 'utf8'))
  const shown = (await texts(page, '#bench .rungs tbody tr')).length
  assert.is(kernels.length, shown)
  assert.ok(shown > 0)
  // and it begins anew
  await page.selectOption('#bench-kernels', 'none')
  await page.click('#bench-start')
  assert.match((await texts(page, '#bench .alarm')).join(), /Nothing is chosen/)
  await page.selectOption('#bench-kernels', 'norm')
  await page.click('#bench-start')
  await page.waitForSelector('#bench .rungs', LONG)
  await page.click('#bench-stop')
  await page.waitForSelector('#bench-take', { timeout: 30_000 })
  assert.equal(page.faults, [])
  await page.close()
})

t('choices are in the address, and without other libraries the panel says how to have them', async () => {
  const page = await openBench('kernels=norm&steps=TASN small')
  assert.is(await page.locator('#bench-kernels').inputValue(), 'norm')
  await page.selectOption('#bench-kernels', 'matmul')
  await until(page, `location.hash.includes('kernels=matmul')`)
  const list = await page.evaluate(async () => (await (await fetch('peers/list.json')).json()) as unknown[])
  const said = (await texts(page, '#bench')).join()
  assert.is(/bench:peers -- --install/.test(said), list.length === 0)
  assert.equal(page.faults, [])
  await page.close()
})

t.run()
