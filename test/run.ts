/**
 * Runs every *.test.ts below test/, or those whose path contains a word of the command line, in one process with one
 * device. Ends with the line `N passed, N failed`; fails as well when a file held no test, a test was skipped, none ran
 * at all, or a full run has left out a rung that this adapter can run: what ships to another machine is run here, too.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { hooks, isRecordingPlan } from '../src/engine/launch.ts'
import { close, open } from '../src/engine/open.ts'
import { adapterInfo } from '../src/gpu/device.ts'
import { declaredLadders, type Rung } from '../src/gpu/kernel.ts'
import { lacking } from '../src/gpu/ladder.ts'

type Suite = () => Promise<[errors: string | true, ran: number, skipped: number, total: number]>
// uvu's protocol for a runner with many files: suites queue up instead of running when they are imported.
const queue: Suite[][] = []
Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: queue })
// Measured choices differ from run to run; what is tested are the rules, and in engine/tune.test.ts the tuner.
process.env.TUNE = '0'

const here = fileURLToPath(new URL('.', import.meta.url))
const words = process.argv.slice(2)
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter(
    f => f.endsWith('.test.ts') && !f.includes('node_modules') && (!words.length || words.some(w => f.includes(w))),
  )
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
  const ran = new Set<Rung>()
  const afterLaunch = hooks.afterLaunch
  hooks.afterLaunch = l => {
    if (!isRecordingPlan()) ran.add(l.rung)
    return afterLaunch?.(l) ?? []
  }
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
  const everyRung = declaredLadders().flatMap(l => l.rungs.map(rung => ({ name: `${l.name}, ${rung.name}`, rung })))
  // EVERY_RUNG=1 is test/adapters.ts, whose tests are enough for that.
  for (const { name, rung } of words.length && process.env.EVERY_RUNG !== '1' ? [] : everyRung) {
    const lack = lacking(rung)
    // It finds values that are not finite under CHECK=1, in a process of its own: engine/launch.test.ts.
    if (name === 'debug/finite, only') continue
    if (lack) console.log(`  not run here: ${name}, for it ${lack}`)
    else if (!ran.has(rung)) fail(`no test has run the rung ${name}`)
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
