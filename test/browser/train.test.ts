/** The panel Train in Chromium: it learns, pauses while nobody looks and no bit changes, and its files go round. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { accessible } from '../support/accessible.ts'
import { type Browser, launch, openPage, type Page, PHONE, screenshot, WIDE } from '../support/chromium.ts'
import { trainer } from '../support/trainer.ts'

const t = suite('browser/train')
const dir = mkdtempSync(join(tmpdir(), 'tasn-train-page-'))
/** Two steps an epoch, the first epoch for the attention net alone. */
const SMALL = '?software=1#train?birds=48&epochs=2&every=1'
let browser: Browser
let whole: Buffer

const phase = (page: Page, name: string): Promise<unknown> =>
  page.locator(`#train[data-phase="${name}"]`).waitFor({ timeout: 240_000 })

/** Has the page make its files, and saves checkpoint.safetensors and config.json into a folder. */
async function download(page: Page, folder: string): Promise<Buffer> {
  mkdirSync(folder, { recursive: true })
  await page.click('text=Make the files')
  for (const name of ['checkpoint.safetensors', 'config.json']) {
    const link = page.locator(`a[download="${name}"]`)
    await link.waitFor({ timeout: 60_000 })
    const [file] = await Promise.all([page.waitForEvent('download'), link.click()])
    await file.saveAs(join(folder, name))
  }
  return readFileSync(join(folder, 'checkpoint.safetensors'))
}

t.before(async () => {
  browser = await launch('B')
})
t.after(async () => {
  await browser?.close()
  rmSync(dir, { recursive: true, force: true })
})

t('it learns to the end: curves, birds, tests', async () => {
  const page = await openPage(browser, SMALL)
  await phase(page, 'empty')
  await page.click('#train button.primary')
  await phase(page, 'finished')
  assert.is(await page.locator('.watch').count(), 6)
  assert.is(await page.locator('.curve canvas').count(), 3)
  assert.match((await page.textContent('.figures'))!, /epoch2 of 2.*loss\d+\.\d{4}.*images\/s/)
  whole = await download(page, join(dir, 'whole'))
  await page.click('text=What is computed')
  await page.locator('#train details h3').first().waitFor()
  assert.match((await page.textContent('#train details'))!, /A step of the classifier: \d+ launches, \d.*@compute/s)
  await accessible(page)
  await screenshot(page, 'train-wide')
  assert.equal(page.faults, [])
  await page.close()
})

t('a step, a pause, a hidden panel and a hidden tab give the same bits', async () => {
  const page = await openPage(browser, SMALL, { size: PHONE, dark: true })
  await phase(page, 'empty')
  await page.click('text=One step')
  await phase(page, 'paused')
  assert.match((await page.textContent('.figures'))!, /step1 of 2/)
  await screenshot(page, 'train-phone-dark')
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(wide <= PHONE.width, `${wide} pixels wide on a phone`)
  const hide = (hidden: boolean): Promise<void> =>
    page.evaluate(value => {
      Object.defineProperty(document, 'hidden', { value, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await page.click('#train button.primary')
  await phase(page, 'running')
  await hide(true)
  await page.locator('#train:not([data-phase="running"])').waitFor({ timeout: 60_000 })
  await hide(false)
  await page.click('#tab-look')
  await page.click('#tab-train')
  await phase(page, 'finished')
  assert.ok(whole.equals(await download(page, join(dir, 'hidden'))))
  assert.equal(page.faults, [])
  await page.close()
})

t('page -> Node -> page', async () => {
  const page = await openPage(browser, SMALL, { size: WIDE, dark: true })
  await phase(page, 'empty')
  await page.fill('#train label:has-text("Epochs") input', '1')
  await page.click('text=One step')
  assert.is(await page.locator('#train input:invalid').count(), 1)
  assert.is(await page.locator('#train').getAttribute('data-phase'), 'empty', 'an epoch is too few, and begins nothing')
  await page.fill('#train label:has-text("Epochs") input', '2')
  await page.click('text=One step')
  await phase(page, 'paused')
  const run = join(dir, 'run')
  await download(page, run)
  const { code, out } = await trainer(['--resume', run])
  assert.is(code, 0, out)
  assert.match(out, /resuming after .*step/)

  const input = '#train input[type="file"]'
  const wrong = { name: 'config.json', mimeType: '', buffer: Buffer.from('{}') }
  const right = readFileSync(join(run, 'checkpoint.safetensors'))
  await page.setInputFiles(input, [{ name: 'checkpoint.safetensors', mimeType: '', buffer: right }, wrong])
  await page.locator('#train .alarm').waitFor()
  assert.match((await page.textContent('#train .alarm'))!, /config\.json is not that of a run/)
  await phase(page, 'paused')
  assert.match((await page.textContent('.figures'))!, /step1 of 2/, 'what is there stays')
  assert.is(await page.locator('a[download]').count(), 3)

  await page.setInputFiles(input, [join(run, 'checkpoint.safetensors'), join(run, 'config.json')])
  await phase(page, 'finished')
  assert.match((await page.textContent('.figures'))!, /epoch2 of 2/)
  const back = await download(page, join(dir, 'back'))
  assert.ok(back.equals(right), 'what came back is what Node wrote')
  await screenshot(page, 'train-dark')
  assert.equal(page.faults, [])
  await page.close()
})

t.run()
