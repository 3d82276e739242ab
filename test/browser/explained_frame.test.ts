/** The book's frame in Chromium: contents and sources, and chapters where nothing can compute. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chapters } from '../../examples/explained/frame/book.ts'
import { accessible } from '../support/accessible.ts'
import { launch, openPage, PHONE, until } from '../support/chromium.ts'

const t = suite('browser/explained frame')

t('from the demo to the contents, to a chapter, to the next, to a source', async () => {
  const browser = await launch('no WebGPU')
  const page = await openPage(browser, '')
  await page.click('header a')
  assert.match(page.url(), /\/explained\/$/)
  await accessible(page)
  const [first, second] = chapters()
  await page.click(`main a:text-is("${first!.title}")`)
  assert.match(page.url(), new RegExp(`/explained/${first!.id}/$`))
  assert.is(await page.getAttribute('.contents a[aria-current]', 'href'), './')
  await page.click('a[rel=next]')
  assert.match(page.url(), new RegExp(`/explained/${second!.id}/$`))
  await page.click('figure.code a')
  assert.match((await page.textContent('main pre'))!, /^\/\*\*/)
  await accessible(page)
  assert.equal(page.faults, [])
  await page.close()
  await browser.close()
})

for (const kind of ['no WebGPU', 'no adapter'] as const)
  t(`${kind}: each figure's picture stays, with one sentence`, async () => {
    const browser = await launch(kind)
    for (const { id } of chapters()) {
      const page = await openPage(browser, `explained/${id}/`, { size: PHONE })
      const figures = await page.locator('[data-figure]').count()
      await until(page, `document.querySelectorAll('[data-state=recorded]').length === ${figures}`)
      assert.is(await page.locator('.figure img').count(), figures)
      assert.is(await page.locator('.alarm').count(), figures)
      if (figures) assert.match((await page.textContent('.alarm'))!, /WebGPU.*The picture was recorded\.$/)
      await accessible(page)
      assert.equal(page.faults, [])
      await page.close()
    }
    await browser.close()
  })

t.run()
