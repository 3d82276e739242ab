/** What comes from outside of the page: files that are dropped, pictures that are pasted, the model of a run. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drawBird } from '../../src/data/birds/draw.ts'
import { type Browser, launch, openPage, type Page, screenshot } from '../support/chromium.ts'
import { trainer } from '../support/trainer.ts'

const t = suite('browser/sources')
const dir = mkdtempSync(join(tmpdir(), 'tasn-sources-'))
const PICTURE = fileURLToPath(new URL('../../examples/pictures/built-in-birds.png', import.meta.url))
let browser: Browser
let page: Page

/** Waits until the panel has computed and drawn anew. */
const answered = (p: Page): Promise<unknown> =>
  p.waitForFunction(() => document.querySelector<HTMLElement>('.status')?.dataset.ms, undefined, { timeout: 120_000 })

/** Does something, and waits for what the panel shows then. */
async function act(f: () => Promise<unknown>): Promise<void> {
  await page.evaluate(() => {
    delete document.querySelector<HTMLElement>('.status')!.dataset.ms
  })
  await f()
  await answered(page)
}

/**
 * Drags files of this machine over the panel, as a window manager does. There they are let go, or they leave it again.
 * @returns true if the panel showed that they may be dropped.
 */
async function drag(files: readonly string[], end: 'drop' | 'leave'): Promise<boolean> {
  const session = await page.context().newCDPSession(page)
  const send = (type: 'dragEnter' | 'dragOver' | 'dragCancel' | 'drop', y = 400): Promise<unknown> =>
    session.send('Input.dispatchDragEvent', {
      type,
      x: 300,
      y,
      data: { items: [], files: [...files], dragOperationsMask: 1 },
    })
  await send('dragEnter')
  await send('dragOver')
  const invited = await page.locator('#look.dropping').count()
  if (end === 'leave') {
    await send('dragOver', 3) // above the panel
    await send('dragCancel')
  } else await send('drop')
  await page.waitForSelector('#look:not(.dropping)')
  await session.detach()
  return invited === 1
}

/** Puts a picture into the clipboard, and presses the keys that paste it. */
async function paste(): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(230, 170)
    const context = canvas.getContext('2d')!
    context.fillStyle = 'teal'
    context.fillRect(20, 20, 150, 120)
    const blob = await canvas.convertToBlob({ type: 'image/png' })
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })])
  })
  await page.keyboard.press('Control+V')
}

const status = (): Promise<string | null> => page.textContent('.status')
const names = (): Promise<string[]> => page.locator('.bar .name').allTextContents()

t.before(async () => {
  browser = await launch('B')
  page = await openPage(browser, '?software=1#look')
  await answered(page)
})
t.after(async () => {
  await page?.close()
  await browser?.close()
  rmSync(dir, { recursive: true, force: true })
})

t('an image is dropped: the panel invites it, and answers', async () => {
  const { width, height } = await sharp(PICTURE).metadata()
  let invited = false
  await act(async () => {
    invited = await drag([PICTURE], 'drop')
  })
  assert.ok(invited, 'the panel shows where files may be dropped')
  assert.match((await status())!, `Its middle square was taken, ${Math.min(width, height)} pixels wide.`)
  assert.ok(page.url().endsWith('#look'), `the page stayed: ${page.url()}`)
})

t('what is taken away again changes nothing, and what is no image is refused by a sentence', async () => {
  const before = await status()
  assert.ok(await drag([PICTURE], 'leave'))
  const text = join(dir, 'notes.txt')
  writeFileSync(text, 'a bird')
  await drag([text], 'drop')
  await page.waitForSelector('.look > .alarm:not([hidden])')
  assert.match((await page.textContent('.look > .alarm'))!, /not an image that the browser can read/)
  assert.is(await status(), before)
})

t('an image is pasted, but into this panel only', async () => {
  await act(paste)
  assert.match((await status())!, /Its middle square was taken, 170 pixels wide\./)
  assert.not.ok(await page.isVisible('.look > .alarm'))
  const before = await page.locator('.pictures canvas').first().getAttribute('aria-label')
  await page.click('#tab-check')
  await page.waitForSelector('#check:not([hidden]):not([aria-busy])')
  await paste()
  await page.click('#tab-look')
  assert.is(await page.locator('.pictures canvas').first().getAttribute('aria-label'), before)
})

