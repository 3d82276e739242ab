/** Trouble in the middle of a run, with real processes: what is lost is said, and --resume ends in the same bytes. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTensors } from '../../src/io/checkpoint.ts'
import { DIVERGED } from '../../src/run/trouble.ts'
import type { Ended } from '../support/child.ts'
import { contentOf, type TrainerOptions, trainer } from '../support/trainer.ts'
import { drawBirds } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-trouble-'))
const t = suite('run/trouble')
const path = (...names: string[]) => join(dir, ...names)
const support = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url))

/** A run of 3 epochs of 4 steps. */
const begin = (run: string, options: TrainerOptions = {}, ...more: string[]): Promise<Ended> =>
  trainer(['--data', path('birds'), '--run', path(run), '--epochs', '3', '--batch', '4', ...more], options)
const resume = (run: string, ...more: string[]): Promise<Ended> => trainer(['--resume', path(run), ...more])

/** Goes on with a run that was cut off. It must end as one that never was. */
async function endsAsWhole(run: string): Promise<Ended> {
  const ended = await resume(run)
  assert.is(ended.code, 0, ended.out)
  assert.equal(contentOf(path(run)), whole)
  return ended
}
/** Sends a signal once a process has said so many epochs. */
const atEpoch = (epochs: number, signal: NodeJS.Signals): TrainerOptions => {
  let sent = false
  return {
    onOutput: (out, child) => {
      if (sent || (out.match(/^epoch/gm) ?? []).length < epochs) return
      sent = true
      child.kill(signal)
    },
  }
}

const FULL = support('full_disk.ts')
const losing = (run: string, restarts: number): Promise<Ended> => {
  const env = { METRICS: path(run, 'metrics.jsonl'), LINES: '7', TASN_RESTARTS: `${restarts}` }
  return begin(run, { preload: support('lose_device.ts'), env })
}

/** The runs that nothing comes before, in the order of the tests. */
const BEGINNINGS = {
  whole: () => begin('whole'),
  SIGTERM: () => begin('SIGTERM', atEpoch(1, 'SIGTERM')),
  SIGINT: () => begin('SIGINT', atEpoch(1, 'SIGINT')),
  closed: () =>
    begin('closed', {
      onStart: child => {
        child.stdout!.destroy()
        setTimeout(() => child.kill('SIGHUP'), 3000)
      },
    }),
  room: () => begin('room', { preload: FULL, env: { FULL_FROM: '5', FULL_CALLS: '4' } }),
  full: () => begin('full', { preload: FULL, env: { FULL_FROM: '1', FULL_CALLS: '1' } }),
  lost: () => losing('lost', 0),
  often: () => losing('often', 3),
} satisfies Record<string, () => Promise<Ended>>
type Beginning = keyof typeof BEGINNINGS
const ended = new Map<Beginning, Promise<Ended>>()

/** Two at a time: a run keeps little more than one processor core busy. */
function beginAll(): void {
  const lanes = [Promise.resolve(), Promise.resolve()]
  for (const [i, [name, start]] of (Object.entries(BEGINNINGS) as [Beginning, () => Promise<Ended>][]).entries()) {
    const end = lanes[i % 2]!.then(start)
    ended.set(name, end)
    lanes[i % 2] = end.then(
      () => {},
      () => {}, // its test says why
    )
  }
}

let whole: Record<string, unknown>
t.before(async () => {
  await drawBirds(dir)
  beginAll()
  const { code, out } = await ended.get('whole')!
  assert.is(code, 0, out)
  whole = contentOf(path('whole'))
})
t.after(() => {
  rmSync(dir, { recursive: true })
})

t('SIGTERM and SIGINT: the step is finished and saved, and the command that goes on is said', async () => {
  const stopped = async (signal: 'SIGTERM' | 'SIGINT', exit: number): Promise<void> => {
    const { code, out } = await ended.get(signal)!
    assert.is(code, exit, out)
    assert.match(out, `${signal}: this step is finished and saved, then the run stops`)
    assert.match(
      out,
      /stopped by SIG.* after epoch \d.*; all of it is saved: go on with\n {2}npm run train -- --resume /,
    )
  }
  await Promise.all([stopped('SIGTERM', 143), stopped('SIGINT', 130)])
  assert.match((await endsAsWhole('SIGINT')).out, /^resuming after epoch \d/m)
})

