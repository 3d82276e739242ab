/** The panel Look in Chromium: answers, sliders, the pointer that links all pictures, and errors as sentences. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Browser, launch, openPage, type Page, PHONE, screenshot, until } from '../support/chromium.ts'

const t = suite('browser/look')
let browser: Browser
let page: Page

/** Waits until the panel has computed and drawn anew. */
const answered = (p: Page): Promise<unknown> =>
  p.waitForFunction(() => document.querySelector<HTMLElement>('.status')?.dataset.ms, undefined, { timeout: 120_000 })

/** Does something, and waits for what the panel shows then. @returns milliseconds between, seen from the page. */
async function act(p: Page, f: () => Promise<unknown>): Promise<void> {
  await p.evaluate(() => {
    delete document.querySelector<HTMLElement>('.status')!.dataset.ms
  })
  await f()
  await answered(p)
}

const slide = (p: Page, name: string, value: number): Promise<void> =>
  act(p, () =>
    p.evaluate(
      ([id, v]) => {
        const input = document.getElementById(`look-${id}`) as HTMLInputElement
        input.value = `${v}`
        input.dispatchEvent(new Event('input'))
      },
      [name, value] as const,
    ),
  )

/** A number for what a canvas shows: the image, the mean map, structure, channel, detail, shrunk. */
const shown = (p: Page): Promise<string[]> =>
  p.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('.pictures canvas')].map(canvas => canvas.toDataURL()),
  )
const PICTURES = ['image', 'map', 'structure', 'channel', 'detail', 'shrunk']
const changed = (before: string[], after: string[]): string[] => PICTURES.filter((_, i) => before[i] !== after[i])
const bars = (p: Page): Promise<string[]> => p.locator('.bar').allTextContents()

t.before(async () => {
  browser = await launch('B')
  page = await openPage(browser, '?software=1#look')
  await answered(page)
})
t.after(async () => {
  await page?.close()
  await browser?.close()
})

t('opens with a bird that it names, in all pictures', async () => {
  const answers = await bars(page)
  assert.is(answers.length, 5)
  assert.match(answers[0]!, /✓ drawn.*\d %/)
  const total = answers.reduce((sum, a) => sum + Number(/([\d.]+) %/.exec(a)![1]), 0)
  assert.ok(total > 50 && total < 100.5, `${total} %`)
  assert.is(new Set(await shown(page)).size, 6, 'six different pictures')
  assert.is(await page.locator('.channels button').count(), 24)
  assert.match((await page.textContent('#adapter'))!, /a software adapter/)
})

t('each slider changes what it should, and nothing else', async () => {
  const expected: [name: string, value: number, pictures: string[]][] = [
    ['gamma', 4, ['structure']],
    ['dense', 1, ['structure', 'detail']],
    ['channel', 7, ['channel', 'detail']],
    ['size', 64, ['structure', 'detail', 'shrunk']],
  ]
  for (const [name, value, pictures] of expected) {
    if (name === 'channel') await act(page, () => page.click('text=As trained')) // at cap 1 all samples are alike
    const before = await shown(page)
    await slide(page, name, value)
    assert.equal(changed(before, await shown(page)), pictures, name)
    await until(page, `location.hash.includes('${name}=${value}')`)
  }
  const { width, height } = await page.evaluate(() => {
    const { width, height } = document.querySelectorAll<HTMLCanvasElement>('.pictures canvas')[2]!
    return { width, height }
  })
  assert.equal([width, height], [64, 64])
})

t('a low cap flattens the grid, as far as the published rounds allow', async () => {
  const magnified = async (): Promise<number[]> =>
    (await page.locator('.reading').allTextContents()).map(text => Number(/up to ([\d.]+) times/.exec(text)![1]))
  await act(page, () => page.click('text=As trained'))
  await slide(page, 'gamma', 5)
  await slide(page, 'dense', 8)
  const free = await magnified()
  await slide(page, 'dense', 1)
  const flat = await magnified()
  assert.is(free.length, 2)
  for (const axis of [0, 1]) assert.ok(flat[axis]! <= 2 && flat[axis]! < free[axis]!, `${free} at 8, ${flat} at 1`)
  await act(page, () => page.click('text=As trained'))
})

