/** What tests of the book's figures in Chromium have in common. */
import * as assert from 'uvu/assert'
import { accessible } from './accessible.ts'
import { type Browser, openPage, type Page, type PageOptions, PHONE, screenshot, until } from './chromium.ts'

/** Opens a chapter, and waits until its figures live. */
export async function openChapter(browser: Browser, id: string, options: PageOptions = {}): Promise<Page> {
  const page = await openPage(browser, `explained/${id}/?software=1`, options)
  await until(
    page,
    `[...document.querySelectorAll('[data-figure]')].every(f => f.dataset.state && f.dataset.state !== 'starting')`,
    120,
  )
  assert.equal(await page.locator('.alarm').allTextContents(), [])
  return page
}

/** The numbers that a figure shows now. */
export const numbersOf = async <T>(page: Page, figure: string): Promise<T> =>
  JSON.parse((await page.getAttribute(`[data-figure="${figure}"]`, 'data-numbers'))!) as T

/** Does something to a figure, waits until it has computed anew, and returns its numbers. */
export async function after<T>(page: Page, figure: string, act: () => Promise<unknown>): Promise<T> {
  const place = `document.querySelector('[data-figure="${figure}"]')`
  await page.evaluate(`${place}.dataset.numbers = ''`)
  await act()
  await until(page, `${place}.dataset.numbers !== ''`, 60)
  return numbersOf<T>(page, figure)
}

/** Moves a slider, by its label. */
export const slide = async (page: Page, label: string, value: number): Promise<void> => {
  await page.getByRole('slider', { name: label, exact: true }).evaluate((input, v) => {
    const slider = input as HTMLInputElement
    slider.value = `${v}`
    slider.dispatchEvent(new Event('input'))
  }, value)
}

/** Fails where numbers differ by more than `limit`; everything else must be equal. */
export function near(found: unknown, expected: unknown, limit: number, path = 'numbers'): void {
  if (typeof expected === 'number' && typeof found === 'number')
    assert.ok(Math.abs(found - expected) <= limit, `${path}: ${found} in the page, ${expected} in Node`)
  else if (expected && typeof expected === 'object') {
    assert.equal(Object.keys(found as object), Object.keys(expected), path)
    for (const [key, value] of Object.entries(expected))
      near((found as Record<string, unknown>)[key], value, limit, `${path}.${key}`)
  } else assert.is(found, expected, path)
}

/** The chapter in light, dark and on a phone: no fault, nothing serious for axe, nothing wider than the window. */
export async function looks(browser: Browser, id: string): Promise<void> {
  for (const [name, options] of Object.entries({
    light: {},
    dark: { dark: true },
    phone: { size: PHONE },
  })) {
    const page = await openChapter(browser, id, options)
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${id}, ${name}`)
    await screenshot(page, `explained-${id}-${name}`)
    await accessible(page)
    assert.equal(page.faults, [], name)
    await page.close()
  }
}
