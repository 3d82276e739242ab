/** The worker of the page: runs the test files one after the other, as test/run.ts does. */
import { FILES } from '#test-files'
import { open } from '../../../src/engine/open.ts'
import { adapterInfo } from '../../../src/gpu/device.ts'
import type { Order, Report } from './messages.ts'

type Suite = () => Promise<[errors: string | true, ran: number, skipped: number, total: number]>
const send = (report: Report): void => postMessage(report)

/** The failures in what uvu says of a suite. */
const failuresIn = (errors: string | true): string[] =>
  errors === true
    ? []
    : errors
        .split(/^ +FAIL +/m)
        .slice(1)
        .map(text => text.trim())

async function run({ words, env }: Order): Promise<void> {
  // uvu's protocol for a runner with many files: suites queue up instead of running when they are imported.
  const queue: Suite[][] = []
  Object.assign(globalThis, { process: { env: { TUNE: '0', ...env } }, UVU_DEFER: 1, UVU_QUEUE: queue })
  const files = Object.keys(FILES).filter(file => !words.length || words.some(w => file.includes(w)))
  for (const [i, file] of files.entries()) {
    queue[i] = []
    Object.assign(globalThis, { UVU_INDEX: i })
    await FILES[file]!()
  }
  await open()
  const { vendor, architecture, description, software, subgroup, features } = adapterInfo
  const name = [vendor, architecture, description].filter(Boolean).join(' ') || 'an adapter without a name'
  const kind = software ? ', software' : ''
  send({ kind: 'opened', adapter: `${name}${kind}; subgroups of ${subgroup}; ${features.join(', ')}`, files })
  for (const [i, file] of files.entries()) {
    send({ kind: 'began', file })
    const start = performance.now()
    const failures: string[] = queue[i]!.length ? [] : [`${file} runs no suite`]
    let passed = 0
    for (const suite of queue[i]!) {
      const [errors, ran, skipped, total] = await suite()
      passed += ran
      const found = failuresIn(errors)
      failures.push(...found)
      if (skipped || !total || found.length !== total - ran)
        failures.push(`${file}: ${ran} of ${total} passed, ${skipped} skipped, ${found.length} failures`)
    }
    send({ kind: 'ended', outcome: { file, passed, failures, seconds: (performance.now() - start) / 1000 } })
  }
  send({ kind: 'done' })
}

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  run(data).catch((error: unknown) => {
    send({ kind: 'stopped', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  })
})