t('a view can be sent to somebody', async () => {
  await slide(page, 'gamma', 3)
  await until(page, `location.hash.includes('gamma=3')`)
  const other = await openPage(browser, page.url())
  await answered(other)
  assert.equal(await bars(other), await bars(page))
  assert.equal(changed(await shown(other), await shown(page)), [])
  assert.equal(other.faults, [])
  await other.close()
  await act(page, () => page.click('text=As trained'))
})

t('one pointer links pictures and curves, by mouse and by keys', async () => {
  const crosses = (): Promise<(string | null)[]> =>
    page.locator('.crosshair').evaluateAll(all => all.map(one => one.getAttribute('d')))
  await page.hover('.pictures figure:nth-child(2) .stage', { position: { x: 60, y: 90 } })
  assert.is((await crosses()).filter(Boolean).length, 6)
  assert.match((await page.locator('.reading').allTextContents()).join('\n'), /x = .* in the sample[\s\S]*y = /)
  await page.mouse.move(5, 5)
  assert.equal((await crosses()).filter(Boolean), [])
  await page.focus('.pictures figure:first-child .stage')
  await page.keyboard.press('ArrowRight')
  const before = await crosses()
  await page.keyboard.press('ArrowDown')
  const after = await crosses()
  assert.is(after.filter(Boolean).length, 6)
  assert.not.equal(after, before)
  await page.keyboard.press('Escape')
  assert.equal((await crosses()).filter(Boolean), [])
})

t('tabs by arrow keys', async () => {
  const selected = (): Promise<string> => page.textContent('[role=tab][aria-selected=true]') as Promise<string>
  await page.focus('#tab-look')
  await page.keyboard.press('ArrowRight')
  assert.is(await selected(), 'Train')
  assert.ok(page.url().includes('#train'))
  await page.keyboard.press('ArrowLeft')
  assert.is(await selected(), 'Look')
  assert.ok(await page.isVisible('.pictures'))
})

t('a channel by its map', async () => {
  const before = await shown(page)
  await act(page, () => page.click('.channels button:nth-child(11)'))
  assert.equal(changed(before, await shown(page)), ['channel', 'detail'])
  assert.is(await page.getAttribute('.channels button:nth-child(11)', 'aria-pressed'), 'true')
})

/** Opens the panel with a model that arrives when it is let go. */
async function held(path: string): Promise<{ p: Page; letGo: () => void }> {
  let letGo = (): void => {}
  const gate = new Promise<void>(resolve => {
    letGo = resolve
  })
  const prepare = (p: Pick<Page, 'route'>): Promise<unknown> =>
    p.route('**/model.safetensors', async route => {
      await gate
      await route.continue()
    })
  return { p: await openPage(browser, path, { prepare }), letGo }
}
const RECORDED = `/^Recorded/.test(document.querySelector('.status')?.textContent)`
const FIRST = '?software=1#look'

t('the recorded answer comes first', async () => {
  const p = await openPage(browser, FIRST)
  const at = (what: string): Promise<number> => until(p, `${what} && performance.now()`, 120)
  const recorded = await at(RECORDED)
  const computed = await at(`document.querySelector('.status').dataset.ms`)
  console.log(`\nrecorded answer after ${recorded.toFixed(0)} ms, computed after ${computed.toFixed(0)} ms`)
  assert.ok(recorded < computed)
  await p.close()
})

