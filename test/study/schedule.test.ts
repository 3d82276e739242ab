/** Which run of an ablation is trained when, and what happens where one fails. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ATTENTION_FILE } from '../../src/run/folder.ts'
import { DIVERGED } from '../../src/run/trouble.ts'
import { DIVERGED_FILE, diverged, finished } from '../../src/study/runs.ts'
import { trainAll, trainInProcess } from '../../src/study/schedule.ts'
import type { Wanted } from '../../src/study/wanted.ts'
import { child } from '../support/child.ts'

const t = suite('study/schedule')
let dir = ''
t.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), 'tasn-schedule-'))
})
t.after.each(() => {
  rmSync(dir, { recursive: true })
})

const wanted = (name: string, from?: string): Wanted => ({
  preset: 'tiny',
  arm: 'tasn',
  lr: 0.01,
  seed: 0,
  epochs: 3,
  data: undefined,
  heldOut: false,
  folder: join(dir, name),
  attentionFrom: from === undefined ? undefined : join(dir, from),
})

/** Pretends to train: leaves an attention net half way, and tells the log of beginning and end. */
const pretend =
  (log: string[], failing?: string) =>
  async ({ folder }: Wanted): Promise<void> => {
    const name = folder.slice(dir.length + 1)
    log.push(`${name} begins`)
    await sleep(5)
    if (name === failing) throw new Error(`${name} failed`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, ATTENTION_FILE), '')
    await sleep(5)
    log.push(`${name} ends`)
  }

async function quietly(body: () => Promise<void>): Promise<string[]> {
  const lines: string[] = []
  const { log } = console
  console.log = (line: string) => lines.push(line)
  try {
    await body()
  } finally {
    console.log = log
  }
  return lines
}

t('one after the other, in order, but for runs that are there', async () => {
  mkdirSync(join(dir, 'b'))
  writeFileSync(join(dir, 'b', 'summary.json'), '{}')
  const log: string[] = []
  const lines = await quietly(() =>
    trainAll(
      ['a', 'b', 'c'].map(name => wanted(name)),
      1,
      pretend(log),
    ),
  )
  assert.equal(log, ['a begins', 'a ends', 'c begins', 'c ends'])
  assert.is(lines[0], '1 of 3 runs are there already')
  assert.match(lines.at(-1)!, /c: done; 2 of 2 runs after 0:00/)
})

t('a run waits for the attention net that it takes, and others go before it', async () => {
  const log: string[] = []
  const runs = [wanted('late', 'source'), wanted('other'), wanted('source')]
  await quietly(() => trainAll(runs, 1, pretend(log)))
  assert.equal(
    log.filter(line => line.endsWith('begins')),
    ['other begins', 'source begins', 'late begins'],
  )
})

t('two at a time', async () => {
  const log: string[] = []
  await quietly(() =>
    trainAll(
      ['a', 'b', 'c'].map(name => wanted(name)),
      2,
      pretend(log),
    ),
  )
  assert.equal(log.slice(0, 2), ['a begins', 'b begins'])
  assert.is(log.length, 6)
})

t('after a failure none is begun, and those under way end', async () => {
  const log: string[] = []
  await quietly(async () => {
    try {
      await trainAll(
        ['a', 'b', 'c', 'd'].map(name => wanted(name)),
        2,
        pretend(log, 'a'),
      )
      assert.unreachable('a fails')
    } catch (error) {
      assert.is((error as Error).message, 'a failed')
    }
  })
  assert.equal(log, ['a begins', 'b begins', 'b ends'])
})

t('an attention net that will never be there', async () => {
  await quietly(async () => {
    try {
      await trainAll([wanted('late', 'gone')], 1, pretend([]))
      assert.unreachable('there is nobody to wait for')
    } catch (error) {
      assert.match((error as Error).message, /late waits for the attention net of .*gone, which has none/)
    }
  })
})