/** A data set in CUB's layout: photos of several sizes, of species that CUB has. */
const SPECIES = ['001.Black_footed_Albatross', '047.American_Goldfinch', '161.Blue_winged_Warbler']

async function writePhotos(folder: string): Promise<void> {
  const lists = { images: [], image_class_labels: [], train_test_split: [] } as Record<string, string[]>
  for (const species of SPECIES) mkdirSync(join(folder, 'images', species), { recursive: true })
  for (let i = 0; i < 18; i++) {
    const label = i % SPECIES.length
    const file = `${SPECIES[label]}/${i}.jpg`
    const { rgb } = drawBird(5, label + 16 * i, { size: 192 })
    await sharp(rgb, { raw: { width: 192, height: 192, channels: 3 } })
      .resize(260 + 10 * i, 220, { fit: 'fill' })
      .jpeg()
      .toFile(join(folder, 'images', file))
    lists.images!.push(`${i + 1} ${file}`)
    lists.image_class_labels!.push(`${i + 1} ${label + 1}`)
    lists.train_test_split!.push(`${i + 1} ${i < 12 ? 1 : 0}`)
  }
  lists.classes = SPECIES.map((name, i) => `${i + 1} ${name}`)
  for (const [name, lines] of Object.entries(lists)) writeFileSync(join(folder, `${name}.txt`), `${lines.join('\n')}\n`)
}

t("the model of somebody's own run is dropped, and names their species", async () => {
  const data = join(dir, 'birds')
  const run = join(dir, 'run')
  await writePhotos(data)
  const { code, out } = await trainer(['--data', data, '--run', run, '--epochs', '1', '--batch', '4'])
  assert.is(code, 0, out)
  await act(() => drag([join(run, 'model.safetensors')], 'drop'))
  await page.waitForFunction(() => /A model of 3 classes/.test(document.querySelector('.status')!.textContent!))
  assert.equal((await names()).sort(), ['American Goldfinch', 'Black-footed Albatross', 'Blue-winged Warbler'])
  await act(() => drag([join(data, 'images', SPECIES[1]!, '1.jpg')], 'drop'))
  assert.match((await status())!, /Its middle square was taken, 220 pixels wide\./)
  const shares = await page.locator('.bar .percent').allTextContents()
  const total = shares.reduce((sum, text) => sum + Number.parseFloat(text), 0)
  assert.ok(Math.abs(total - 100) < 0.5, `${shares}`)
  await screenshot(page, 'look-own-model')
  // A drawn bird is none of its species: nothing is marked as right.
  await act(() => page.click('.shelf button:nth-child(2)'))
  assert.is((await names()).length, 3)
  assert.is(await page.locator('.bar.right').count(), 0)
})

t('no fault in all of this', () => {
  assert.equal(page.faults, [])
})

t('limits that are too small: the sentence says which, with recorded pictures', async () => {
  const source = readFileSync(new URL('../../examples/browser/support.ts', import.meta.url), 'utf8')
  const needed = [...source.matchAll(/^ {2}(max\w+): \[(.*), '(.*)'\],$/gm)]
  assert.is(needed.length, 4)
  const small = await openPage(browser, '?software=1#look')
  await small.addInitScript(`
    const { get } = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'limits')
    const wrong = new URLSearchParams(location.search).get('small')
    Object.defineProperty(GPUAdapter.prototype, 'limits', {
      get() {
        const real = get.call(this)
        return new Proxy(real, { get: (_, name) => (name === wrong ? 7 : real[name]) })
      },
    })`)
  const { origin, pathname } = new URL(small.url())
  for (const [, limit, , unit] of needed) {
    await small.goto(`${origin}${pathname}?software=1&small=${limit}#look`)
    const alarm = (await small.locator('[role=alert]').first().textContent())!
    assert.match(alarm, new RegExp(`^This adapter allows 7 ${unit}, and the engine needs [\\d,]+\\.`), limit)
    assert.is(await small.locator('figure img').count(), 2)
  }
  await screenshot(small, 'too-small')
  // These were being loaded when the page was left for the next limit.
  assert.equal(
    small.faults.filter(fault => !/: net::ERR_ABORTED$/.test(fault)),
    [],
  )
  await small.close()
})

t.run()
