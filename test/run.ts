/**
 * Runs every *.test.ts below test/, or those whose path contains a word of the command line, in one process with one
 * device. Ends with the line `N passed, N failed`; fails as well when a file held no test, a test was skipped or none
 * ran at all.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { close, open } from '../src/engine/open.ts'
import { adapterInfo } from '../src/gpu/device.ts'

type Suite = () => Promise<[errors: string | true, ran: number, skipped: number, total: number]>
// uvu's protocol for a runner with many files: suites queue up instead of running when they are imported.
const queue: Suite[][] = []
Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: queue })
// Measured choices differ from run to run; what is tested are the rules, and in tuner.test.ts the tuner.
process.env.TUNE = '0'

const here = fileURLToPath(new URL('.', import.meta.url))
const words = process.argv.slice(2)
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter(f => f.endsWith('.test.ts') && (!words.length || words.some(w => f.includes(w))))
  .sort()

let passed = 0
let failed = 0
const fail = (message: string): void => {
  failed++
  console.error(`  ${message}`)
}

try {
  // All modules first: open() loads the shaders of the kernels that they declare.
  for (const [i, file] of files.entries()) {
    queue[i] = []
    Object.assign(globalThis, { UVU_INDEX: i })
    await import(pathToFileURL(here + file).href)
  }
  await open()
  console.log(`adapter: ${adapterInfo.description || adapterInfo.device} (${adapterInfo.vendor})`)
  for (const [i, file] of files.entries()) {
    const start = performance.now()
    if (!queue[i]!.length) fail(`${file} runs no suite`)
    for (const run of queue[i]!) {
      const [errors, ran, skipped, total] = await run()
      passed += ran
      failed += total - ran
      if (!total) fail(`${file} has a suite without a test`)
      if (skipped) fail(`${file} skips ${skipped} test(s)`)
      if (errors !== true) console.error(`\n${errors}`)
    }
    const seconds = (performance.now() - start) / 1000
    if (seconds > 5) console.log(`  ${file} took ${seconds.toFixed(1)} s`)
  }
  if (!files.length) fail(words.length ? `no test file's path contains ${words.join(' or ')}` : 'there is no test file')
} catch (error) {
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error))
} finally {
  await close().catch((error: unknown) => {
    fail(`closing the device: ${String(error)}`)
  })
}
if (!passed && !failed) fail('no test ran')
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
