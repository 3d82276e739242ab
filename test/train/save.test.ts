/**
 * Files of a training: from them it goes on bit for bit, after a power cut, and with another training's attention net.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTensors } from '../../src/io/checkpoint.ts'
import { type TrainingEvent, train } from '../../src/train/loop.ts'
import { saveAttention, saveCheckpoint, takeAttention, takeCheckpoint } from '../../src/train/save.ts'
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
    if (event.kind === 'step') continue
    if (event.epoch + 1 === training.attentionEpochs) await saveAttention(training, file(`attention-${name}`))
    await saveCheckpoint(training, file(name))
  }
  return events
}
/** But for the times. */
const told = (events: readonly TrainingEvent[]): object[] => events.map(({ seconds: _, ...event }) => event)

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
    await takeCheckpoint(resumed, file('cut'))
    assert.is(resumed.done.epochs, 2)
    assert.equal(told(await run(resumed, 'cut')), told(whole.slice(6)))
    assert.ok(bytes('cut').equals(bytes('whole')))
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
  assert.equal(told(await run(taker, 'taken')), told(own.slice(3)))
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
