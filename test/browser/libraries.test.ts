/** Other libraries in the panel Bench, beside this one: those of `npm run bench:peers -- --install`. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Browser, launch, openPage, screenshot } from '../support/chromium.ts'

const LONG = { timeout: 180_000 }
const t = suite('browser/libraries')
let browser: Browser
t.before(async () => {
  browser = await launch('B')
})
t.after(() => browser?.close())

t('each that is installed runs, with our results; where none is, the panel says how to have them', async () => {
  const page = await openPage(browser, '?software=1#bench?kernels=none&steps=')
  await page.waitForSelector('#bench-start')
  const libraries = await page.evaluate(async () => {
    const list = (await (await fetch('peers/list.json')).json()) as { name: string }[]
    return list.map(({ name }) => name)
  })
  assert.is(await page.locator('code:text-is("npm run bench:peers -- --install")').count(), libraries.length ? 0 : 1)
  if (!libraries.length) {
    await page.click('#bench-start')
    assert.match((await page.textContent('#bench .alarm'))!, /Nothing is chosen/)
  }
  for (const library of libraries) {
    const tick = `label:has-text("${library}") input`
    await page.check(tick)
    await page.click('#bench-start', LONG)
    // The second case of six: what a slow library needs for the others is not waited for.
    const row = page.locator('#bench tr', { has: page.locator('th:text-is("conv 3x3, forward and backward")') })
    await row.locator('td:nth-child(3):not(:text-is("to come"))').waitFor(LONG)
    await page.click('#bench-stop')
    assert.equal(await page.locator('#bench thead th').allTextContents(), ['milliseconds', 'tasn-webgpu', library])
    const cells = await row.locator('td').allTextContents()
    assert.ok(cells.length === 2 && cells.every(text => Number(text) > 0), `${library}: ${cells.join(', ')}`)
    await screenshot(page, `bench-${library}`)
    await page.waitForSelector('#bench-start:enabled', LONG)
    await page.uncheck(tick)
  }
  assert.equal(page.faults, [])
  await page.close()
})

t.run()
