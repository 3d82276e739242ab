/** The page as a whole: it loads everywhere, asks nobody else for anything, and can be used by everybody. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SITE } from '../../examples/browser/build.ts'
import { serve } from '../../examples/browser/serve.ts'
import { accessible } from '../support/accessible.ts'
import { type Browser, launch, openPage, type Page, PHONE, screenshot, serveSite, WIDE } from '../support/chromium.ts'

const PANELS = ['look', 'train', 'bench', 'check'] as const
const t = suite('browser/shell')
let browser: Browser

t.before(async () => {
  browser = await launch('B')
})
t.after(() => browser?.close())

/** Waits until a panel is filled. */
async function filled(page: Page, id: string): Promise<void> {
  await page.locator(`#${id}:not([hidden]):not([aria-busy])`).waitFor({ timeout: 30_000 })
  assert.equal(await page.locator('.alarm:visible').allTextContents(), [])
}

/** Fails where the page is wider than its window, so that it has to be pushed sideways. */
async function fits(page: Page): Promise<void> {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.ok(wide! <= window!, `the page is ${wide} pixels wide in a window of ${window}`)
}

for (const [size, sizeName] of [
  [WIDE, 'wide'],
  [PHONE, 'phone'],
] as const)
  for (const dark of [false, true]) {
    const how = `${sizeName}, ${dark ? 'dark' : 'light'}`
    for (const id of PANELS)
      t(`${id}, ${how}: no fault, no request to elsewhere, nothing serious for axe`, async () => {
        const page = await openPage(browser, `?software=1#${id}`, { size, dark })
        await filled(page, id)
        await screenshot(page, `${id}-${sizeName}-${dark ? 'dark' : 'light'}`)
        await fits(page)
        await accessible(page)
        assert.equal(page.faults, [])
        await page.close()
      })
  }

t('tabs by keyboard, and the address names the panel', async () => {
  const page = await openPage(browser, '?software=1')
  await filled(page, 'look')
  const at = async (): Promise<string> => new URL(page.url()).hash.replace(/\?.*/, '')
  assert.is(await at(), '#look')
  await page.locator('#tab-look').focus()
  for (const [key, id] of [
    ['ArrowRight', 'train'],
    ['End', 'check'],
    ['ArrowRight', 'look'],
    ['ArrowLeft', 'check'],
    ['Home', 'look'],
  ] as const) {
    await page.keyboard.press(key)
    assert.is(await at(), `#${id}`, key)
    assert.is(await page.evaluate(() => document.activeElement?.id), `tab-${id}`, key)
    assert.equal(await page.locator('[role=tabpanel]:not([hidden])').evaluateAll(all => all.map(e => e.id)), [id])
  }
  assert.equal(page.faults, [])
  await page.close()
})

t('the switch of colours is kept', async () => {
  const page = await openPage(browser, '?software=1')
  await filled(page, 'look')
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
  assert.is(await theme(), 'light')
  await page.locator('#theme button').click()
  assert.is(await theme(), 'dark')
  await page.reload()
  assert.is(await theme(), 'dark')
  await page.close()
})

t('works from a sub-folder', async () => {
  await serveSite()
  const folder = mkdtempSync(join(tmpdir(), 'tasn-webgpu-deep-'))
  cpSync(SITE, join(folder, 'deep/er'), { recursive: true })
  const server = await serve(folder)
  try {
    const page = await openPage(browser, `${server.url}deep/er/?software=1`)
    const outside: string[] = []
    page.on('request', request => {
      if (!request.url().startsWith(`${server.url}deep/er/`)) outside.push(request.url())
    })
    for (const id of PANELS) {
      await page.locator(`#tab-${id}`).click()
      await filled(page, id)
    }
    assert.equal(page.faults, [])
    assert.equal(outside, [])
    await page.close()
  } finally {
    await server.close()
    rmSync(folder, { recursive: true })
  }
})

for (const [kind, says] of [
  ['no WebGPU', 'This browser has no WebGPU'],
  ['no adapter', 'no adapter for it'],
] as const)
  t(`${kind}: a sentence and recorded pictures`, async () => {
    const without = await launch(kind)
    try {
      for (const [size, name] of [
        [WIDE, 'wide'],
        [PHONE, 'phone'],
      ] as const) {
        // A tab that comes and goes would be a promise that is not kept.
        const prepare = (p: Pick<Page, 'addInitScript'>) =>
          p.addInitScript(`globalThis.sawTabs = false
            new MutationObserver(() => { sawTabs ||= document.querySelector('[role=tab]') !== null })
              .observe(document, { childList: true, subtree: true })`)
        const page = await openPage(without, '', { size, prepare })
        assert.match((await page.locator('[role=alert]').textContent()) ?? '', says)
        assert.is(await page.locator('figure img').count(), 2)
        await page.waitForFunction(() =>
          [...document.images].every(image => image.complete && image.naturalWidth > 100),
        )
        await screenshot(page, `${kind.replace(' ', '-')}-${name}`)
        await fits(page)
        await accessible(page)
        assert.is(await page.evaluate('sawTabs'), false)
        assert.equal(page.faults, [])
        await page.close()
      }
    } finally {
      await without.close()
    }
  })

t('a worker that cannot be loaded: a sentence and recorded pictures take the place of all panels', async () => {
  const page = await openPage(browser, '?software=1', {
    prepare: p => p.route('**/worker.js', route => route.fulfill({ status: 404 })),
  })
  await page.locator('figure.recorded').first().waitFor()
  assert.equal(await page.locator('[role=alert]').allTextContents(), [
    'The engine could not start: the worker could not be loaded (worker.js). Reload the page.',
  ])
  assert.is(await page.locator('figure img').count(), 2)
  assert.is(await page.locator('[role=tab], [role=tabpanel]').count(), 0)
  assert.is(await page.textContent('#adapter'), '')
  await page.close()
})

t.run()
