/** The panel Check in Chromium: the figures of Node, on both software adapters. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { accessible } from '../support/accessible.ts'
import { launch, openPage, PHONE, screenshot } from '../support/chromium.ts'

const t = suite('browser/check')

/** Largest differences of losses; logits keep to 1e-4 on both. */
for (const [kind, limit] of [
  ['B', 1e-4],
  ['A', 1e-3],
] as const)
  t(`logits within 1e-4 of Node's and losses within ${limit} on adapter ${kind}`, async () => {
    const browser = await launch(kind)
    const page = await openPage(browser, '?software=1#check', kind === 'B' ? { dark: true } : { size: PHONE })
    await page.click('#check button.primary')
    const verdict = page.locator('#check pre.verdict')
    await verdict.waitFor({ timeout: 240_000 })
    const text = (await verdict.textContent())!
    console.log(`\n${text}`)
    assert.match(text, /^same results as Node on this GPU\n/)
    const [, logits, losses] = text.split('\n').map(line => Number(/: +([\d.e-]+)/.exec(line)?.[1]))
    assert.ok(logits! < 1e-4, `logits differ by ${logits}`)
    assert.ok(losses! < limit, `losses differ by ${losses}`)
    assert.is(await page.locator('#check tbody tr').count(), 5)
    if (kind === 'B') await accessible(page)
    await screenshot(page, `check-${kind}`)
    assert.equal(page.faults, [])
    await page.close()
    await browser.close()
  })

t.run()
