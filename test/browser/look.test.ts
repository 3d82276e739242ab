/** The panel Look in Chromium: answers, sliders, the pointer that links all pictures, and errors as sentences. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Browser, launch, openPage, type Page, PHONE, screenshot } from '../support/chromium.ts'

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
    ['cap', 1, ['structure', 'detail']],
    ['channel', 7, ['channel', 'detail']],
    ['size', 64, ['structure', 'detail', 'shrunk']],
  ]
  for (const [name, value, pictures] of expected) {
    if (name === 'channel') await act(page, () => page.click('text=As trained')) // at cap 1 all samples are alike
    const before = await shown(page)
    await slide(page, name, value)
    assert.equal(changed(before, await shown(page)), pictures, name)
    assert.ok(page.url().includes(`${name}=${value}`), page.url())
  }
  const { width, height } = await page.evaluate(() => {
    const { width, height } = document.querySelectorAll<HTMLCanvasElement>('.pictures canvas')[2]!
    return { width, height }
  })
  assert.equal([width, height], [64, 64])
})

t('at cap 1 the structure sample is the plainly shrunk image', async () => {
  await act(page, () => page.click('text=As trained'))
  await slide(page, 'cap', 1)
  const difference = await page.evaluate(() => {
    const canvases = document.querySelectorAll<HTMLCanvasElement>('.pictures canvas')
    const [a, b] = [canvases[2]!, canvases[5]!].map(
      one => one.getContext('2d')!.getImageData(0, 0, one.width, one.height).data,
    ) as [Uint8ClampedArray, Uint8ClampedArray]
    return a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length
  })
  // One reads between pixels and the other averages, so single pixels differ.
  assert.ok(difference < 12, `${difference}`)
  await act(page, () => page.click('text=As trained'))
})

t('a view can be sent to somebody', async () => {
  await slide(page, 'gamma', 3)
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

t('where nothing can compute, a sentence and recorded pictures', async () => {
  const other = await launch('no adapter')
  for (const [old, sentence] of [
    [false, /no adapter for it/],
    [true, /has no WebGPU/],
  ] as const) {
    const p = await openPage(other, '#look')
    if (old) {
      await p.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'gpu'))
      await p.reload()
    }
    await p.waitForSelector('.recorded img')
    assert.match((await p.textContent('[role=alert]'))!, sentence)
    await p.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>('.recorded img')].every(i => i.naturalWidth > 0),
    )
    assert.equal(p.faults, [])
    await p.close()
  }
  await other.close()
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