t('neither output that nobody takes nor a hangup stops a run without a terminal', async () => {
  const { code, signal } = await ended.get('closed')!
  assert.equal([code, signal], [0, null])
  assert.equal(contentOf(path('closed')), whole)
})

t('one process a folder', async () => {
  let second: Promise<Ended> | undefined
  const first = await begin('locked', {
    onOutput: out => {
      if (/^epoch 1/m.test(out)) second ??= resume('locked')
    },
  })
  const { code, out } = await second!
  assert.is(first.code, 0, first.out)
  assert.is(code, 1)
  assert.match(
    out,
    /^error: the process \d+ on .* is at work in this folder since .*: wait for it to end, or stop it$/m,
  )
  assert.equal(contentOf(path('locked')), whole)
})

t('a full disk that gets room again costs nothing', async () => {
  const { code, out } = await ended.get('room')!
  assert.is(code, 0, out)
  assert.match(out, /warning: cannot write .*: no space is left on the disk \(ENOSPC\): /)
  assert.equal(contentOf(path('room')), whole)
})

t('a disk that is full at the start: an error that names the file, and later the run can be made', async () => {
  const { code, out } = await ended.get('full')!
  assert.is(code, 1)
  assert.match(out, /^error: cannot write .*config\.json: no space is left on the disk \(ENOSPC\)$/m)
  assert.not.match(out, /^ {4}at /m)
  assert.equal(readdirSync(path('full')), []) // as good as new
})

t('a lost device: the run goes on by itself, in a new process', async () => {
  const [{ code, out }, often] = await Promise.all([ended.get('lost')!, ended.get('often')!])
  assert.is(code, 0, out)
  assert.match(out, /warning: the GPU device was lost \(destroyed\)/)
  assert.match(out, /warning: going on from the last checkpoint in a new process \(1 of 3\)/)
  assert.equal(contentOf(path('lost')), whole)
  assert.is(often.code, 1, often.out)
  assert.match(
    often.out,
    /error: the device was lost 4 times; once it works, go on with\n {2}npm run train -- --resume/,
  )
})

t('a damaged checkpoint is told, and the one before it is taken', async () => {
  cpSync(path('whole'), path('damaged'), { recursive: true })
  for (const name of ['summary.json', 'answers.json']) rmSync(path('damaged', name))
  const file = path('damaged', 'checkpoint.safetensors')
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1]! ^= 16
  rmSync(file) // it shares its bytes with the best
  writeFileSync(file, bytes)
  const { out } = await endsAsWhole('damaged').catch((error: Error) => ({ out: error.message }))
  assert.match(
    out,
    /warning: .*checkpoint\.safetensors is damaged.*; going on from .*checkpoint-1\.safetensors instead/,
  )
})

t(
  'numbers that are not finite: nothing of them is saved, their first kernel is said, and lower rates go on',
  async () => {
    // SGD that multiplies each weight by -9899 in a step.
    const config = JSON.parse(readFileSync(path('whole', 'config.json'), 'utf8')) as { training: object }
    Object.assign(config.training, { optimizer: 'sgd', lr: 99, attentionLr: 99, warmUp: 0, weightDecay: 100 })
    mkdirSync(path('sgd'))
    writeFileSync(path('sgd', 'config.json'), JSON.stringify(config))
    const { code, out } = await trainer(['--repeat', path('sgd'), '--run', path('diverged')])
    assert.is(code, DIVERGED, out)
    assert.match(out, /first number that was not finite was written by .*\.wgsl: \w+ \[[\d,]+\], in epoch \d, step \d/)
    const [, flags] = /--resume \S+ (--lr \S+ --attention-lr \S+)/.exec(out) ?? []
    assert.is(flags, '--lr 9.9 --attention-lr 9.9')
    const { tensors } = await readTensors(path('diverged', 'checkpoint.safetensors'))
    for (const [name, { data }] of tensors) assert.ok(data.every(Number.isFinite), name)
    const on = await resume('diverged', '--lr', '0.001', '--attention-lr', '0.001')
    assert.is(on.code, 0, on.out)
    const again = await trainer(['--repeat', path('diverged'), '--run', path('repeated')])
    assert.is(again.code, 0, again.out)
    assert.equal(contentOf(path('repeated')), contentOf(path('diverged')))
  },
)

t.run()