t('a run is a process: its output goes into a log, its whole error into the message', async () => {
  const script = join(dir, 'train.ts')
  writeFileSync(script, "console.log('epoch 1/1  loss 1.0  3.0 images/s  0:01'); console.error('error: no birds')")
  const lines = await quietly(() => trainInProcess(wanted('fine'), script, 1))
  assert.equal(lines, ['fine: epoch 1/1  loss 1.0  3.0 images/s  0:01'])
  const said = "console.error('Warning: of Dawn'); console.error('error: no birds:\\n  a.jpg\\nmend them')"
  writeFileSync(script, `${said}; process.exitCode = 3`)
  try {
    await trainInProcess(wanted('bad'), script, 1)
    assert.unreachable('it ended with 3')
  } catch (error) {
    const bad = join(dir, 'bad')
    assert.equal((error as Error).message.split('\n'), [
      `the run in ${bad} ended with exit 3; its log is ${bad}.log`,
      '  error: no birds:',
      '    a.jpg',
      '  mend them',
      'What is done stays done: start this command again to go on',
    ])
  }
})

t('a run that has begun is resumed, with the data where they are now', async () => {
  const script = join(dir, 'train.ts')
  writeFileSync(script, 'console.log(["resuming", ...process.argv.slice(2)].join(" "))')
  for (const [data, more] of [
    [undefined, ''],
    ['moved', ' --data moved'],
  ] as const) {
    const run = { ...wanted(`begun-${data}`), data }
    mkdirSync(run.folder)
    writeFileSync(join(run.folder, 'config.json'), '{}')
    const lines = await quietly(() => trainInProcess(run, script, 1))
    assert.equal(lines, [`begun-${data}: resuming --resume ${run.folder}${more}`])
  }
})

t('a rate that is tried and diverges is left out; another run that diverges says what to do', async () => {
  const script = join(dir, 'train.ts')
  writeFileSync(script, `console.error('error: the loss is NaN'); process.exitCode = ${DIVERGED}`)
  const search = { ...wanted('tried'), heldOut: true }
  mkdirSync(search.folder)
  const lines = await quietly(() => trainAll([search], 1, w => trainInProcess(w, script, 1)))
  assert.ok(lines.includes('tried: its numbers are no longer finite, so rate 0.01 counts as 0 % right'))
  assert.equal([finished(search), diverged(search)], [true, true])
  assert.is(readFileSync(join(search.folder, DIVERGED_FILE), 'utf8'), 'error: the loss is NaN\n')
  try {
    await trainInProcess(wanted('seed'), script, 1)
    assert.unreachable('it diverged')
  } catch (error) {
    assert.match(
      (error as Error).message,
      /ended with exit 20; .*\n {2}error: the loss is NaN\nIn an ablation .* --rates/,
    )
  }
})

t('a log that cannot be written costs no run', async () => {
  const script = join(dir, 'train.ts')
  writeFileSync(script, "console.log('one'); setTimeout(() => console.log('two'), 100)")
  mkdirSync(join(dir, 'run.log'))
  const warned: string[] = []
  const { warn } = console
  console.warn = (line: string) => warned.push(line)
  try {
    await trainInProcess(wanted('run'), script, 1)
  } finally {
    console.warn = warn
  }
  assert.is(warned.length, 1)
  assert.match(warned[0]!, /^warning: .*run\.log is cut off: EISDIR/)
})

t('a signal ends it; without a terminal a hangup ends nothing', async () => {
  const after = (signal: string) =>
    child(`
      import { stopOnSignals } from './src/study/schedule.ts'
      stopOnSignals()
      process.kill(process.pid, '${signal}')
      setTimeout(() => console.log('goes on'), 200)`)
  const [hangup, end] = await Promise.all([after('SIGHUP'), after('SIGTERM')])
  assert.equal([hangup.code, hangup.signal, hangup.out], [0, null, 'goes on\n'])
  assert.equal([end.code, end.signal, end.out], [143, null, ''])
})

t.run()
