/**
 * Files of a training: from them it goes on bit for bit, after a power cut, and with another training's attention net.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTensors } from '../../src/io/checkpoint.ts'
import type { HostTensor } from '../../src/io/safetensors.ts'
import { type Checkpoint, takeCheckpoint } from '../../src/train/checkpoint.ts'
import { NOTHING_TESTED } from '../../src/train/evaluate.ts'
import { type TrainingEvent, train } from '../../src/train/loop.ts'
import { NOTHING_DONE, readPosition } from '../../src/train/position.ts'
import { readCheckpoint, saveAttention, saveCheckpoint, takeAttention } from '../../src/train/save.ts'
import type { Training } from '../../src/train/setup.ts'
import { drawBirds, small } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-save-'))
const t = suite('train/save')

t.before(() => drawBirds(dir))
t.after(() => {
  rmSync(dir, { recursive: true })
})

const file = (name: string): string => join(dir, `${name}.safetensors`)
const bytes = (name: string): Buffer => readFileSync(file(name))

/** Trains to the end, saving after each epoch; the attention net after its own epochs under `attention-` + name. */
async function run(training: Training, name: string): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  for await (const event of train(training)) {
    events.push(event)
    if (event.kind !== 'epoch') continue
    if (event.epoch + 1 === training.attentionEpochs) await saveAttention(training, file(`attention-${name}`))
    await saveCheckpoint(training, file(name))
  }
  return events
}
/** Steps and epochs, but for the times and images of this process, and where it settled. */
const told = (events: readonly TrainingEvent[]): object[] =>
  events
    .filter(e => e.kind !== 'test')
    .map(event => ({ ...event, seconds: 0, waited: 0, images: 0, ...(event.kind === 'epoch' ? {} : { settled: 0 }) }))

let whole: TrainingEvent[]

t('the same seed gives the same events and the same bits', async () => {
  whole = await run(await small(dir), 'whole')
  assert.equal(told(await run(await small(dir), 'again')), told(whole))
  assert.ok(bytes('whole').equals(bytes('again')))
})

for (const [where, stop] of [
  ['in the middle of an epoch', (e: TrainingEvent) => e.kind === 'step' && e.epoch === 2],
  ['at the end of one', (e: TrainingEvent) => e.kind === 'epoch' && e.epoch === 1],
] as const)
  t(`a consumer that stops ${where} is a power cut: from the last checkpoint it goes on to the same bits`, async () => {
    const cut = await small(dir)
    for await (const event of train(cut)) {
      if (event.kind === 'epoch') await saveCheckpoint(cut, file('cut'))
      if (stop(event)) break
    }
    const resumed = await small(dir)
    takeCheckpoint(resumed, await readCheckpoint(file('cut')))
    assert.is(resumed.done.epochs, 2)
    assert.equal(told(await run(resumed, 'cut')), told(whole).slice(6))
    assert.ok(bytes('cut').equals(bytes('whole')))
  })

t('wherever it settles, in steps and in tests, it goes on to the same bits, and to the same numbers', async () => {
  const settings = { batch: 4, accumulate: 2 }
  const all = await run(await small(dir, settings), 'straight')
  const places = all.filter(e => e.kind === 'step' || (e.kind === 'test' && e.batches < e.of)).length
  assert.is(places, 3 * (2 + 4))
  let seen: TrainingEvent[] = []
  let rounds = 0
  // One settled event a process, then the next one.
  for (let left = true; left; rounds++) {
    const t = await small(dir, settings)
    if (rounds) takeCheckpoint(t, await readCheckpoint(file('stuttered')))
    left = false
    for await (const event of train(t, { settle: () => true })) {
      seen = [...seen, event]
      if (event.kind === 'epoch' && event.epoch + 1 === t.attentionEpochs) await saveAttention(t, file('unused'))
      if (event.kind !== 'epoch' && !event.settled) continue
      await saveCheckpoint(t, file('stuttered'))
      left = event.kind !== 'epoch' || event.epoch < 2
      break
    }
  }
  assert.is(rounds, places + 3)
  assert.equal(told(seen), told(all))
  assert.ok(bytes('stuttered').equals(bytes('straight')))
})