t('it says so, is the computed one, and gives way to it without a jump', async () => {
  const { p, letGo } = await held(FIRST)
  await until(p, RECORDED)
  const parts = '.look > *, .look-main > *, .stage, figcaption, .bar, .slider, .plot, .channels button'
  const seen = async () => ({
    names: await p.locator('.bar .name').allTextContents(),
    percent: (await p.locator('.bar .percent').allTextContents()).map(Number.parseFloat),
    grids: await p
      .locator('.grid-lines')
      .evaluateAll(all => all.map(one => (one.getAttribute('d')?.match(/[\d.]+/g) ?? []).map(Number))),
    sliders: await p.locator('.slider output').allTextContents(),
    words: await p.locator('figcaption, .channels').allTextContents(),
    boxes: await p.locator(parts).evaluateAll(all => all.map(one => JSON.stringify(one.getBoundingClientRect()))),
    pixels: await p
      .locator('.pictures canvas, .channels canvas')
      .evaluateAll(all =>
        (all as HTMLCanvasElement[]).map(one => [
          ...one.getContext('2d')!.getImageData(0, 0, one.width, one.height).data,
        ]),
      ),
  })
  assert.is(await p.textContent('.status'), 'Recorded. Your adapter computes it now …')
  assert.is(await p.getAttribute('.status', 'data-ms'), null)
  assert.ok(await p.isDisabled('#look-gamma'))
  await p.focus('.channels button:nth-child(3)')
  const recorded = await seen()
  await screenshot(p, 'look-recorded')
  letGo()
  await answered(p)
  const computed = await seen()
  assert.match((await p.textContent('.status'))!, /^Computed and drawn in \d+ ms\.$/)
  const apart = (a: readonly number[], b: readonly number[]): number =>
    a.length === b.length ? Math.max(...a.map((v, i) => Math.abs(v - b[i]!))) : Infinity
  assert.is(recorded.names.length, 5)
  for (const key of ['names', 'sliders', 'words', 'boxes'] as const) assert.equal(recorded[key], computed[key], key)
  assert.ok(apart(recorded.percent, computed.percent) < 1, `${recorded.percent}, ${computed.percent}`)
  assert.ok(recorded.grids.filter(grid => grid.length).length === 2)
  recorded.grids.forEach((grid, i) => {
    assert.ok(apart(grid, computed.grids[i]!) < 1, `${grid}, ${computed.grids[i]}`)
  })
  assert.is(recorded.pixels.length, 6 + 24)
  recorded.pixels.forEach((picture, i) => {
    const most = picture.reduce((m, v, k) => Math.max(m, Math.abs(v - computed.pixels[i]![k]!)), 0)
    assert.ok(most <= 8, `picture ${i}: a pixel is ${most} of 255 apart`)
  })
  assert.ok(await p.evaluate(() => document.activeElement?.matches('.channels button:nth-child(3)')))
  assert.equal(p.faults, [])
  await p.close()
})

t('another bird, or an option, has no recorded answer', async () => {
  for (const state of ['bird=3101', 'gamma=3', 'channel=5']) {
    const { p } = await held(`?software=1#look?${state}`)
    await p.waitForFunction(() => document.querySelectorAll('.shelf button[title]').length === 6)
    assert.is(await p.locator('.bar').count(), 0, state)
    assert.is(await p.textContent('.status'), '', state)
    await p.close()
  }
})

t('what is chosen before anything is computed counts', async () => {
  const { p, letGo } = await held(FIRST)
  await until(p, RECORDED)
  await p.click('.channels button:nth-child(11)')
  await p.click('.shelf button[title]:nth-child(2)')
  letGo()
  // A slider that moves while the first answer is being computed has its turn after it.
  await p.waitForFunction(() => !document.querySelector<HTMLInputElement>('#look-gamma')!.disabled)
  await p.evaluate(() => {
    const input = document.getElementById('look-gamma') as HTMLInputElement
    input.value = '4'
    input.dispatchEvent(new Event('input'))
  })
  await answered(p)
  // In any order: the answer may come before the slider moves.
  await until(p, `[...new URLSearchParams(location.hash.slice(6))].sort().join() === 'bird,3101,channel,10,gamma,4'`)
  assert.is(await p.getAttribute('.shelf button:nth-child(2)', 'aria-pressed'), 'true')
  assert.is(await p.getAttribute('.channels button:nth-child(11)', 'aria-pressed'), 'true')
  const other = await openPage(browser, p.url())
  await answered(other)
  const wanted = (await shown(other))[2]!
  await p.waitForFunction(
    url => document.querySelectorAll<HTMLCanvasElement>('.pictures canvas')[2]!.toDataURL() === url,
    wanted,
    { timeout: 60_000 },
  )
  for (const one of [p, other]) {
    assert.equal(one.faults, [])
    await one.close()
  }
})

