/**
 * Chromium for the tests in test/browser: starts it on a software adapter, opens pages that write down what goes wrong
 * in them, and serves the demo's site. Whatever is started here ends with endBrowsers(), or with the process.
 *
 *   const browser = await launch('B')
 *   const page = await openPage(browser, '#look', { dark: true, size: PHONE })
 *   ...
 *   assert.equal(page.faults, [])
 *   await page.close()
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page as PlaywrightPage } from 'playwright-core'
import { buildSite } from '../../examples/browser/build.ts'
import { type Server, serve } from '../../examples/browser/serve.ts'
// @ts-expect-error plain JavaScript: it must run before anything is installed
import { BROWSERS, findLavapipe } from '../../setup.mjs'

export type { Browser } from 'playwright-core'

/**
 * The adapter that a page finds. A: SwiftShader, which Chromium brings; slow. B: Mesa's lavapipe, through OpenGL ES.
 * Neither is WebGPU as it ships on GPUs, and what they differ in is listed in adapters.ts. `no adapter`: WebGPU is
 * there and finds none. `no WebGPU`: an older browser.
 */
export type Kind = 'A' | 'B' | 'no adapter' | 'no WebGPU'

/** A page, and what went wrong in it so far. */
export interface Page extends PlaywrightPage {
  /** Errors that nobody caught, errors in the console, files that are missing, requests to another server. */
  readonly faults: string[]
}

/** Sizes of windows, in CSS pixels. */
export const WIDE = { width: 1280, height: 900 } as const
export const PHONE = { width: 390, height: 844 } as const

export interface PageOptions {
  /** WIDE unless told. A phone has a touch screen, too. */
  readonly size?: typeof WIDE | typeof PHONE
  /** The user prefers dark pages. */
  readonly dark?: boolean
  /** Done to the page before it opens its address, as page.route(). */
  readonly prepare?: (page: PlaywrightPage) => Promise<unknown>
}

const COMMON = [
  '--headless=new',
  '--no-sandbox', // containers and CI run as root, where the sandbox does not start
  '--ignore-gpu-blocklist',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  // Nothing leaves this machine: a request to another server fails, and is one of the page's faults.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
  '--remote-debugging-pipe',
]
const FLAGS: Readonly<Record<Kind, readonly string[]>> = {
  A: [
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--use-vulkan=swiftshader',
  ],
  B: [
    '--enable-unsafe-webgpu',
    '--use-angle=vulkan',
    '--enable-features=Vulkan',
    '--use-vulkan=native',
    '--use-webgpu-adapter=opengles',
    '--force-webgpu-compat',
  ],
  'no adapter': ['--disable-gpu'],
  'no WebGPU': ['--disable-gpu'],
}

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Pictures for people to look at; git ignores it. */
export const SCREENSHOTS = join(root, 'test/browser/screenshots')

/** The program: that of CHROMIUM=path, or Debian's. @throws telling how to install it. */
export function findChromium(): string {
  const named = process.env.CHROMIUM
  const places = named ? [named] : (BROWSERS as string[])
  const found = places.find(path => existsSync(path))
  if (found) return found
  throw new Error(
    `no Chromium at ${places.join(', ')}. \`npm run test:browser\` installs it where it may; by hand it is ` +
      '`apt-get install chromium` on Debian. CHROMIUM=path names one that is elsewhere.',
  )
}

/** Vulkan's variables for adapter B. @throws telling how to install lavapipe. */
function lavapipe(): Record<string, string> {
  const file = findLavapipe() as string | undefined
  if (file) return { VK_ICD_FILENAMES: file, VK_DRIVER_FILES: file }
  throw new Error(
    "no Mesa lavapipe: adapter B is Mesa's software Vulkan driver, `apt-get install mesa-vulkan-drivers` on Debian",
  )
}

/** Removes the folder of a browser that has ended. Its last processes may still write into it for a moment. */
async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await rm(folder, { recursive: true, force: true })
    } catch {
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  await rm(folder, { recursive: true, force: true })
}

/** Browsers whose pages find no `navigator.gpu`: Chromium has no flag for that. */
const withoutWebGpu = new WeakSet<Browser>()
const running = new Map<Browser, string>()
let site: Promise<Server> | undefined
// What is still there has been cut off: playwright kills its browsers then.
process.once('exit', () => {
  for (const folder of running.values())
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // a temporary folder
    }
})

