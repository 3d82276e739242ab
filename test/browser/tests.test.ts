/** The engine's own tests in a page, as anybody can open them: tests/ of the demo's site. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { accessible } from '../support/accessible.ts'
import { unlisted } from '../support/adapters.ts'
import { launch, openPage, screenshot, until } from '../support/chromium.ts'
import { candidates } from './page/build.ts'
import { FAILS, OF_NODE, PAGE_ADAPTERS } from './page/list.ts'
import type { Outcome } from './page/messages.ts'

const t = suite('browser/tests')
/** Longest time that all tests may take in a page. */
const LIMIT_SECONDS = 400
interface Ended {
  readonly outcomes: readonly Outcome[]
  readonly stopped?: string
}

for (const { kind, query, words, fails } of PAGE_ADAPTERS)
  t(`on ${kind}${query && ` with ${query}`}: ${words.join(' ')}`, async () => {
    const browser = await launch(kind)
    try {
      const page = await openPage(browser, `tests/?only=${words.join()}&${query}`)
      const { outcomes, stopped } = await until<Ended>(page, 'globalThis.outcome', LIMIT_SECONDS)
      await screenshot(page, `tests-${kind}${query && '-cpu'}`)
      assert.is(stopped, undefined)
      const ran = candidates().filter(file => !(file in OF_NODE) && words.some(word => file.includes(word)))
      assert.equal(
        outcomes.map(({ file }) => file),
        ran,
      )
      const expected = [...FAILS, ...fails].filter(({ test }) => ran.includes(`${test.split(' ')[0]}.test.ts`))
      const problems = unlisted(
        outcomes.flatMap(({ failures }) => failures),
        expected,
      )
      const passed = outcomes.reduce((sum, o) => sum + o.passed, 0)
      const seconds = outcomes.reduce((sum, o) => sum + o.seconds, 0)
      const listed = `${expected.length} failed as listed`
      console.log(`  ${kind} ${query}: ${passed} passed in the page, ${listed}, ${seconds.toFixed(0)} s`)
      assert.equal(problems, [])
      assert.ok(passed > 10)
      // What the page shows is what it tells.
      assert.is(await page.textContent('#verdict'), `${passed} passed, ${expected.length} failed`)
      assert.is(await page.locator('#results tr').count(), ran.length)
      assert.is(await page.locator('#results tr.failed').count(), outcomes.filter(o => o.failures.length).length)
      await accessible(page)
      assert.equal(page.faults, [])
    } finally {
      await browser.close()
    }
  })

t.run()
