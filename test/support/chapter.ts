/** What the tests of each chapter of the book begin and end with. */
import { suite, type Test } from 'uvu'
import * as assert from 'uvu/assert'
import { close, open } from '../../src/engine/open.ts'
import { looks, openChapter } from './book.ts'
import { type Browser, launch, type Page } from './chromium.ts'

interface Chapter {
  /** Its suite, for the tests of its figures: a device is open in Node, too. */
  readonly t: Test
  /** Adds the last tests: no fault in those before, and how the chapter looks. Then runs all. */
  readonly run: () => void
}

/** The suite of a chapter. It hands the chapter's page in Chromium to `opened` before its first test. */
export function chapterSuite(id: string, opened: (page: Page) => void): Chapter {
  const t = suite(`browser/explained ${id}`)
  let browser: Browser
  let page: Page

  t.before(async () => {
    await open()
    browser = await launch('B')
    page = await openChapter(browser, id)
    opened(page)
  })
  t.after(async () => {
    await page?.close()
    await browser?.close()
    await close()
  })

  const run = (): void => {
    t('no fault in all of this', () => {
      assert.equal(page.faults, [])
    })
    t('light, dark and on a phone', () => looks(browser, id))
    t.run()
  }
  return { t, run }
}