t('without the model the recorded answer stays, marked as such, until somebody loads one', async () => {
  const p = await openPage(browser, FIRST, {
    prepare: q => q.route('**/model.safetensors', route => route.fulfill({ status: 404 })),
  })
  await p.waitForSelector('.look > .alarm:not([hidden])')
  await until(p, RECORDED)
  assert.match((await p.textContent('.look > .alarm'))!, /own model is missing \(model\.safetensors: 404\)/)
  assert.is(await p.textContent('.status'), 'Recorded, and not computed here.')
  assert.is(await p.locator('.bar').count(), 5)
  const model = fileURLToPath(new URL('../../examples/browser/model.safetensors', import.meta.url))
  await act(p, () => p.locator('input[accept=".safetensors"]').setInputFiles(model))
  assert.not.ok(await p.isVisible('.look > .alarm'))
  await p.close()
})

t('images from outside, and what is no image', async () => {
  const input = page.locator('input[type=file]').first()
  const file = fileURLToPath(new URL('../../examples/pictures/built-in-birds.png', import.meta.url))
  await act(page, () => input.setInputFiles(file))
  assert.match((await page.textContent('.status'))!, /middle square was taken, \d+ pixels wide/)
  await input.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('none') })
  await page.waitForSelector('.look > .alarm:not([hidden])')
  assert.match((await page.textContent('.look > .alarm'))!, /not an image that the browser can read/)
})

t('models of another run, and what is no model', async () => {
  const input = page.locator('input[accept=".safetensors"]')
  const model = readFileSync(new URL('../../examples/browser/model.safetensors', import.meta.url))
  await input.setInputFiles({ name: 'broken.safetensors', mimeType: '', buffer: model.subarray(0, 1000) })
  await page.waitForFunction(() => /broken/.test(document.querySelector('.look > .alarm')!.textContent!))
  assert.match((await page.textContent('.look > .alarm'))!, /broken\.safetensors is not a valid \.safetensors file/)
  const flipped = Buffer.from(model)
  flipped[flipped.length - 1]! ^= 1
  await input.setInputFiles({ name: 'flipped.safetensors', mimeType: '', buffer: flipped })
  await page.waitForFunction(() => /flipped/.test(document.querySelector('.look > .alarm')!.textContent!))
  assert.match((await page.textContent('.look > .alarm'))!, /flipped\.safetensors is damaged/)
  await act(page, () => input.setInputFiles({ name: 'mine.safetensors', mimeType: '', buffer: model }))
  assert.not.ok(await page.isVisible('.look > .alarm'))
})

t('behind it: launches, arithmetic, time and shaders', async () => {
  await page.click('details.behind summary')
  await page.waitForSelector('details.behind table')
  const text = (await page.textContent('details.behind'))!
  const [, launches, mflop] = /(\d+) launches, ([\d.]+) MFLOP/.exec(text)!
  assert.ok(Number(launches) > 20)
  assert.ok(Number(mflop) > 20 && Number(mflop) < 40, `${mflop} MFLOP`)
  await page.click('details.behind td button')
  assert.match((await page.locator('details.behind pre').last().textContent())!, /@compute/)
})

t('no fault in all of this', () => {
  assert.equal(page.faults, [])
})

t('light and dark, wide and on a phone: nothing is wider than the window', async () => {
  for (const size of [undefined, PHONE])
    for (const dark of [false, true]) {
      const p = await openPage(browser, '?software=1#look', { dark, ...(size && { size }) })
      await answered(p)
      await p.waitForFunction(() => document.querySelectorAll('.shelf button[title]').length === 6)
      assert.is(await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0)
      await screenshot(p, `look-${size ? 'phone' : 'wide'}-${dark ? 'dark' : 'light'}`)
      assert.equal(p.faults, [])
      await p.close()
    }
})

t.run()
