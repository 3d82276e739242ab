/** The page's training, in Node: pauses change no bit, and its figures are recorded. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { largestDifference } from '../../examples/browser/check_figures.ts'
import { record, recorded } from '../../examples/browser/record.ts'
import { readRun, runOf } from '../../examples/browser/run_config.ts'
import type { SessionEvent } from '../../examples/browser/train_messages.ts'
import { birdsOfRun, Session } from '../../examples/browser/train_session.ts'
import { drawBird, indicesOf } from '../../src/data/birds/index.ts'
import { stats } from '../../src/engine/buffers.ts'
import { choices } from '../../src/engine/tune/choices.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { rungsThatFit } from '../../src/gpu/ladder.ts'
import { decodeCheckpoint } from '../../src/train/index.ts'

const t = suite('train/page_session')
/** Two steps an epoch, the first epoch for the attention net alone. */
const RUN = runOf({ birds: 48, epochs: 2, seed: 0 })
const drawn = new Map(indicesOf(birdsOfRun(RUN)).map(index => [index, drawBird(0, index)]))

const lossesOf = (events: readonly SessionEvent[]): number[] =>
  events.flatMap(e => (e.kind === 'step' ? e.numbers.loss : []))

t('steps one by one, pauses, and looks at birds change no bit', async () => {
  const all: SessionEvent[] = []
  const one = await Session.make(RUN, drawn)
  assert.equal(await one.run(e => all.push(e)), { epochs: 2, steps: 0, finished: true })
  const whole = (await one.files()).checkpoint
  const losses = lossesOf(all)
  await one.destroy()

  const parts: SessionEvent[] = []
  const other = await Session.make(RUN, drawn)
  assert.equal(await other.run(e => parts.push(e), { steps: 1, every: 1 }), { epochs: 0, steps: 1, finished: false })
  const paused = other.run(e => parts.push(e), { every: 1 })
  const early = await other.files().catch((e: Error) => e)
  assert.match((early as Error).message, /running: pause\(\) it first/)
  await other.pause()
  assert.not((await paused).finished)
  // Files that are being made are of one step, though it is to go on meanwhile.
  const before = await other.files()
  const [meanwhile] = await Promise.all([other.files(), other.run(e => parts.push(e), { steps: 1 })])
  assert.ok(Buffer.from(before.checkpoint).equals(meanwhile.checkpoint))
  const standing = { epochs: other.t.done.epochs, steps: other.t.done.steps, finished: false }
  const [, waits] = [other.files(), other.run(e => parts.push(e))]
  await other.pause()
  assert.equal(await waits, standing, 'paused before it went on')
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

t('a run keeps the kernels that were chosen for it, and nobody else gets them', async () => {
  const ladder = ladderNamed('conv2d forward')
  const session = await Session.make(RUN, drawn)
  const launchesOf = ({ t }: Session) => t.phases.together.step.plan!.launches
  const { params, rung } = launchesOf(session).find(l => l.ladder === ladder)!
  const key = JSON.stringify(params)
  const other = rungsThatFit(ladder, params).find(r => r !== rung)!
  const { checkpoint, config } = await session.files()
  await session.destroy()
  const kernels = { [ladder.name]: { [key]: other.name }, spell: { '{}': 'magic' } }
  const run = readRun(JSON.stringify({ ...JSON.parse(config), kernels }))
  const again = await Session.make(run, drawn, await decodeCheckpoint(checkpoint, 'the checkpoint'))
  const taken = launchesOf(again).find(l => l.ladder === ladder && JSON.stringify(l.params) === key)
  assert.is(taken!.rung, other)
  assert.is((await again.ready()).missingKernels, 1)
  assert.equal(JSON.parse((await again.files()).config).kernels, { [ladder.name]: { [key]: other.name } })
  assert.equal(choices(), {})
  await again.destroy()
})

t('a training that ends gives its memory back', async () => {
  const before = stats.bytes
  await (await Session.make(RUN, drawn)).destroy()
  // Rates of the two optimisers, and what eager launches keep for the next: nothing that grows with the model.
  assert.ok(stats.bytes - before < 1000, `${stats.bytes - before} bytes`)
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
    [{ kernels: [] }, /is damaged: kernels/],
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
