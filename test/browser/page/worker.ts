/** The worker of the page: runs the test files one after the other, as test/run.ts does. */
import { FILES } from '#test-files'
import { open } from '../../../src/engine/open.ts'
import { adapterInfo } from '../../../src/gpu/device.ts'
import { queueSuites } from '../../support/queue.ts'
import type { Order, Report } from './messages.ts'

const send = (report: Report): void => postMessage(report)

/** The failures in what uvu says of suites. */
const failuresIn = (errors: string): string[] =>
  errors
    .split(/^ +FAIL +/m)
    .slice(1)
    .map(text => text.trim())

async function run({ words, env }: Order): Promise<void> {
  Object.assign(globalThis, { process: { env: { TUNE: '0', ...env } } })
  const files = Object.keys(FILES).filter(file => !words.length || words.some(w => file.includes(w)))
  const runs = await queueSuites(files, file => FILES[file]!())
  await open()
  const { vendor, architecture, description, software, subgroup, features } = adapterInfo
  const name = [vendor, architecture, description].filter(Boolean).join(' ') || 'an adapter without a name'
  const kind = software ? ', software' : ''
  send({ kind: 'opened', adapter: `${name}${kind}; subgroups of ${subgroup}; ${features.join(', ')}`, files })
  for (const [i, file] of files.entries()) {
    send({ kind: 'began', file })
    const start = performance.now()
    const { passed, failed, errors, faults } = await runs[i]!()
    const failures = [...faults, ...failuresIn(errors)]
    if (failures.length !== faults.length + failed)
      failures.push(`${file}: ${failed} failed, with other texts: ${errors}`)
    send({ kind: 'ended', outcome: { file, passed, failures, seconds: (performance.now() - start) / 1000 } })
  }
  send({ kind: 'done' })
}

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  run(data).catch((error: unknown) => {
    send({ kind: 'stopped', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  })
})