t('a checkpoint of another run, or with numbers that no training has, is refused, and nothing changes', async () => {
  const t = await small(dir)
  await saveCheckpoint(t, file('begun'))
  const fails = async (change: (c: Checkpoint) => Checkpoint, message: RegExp, training = t) => {
    const checkpoint = change(await readCheckpoint(file('whole')))
    assert.throws(() => takeCheckpoint(training, checkpoint), message)
    await saveCheckpoint(t, file('after'))
    assert.ok(bytes('after').equals(bytes('begun')))
  }
  const at = (position: Partial<Checkpoint['position']>) => (c: Checkpoint) => ({
    ...c,
    position: { ...c.position, ...position },
  })
  await fails(at({ epochs: 4 }), /damaged: it stands at epoch 5/)
  await fails(at({ epochs: 2, steps: 3, batches: 3 }), /epoch 3, step 3, and this run has 3 epochs of 2 steps/)
  await fails(at({ epochs: 2, steps: 1, batches: 2 }), /damaged/)
  await fails(c => c, /not of this run: seed of it differs/, await small(dir, {}, {}, { seed: 6 }))
  await fails(c => c, /not of this run: settings/, await small(dir, { momentum: 0.5 }))
  // Rates may change.
  takeCheckpoint(await small(dir, { lr: 0.1, epochs: 5 }), await readCheckpoint(file('whole')))
  const position = { ...NOTHING_DONE, attentionSteps: 0, classifierSteps: 0 }
  const content = (change: object) => ({
    metadata: { sha256: '', position: JSON.stringify({ ...position, ...change }) },
    tensors: new Map<string, HostTensor>(),
  })
  assert.equal(readPosition(content({}), 'x'), position)
  // Of an earlier version, without a tensor of the answers: the test begins again.
  const test = { batches: 1, correct: NOTHING_TESTED.correct }
  assert.is(readPosition(content({ test: { ...test, right: '1', answers: [] } }), 'x').test, undefined)
  for (const [change, wrong] of [
    [{ epochs: 'abc' }, 'epochs'],
    [{ epochs: 1.5 }, 'epochs'],
    [{ epochs: 1 }, 'history'],
    [{ steps: -1 }, 'steps'],
    [{ sums: { loss: null } }, 'sums'],
    [{ classifierSteps: null }, 'classifierSteps'],
    [{ test: { batches: 1, correct: {} } }, 'test'],
  ] as const)
    assert.throws(() => readPosition(content(change), 'x'), new RegExp(`x is damaged: the ${wrong} in its metadata`))
  const bare = (metadata: Record<string, string>) => () => readPosition({ metadata, tensors: new Map() }, 'x')
  assert.throws(bare({ sha256: '', position: '[' }), /the position in its metadata/)
  assert.throws(bare({ position: '{}' }), /lacks the position of a training, or its checksum/)
})

t('a checkpoint within a test holds the answers to 100,000 images, and they come back to the digit', async () => {
  const t = await small(dir)
  const n = 1e5
  const share = (v: number) => Math.round(v * 1e4) / 1e4
  const answers = Array.from({ length: n }, (_, i) => ({
    right: i % 3 === 0,
    answer: (i % 20_001) - 1,
    confidence: share((i % 10_001) / 1e4),
    labelConfidence: share(1 - (i % 10_001) / 1e4),
  }))
  const correct = { ...NOTHING_TESTED.correct, sharedMaster: n }
  t.done = { ...NOTHING_DONE, steps: 2, batches: 2, test: { batches: n / 8, correct, answers } }
  await saveCheckpoint(t, file('test'))
  const { position } = await readCheckpoint(file('test'))
  assert.equal(position.test, { batches: n / 8, correct, answers })
})

t('PLAN=0 gives the same bits', async () => {
  process.env.PLAN = '0'
  try {
    await run(await small(dir), 'eager')
  } finally {
    delete process.env.PLAN
  }
  assert.ok(bytes('eager').equals(bytes('whole')))
})

const attentionOf = async (name: string) => {
  const { tensors } = await readTensors(file(name), n => n.startsWith('attention.'))
  return JSON.stringify([...tensors].map(([n, { data }]) => [n, [...data]]))
}

t('after its own epochs the attention net rests; joint or restarted it learns on', async () => {
  assert.is(await attentionOf('whole'), await attentionOf('attention-whole'))
  for (const attentionAfter of ['joint', 'restarts'] as const) {
    const training = await small(dir, { attentionAfter })
    await run(training, attentionAfter)
    assert.is.not(await attentionOf(attentionAfter), await attentionOf('attention-whole'), attentionAfter)
    assert.is(training.optimizers.attention.steps, 6)
  }
  // The same schedule so far.
  assert.is(await attentionOf('attention-restarts'), await attentionOf('attention-whole'))
})

t('an attention net taken from another training gives the bits of one trained here', async () => {
  const own = await run(await small(dir, {}, { partNet: false }), 'own')
  const taker = await small(dir, {}, { partNet: false })
  await takeAttention(taker, file('attention-whole'))
  assert.equal(told(await run(taker, 'taken')), told(own).slice(3))
  assert.ok(bytes('own').equals(bytes('taken')))
  assert.not.ok(bytes('whole').equals(bytes('taken')))
  try {
    await takeAttention(await small(dir, { attentionEpochs: 2 }), file('attention-whole'))
    assert.unreachable('one epoch is not two')
  } catch (error) {
    assert.match((error as Error).message, /learnt alone for 1 epoch; this one's does for 2/)
  }
})

t.run()
