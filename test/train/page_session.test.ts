/** The page's training, in Node: pauses change no bit, its files resume in Node, and its figures are recorded. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { largestDifference } from '../../examples/browser/check_figures.ts'
import { record, recorded } from '../../examples/browser/record.ts'
import { readRun, runOf } from '../../examples/browser/run_config.ts'
import { birdsOfRun, Session, type SessionEvent } from '../../examples/browser/train_session.ts'
import { drawBird, indicesOf } from '../../src/data/birds/index.ts'
import { stats } from '../../src/engine/buffers.ts'
import { readConfig } from '../../src/run/config.ts'
import { RunFolder } from '../../src/run/folder.ts'
import { decodeCheckpoint } from '../../src/train/index.ts'
import { trainer } from '../support/trainer.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-session-'))
const t = suite('train/page_session')
/** Two steps an epoch, the first epoch for the attention net alone. */
const RUN = runOf({ birds: 48, epochs: 2, seed: 0 })
const drawn = new Map(indicesOf(birdsOfRun(RUN)).map(index => [index, drawBird(0, index)]))

t.after(() => {
  rmSync(dir, { recursive: true })
})

const lossesOf = (events: readonly SessionEvent[]): number[] =>
  events.flatMap(e => (e.kind === 'step' ? e.numbers.loss : []))

let whole: Uint8Array
let losses: number[]

t('steps one by one, pauses, and looks at birds change no bit', async () => {
  const all: SessionEvent[] = []
  const one = await Session.make(RUN, drawn)
  assert.equal(await one.run(e => all.push(e)), { epochs: 2, steps: 0, finished: true })
  whole = (await one.files()).checkpoint
  losses = lossesOf(all)
  await one.destroy()

  const parts: SessionEvent[] = []
  const other = await Session.make(RUN, drawn)
  assert.equal(await other.run(e => parts.push(e), { steps: 1, every: 1 }), { epochs: 0, steps: 1, finished: false })
  const paused = other.run(e => parts.push(e), { every: 1 })
  const early = await other.files().catch((e: Error) => e)
  assert.match((early as Error).message, /running: pause\(\) it first/)
  await other.pause()
  assert.not((await paused).finished)
  while (!(await other.run(e => parts.push(e), { steps: 1 })).finished);
  assert.equal(lossesOf(parts), losses)
  assert.ok(Buffer.from(whole).equals((await other.files()).checkpoint))
  const views = parts.flatMap(e => (e.kind === 'views' ? e.views : []))
  assert.is(views.length % 6, 0)
  assert.ok(views.length >= 6)
  for (const { map, sample, inBox, probability } of views) {
    assert.equal([map.length, sample.length], [16 * 16, 3 * 32 * 32])
    assert.equal([Math.min(...map), Math.max(...map)], [0, 1])
    assert.ok(inBox > 0 && inBox < 1 && probability > 1 / 16)
  }
  await other.destroy()
})

t('a training that ends gives its memory back', async () => {
  const before = stats.bytes
  await (await Session.make(RUN, drawn)).destroy()
  // Rates of the two optimisers, and what eager launches keep for the next: nothing that grows with the model.
  assert.ok(stats.bytes - before < 1000, `${stats.bytes - before} bytes`)
})

t('page -> Node -> page: the files of a paused training, and those of the run that Node has finished', async () => {
  const page = await Session.make(RUN, drawn)
  await page.run(() => {}, { steps: 1 })
  const { checkpoint, config } = await page.files()
  await page.destroy()
  const folder = join(dir, 'run')
  mkdirSync(folder)
  writeFileSync(join(folder, 'checkpoint.safetensors'), checkpoint)
  writeFileSync(join(folder, 'config.json'), config)
  assert.is(readConfig(new RunFolder(folder, { resume: true })).flags.limit, 48)

  const { code, out } = await trainer(['--resume', folder])
  assert.is(code, 0, out)
  assert.match(out, /resuming after/)
  const bytes = new Uint8Array(readFileSync(join(folder, 'checkpoint.safetensors')))
  assert.ok(Buffer.from(whole).equals(bytes), 'Node ends in the bytes of the page')

  const back = readRun(readFileSync(join(folder, 'config.json'), 'utf8'))
  const again = await Session.make(back, drawn, await decodeCheckpoint(bytes, 'upload'))
  const { done } = await again.ready()
  assert.equal([done.epochs, done.history.length], [2, 2])
  await again.destroy()
})

t('runs that the page does not have are refused in words', () => {
  const config = { flags: { seed: 0 }, training: { epochs: 3, batch: 24 }, model: { imageSize: [192, 192] } }
  const text = (changes: object): string => JSON.stringify({ ...config, ...changes })
  assert.is(readRun(text({})).limit, undefined)
  for (const [changes, message] of [
    [{ flags: { seed: 0, data: '/cub' } }, /--data: the page trains on the built-in birds/],
    [{ model: { imageSize: [192, 192], look: 'shrunk' } }, /plain classifier/],
    [{ model: { imageSize: [256, 256] } }, /images of 256,256 pixels/],
    [{ flags: { seed: -1 } }, /is damaged: limit, seed/],
    [{ training: 3 }, /not that of a run/],
  ] as const)
    assert.throws(() => readRun(text(changes)), message)
  assert.throws(() => readRun('{'), /no JSON/)
})

t('the recorded figures of the panel Check are those of today', async () => {
  const now = await record()
  const then = recorded()
  assert.is(now.logits.length, 512)
  assert.ok(largestDifference(now.logits, then.logits) < 1e-4, 'npx tsx examples/browser/record.ts records them anew')
  assert.is(now.losses.length, 5)
  assert.ok(largestDifference(now.losses, then.losses) < 1e-4, 'npx tsx examples/browser/record.ts records them anew')
})

t('differences are told by the largest, relative above 1, and nothing that is not finite passes', () => {
  assert.ok(Math.abs(largestDifference([1, 10, 0.1], [1, 10.5, 0.2]) - 0.1) < 1e-12)
  assert.ok(Math.abs(largestDifference([11], [10]) - 0.1) < 1e-12)
  assert.is(largestDifference([1], [1, 2]), Infinity)
  assert.is(largestDifference([Number.NaN], [1]), Infinity)
})

t.run()
