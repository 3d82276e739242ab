/** Runs test files in one process and counts: what test/run.ts and test/browser/run.ts have in common. */
import { readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

type Suite = () => Promise<[errors: string | true, ran: number, skipped: number, total: number]>
/** Reports a failure that is no test's. */
export type Fail = (message: string) => void

export interface Hooks {
  /** Called when all files have been imported. */
  readonly before?: () => Promise<void>
  /** Called after the last test. */
  readonly after?: (fail: Fail) => void
  /** Called at the end in any case. */
  readonly end: () => Promise<void>
}

/** The *.test.ts below a folder whose path contains one of the words; all if there is no word. */
export const testFiles = (folder: string, words: readonly string[]): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(f => f.replaceAll('\\', '/'))
    .filter(
      f => f.endsWith('.test.ts') && !f.includes('node_modules') && (!words.length || words.some(w => f.includes(w))),
    )
    .sort()

/**
 * Runs the files, prints `N passed, N failed` last, and returns the exit code. Fails as well when a file held no test,
 * a test was skipped, or none ran at all.
 */
export async function runFiles(folder: string, files: readonly string[], hooks: Hooks): Promise<0 | 1> {
  // uvu's protocol for a runner with many files: suites queue up instead of running when they are imported.
  const queue: Suite[][] = []
  Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: queue })
  let passed = 0
  let failed = 0
  const fail: Fail = message => {
    failed++
    console.error(`  ${message}`)
  }
  const failWith = (error: unknown): void =>
    fail(error instanceof Error ? (error.stack ?? error.message) : String(error))
  try {
    for (const [i, file] of files.entries()) {
      queue[i] = []
      Object.assign(globalThis, { UVU_INDEX: i })
      await import(pathToFileURL(folder + file).href)
    }
    await hooks.before?.()
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
    hooks.after?.(fail)
    if (!files.length) fail('there is no test file whose path contains one of these words')
  } catch (error) {
    failWith(error)
  } finally {
    await hooks.end().catch(failWith)
  }
  if (!passed && !failed) fail('no test ran')
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed ? 1 : 0
}