/** Starts Chromium with an empty profile. @throws where there is none, or where it does not start. */
export async function launch(kind: Kind): Promise<Browser> {
  const executablePath = findChromium()
  // Profile, sockets and temporary files in one folder, which goes when the browser has ended.
  const folder = mkdtempSync(join(tmpdir(), 'tasn-webgpu-chromium-'))
  for (const name of ['profile', 'tmp']) mkdirSync(join(folder, name))
  const env = { ...process.env, TMPDIR: join(folder, 'tmp'), XDG_RUNTIME_DIR: folder, HOME: folder }
  try {
    const browser = await chromium.launch({
      executablePath,
      ignoreDefaultArgs: true, // they choose another adapter
      args: [...COMMON, ...FLAGS[kind], `--user-data-dir=${join(folder, 'profile')}`, 'about:blank'],
      env: { ...env, ...(kind === 'B' ? lavapipe() : {}) },
    })
    running.set(browser, folder)
    if (kind === 'no WebGPU') withoutWebGpu.add(browser)
    const close = browser.close.bind(browser)
    browser.close = async () => {
      await close()
      await removeFolder(folder)
      running.delete(browser)
    }
    return browser
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`${executablePath} did not start: ${(error as Error).message}`)
  }
}

/**
 * Opens a page of the demo's site, in a context of its own, which page.close() ends.
 *
 * @param path from the site on, as in `#look?gamma=2`, or a whole address of this machine.
 */
export async function openPage(browser: Browser, path: string, options: PageOptions = {}): Promise<Page> {
  const { size = WIDE, dark = false, prepare } = options
  const url = URL.canParse(path) ? path : new URL(path, (await serveSite()).url).href
  const context = await browser.newContext({
    viewport: size,
    colorScheme: dark ? 'dark' : 'light',
    ...(size.width === PHONE.width ? { isMobile: true, hasTouch: true } : {}),
  })
  if (withoutWebGpu.has(browser)) await context.addInitScript('delete Navigator.prototype.gpu')
  const page = Object.assign(await context.newPage(), { faults: [] as string[] })
  const { faults } = page
  const { origin } = new URL(url)
  context.on('request', request => {
    const { protocol, origin: to } = new URL(request.url())
    if (/^(https?|wss?):$/.test(protocol) && to !== origin) faults.push(`a request left the server: ${request.url()}`)
  })
  context.on('requestfailed', request => {
    faults.push(`failed: ${request.url()}: ${request.failure()?.errorText}`)
  })
  context.on('response', response => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`)
  })
  page.on('pageerror', error => {
    faults.push(`not caught: ${error.stack ?? error.message}`)
  })
  page.on('crash', () => {
    faults.push('the page crashed')
  })
  page.on('console', message => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`)
  })
  page.once('close', () => {
    context.close().catch(() => {}) // the browser may have ended, and all its contexts with it
  })
  await prepare?.(page)
  await page.goto(url)
  return page
}

/**
 * Waits until an expression is true in the page, and returns its value.
 * @throws with the faults of the page where that takes longer than `seconds`.
 */
export async function until<T>(page: Page, expression: string, seconds = 30): Promise<T> {
  try {
    const handle = await page.waitForFunction(expression, undefined, { timeout: 1000 * seconds, polling: 100 })
    return (await handle.jsonValue()) as T
  } catch (error) {
    const text = (await page.textContent('body').catch(() => '')) ?? ''
    throw new Error(
      `waited ${seconds} s for ${expression}: ${(error as Error).message.split('\n')[0]}\n` +
        `faults of the page: ${page.faults.join('\n') || 'none'}\nit shows: ${text.replace(/\s+/g, ' ').slice(0, 500)}`,
    )
  }
}

/** Saves what the page shows, at its whole length, as NAME.png below SCREENSHOTS. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true, animations: 'disabled' })
}

/** Builds the demo's site (examples/browser/build.ts) and serves it, once in a process. */
export function serveSite(): Promise<Server> {
  site ??= buildSite().then(folder => serve(folder))
  return site
}

/** Ends all browsers and servers that were started here, and removes what they wrote. */
export async function endBrowsers(): Promise<void> {
  await Promise.allSettled([...running.keys()].map(browser => browser.close()))
  const serving = site
  site = undefined
  await serving?.then(({ close }) => close()).catch(() => {})
}
