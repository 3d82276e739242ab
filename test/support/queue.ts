/** uvu's suites of many files, run one after the other in Node and in a page: no module of Node is in here. */

type Suite = () => Promise<[errors: string | true, ran: number, skipped: number, total: number]>

/** The outcome of a file's suites. */
export interface Ran {
  readonly passed: number
  readonly failed: number
  /** uvu's texts of the tests that failed. */
  readonly errors: string
  /** Failures that are no test's: a file without a suite, a suite without a test, tests that are skipped. */
  readonly faults: readonly string[]
}

/** Imports the files by `load`, and returns what runs each: uvu queues suites up then, instead of running them. */
export async function queueSuites(
  files: readonly string[],
  load: (file: string) => Promise<unknown>,
): Promise<(() => Promise<Ran>)[]> {
  // uvu's protocol for a runner with many files.
  const queue: Suite[][] = files.map(() => [])
  Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: queue })
  for (const [i, file] of files.entries()) {
    Object.assign(globalThis, { UVU_INDEX: i })
    await load(file)
  }
  return files.map((file, i) => () => runSuites(file, queue[i]!))
}

async function runSuites(file: string, suites: readonly Suite[]): Promise<Ran> {
  let [passed, failed, texts] = [0, 0, '']
  const faults = suites.length ? [] : [`${file} runs no suite`]
  for (const run of suites) {
    const [errors, ran, skipped, total] = await run()
    passed += ran
    failed += total - ran
    if (!total) faults.push(`${file} has a suite without a test`)
    if (skipped) faults.push(`${file} skips ${skipped} test(s)`)
    if (errors !== true) texts += `\n${errors}`
  }
  return { passed, failed, errors: texts, faults }
}
