/**
 * The loop of training, small: it repeats bit for bit, goes on bit for bit, counts its images, and says what went wrong
 * before anything is saved.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { write } from '../../src/engine/execute.ts'
import { readTensors } from '../../src/io/checkpoint.ts'
import { type EpochEvent, type StepEvent, type TrainingEvent, train } from '../../src/train/loop.ts'
import type { TrainingConfig } from '../../src/train/presets.ts'
import { saveAttention, saveCheckpoint, takeAttention, takeCheckpoint } from '../../src/train/save.ts'
import type { Training } from '../../src/train/setup.ts'
import { drawBirds, small } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-loop-'))
const t = suite('train/loop')

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
const stepsOf = (events: readonly TrainingEvent[]): StepEvent[] => events.filter(e => e.kind === 'step')
const epochsOf = (events: readonly TrainingEvent[]): EpochEvent[] => events.filter(e => e.kind === 'epoch')
/** But for the times. */
const told = (events: readonly TrainingEvent[]): object[] => events.map(({ seconds: _, ...event }) => event)

let whole: TrainingEvent[]

t('the same seed gives the same events and the same bits', async () => {
  whole = await run(await small(dir), 'whole')
  assert.equal(told(await run(await small(dir), 'again')), told(whole))
  assert.ok(bytes('whole').equals(bytes('again')))
})

t('events: two steps and an epoch, three times, each when it is done', () => {
  assert.equal(
    whole.map(e => (e.kind === 'step' ? `${e.epoch}.${e.step}` : `${e.epoch}`)),
    ['0.0', '0.1', '0', '1.0', '1.1', '1', '2.0', '2.1', '2'],
  )
  for (const { epoch, means, images } of epochsOf(whole)) {
    const own = stepsOf(whole).filter(e => e.epoch === epoch)
    assert.is(images, 16)
    assert.ok(Math.abs(means.loss - (own[0]!.numbers.loss + own[1]!.numbers.loss) / 2) < 1e-9)
  }
})

t('in its own epochs only the attention net learns, and only it is told of', async () => {
  const [first] = stepsOf(whole)
  assert.equal(Object.keys(first!.numbers), ['loss', 'loss_attention', 'accuracy_attention'])
  assert.is(first!.rates.classifier, 0)
  const [alone, together] = epochsOf(whole)
  assert.equal(Object.keys(alone!.accuracies), ['attention'])
  assert.equal(Object.keys(together!.accuracies), ['attention', 'part', 'master', 'sharedPart', 'sharedMaster'])
  const training = await small(dir)
  assert.is(training.phases.together.learners.includes('attention'), false)
  const { tensors: begun } = await checkpointOf(training)
  for await (const event of train(training)) if (event.kind === 'epoch') break
  const { tensors, metadata } = await checkpointOf(training)
  for (const [name, { data }] of tensors) {
    const moved = name.startsWith('attention.') || name.startsWith('optimizer.attention.')
    if (!moved) assert.equal(data, begun.get(name)!.data, name)
  }
  assert.not.equal(tensors.get('attention.fc.weight')!.data, begun.get('attention.fc.weight')!.data)
  assert.equal([metadata.epoch, metadata.attentionSteps, metadata.classifierSteps], ['1', '2', '0'])
})

async function checkpointOf(training: Training) {
  await saveCheckpoint(training, file('now'))
  return readTensors(file('now'))
}

t('every test image counts once', () => {
  const { tested } = epochsOf(whole)[2]!
  assert.is(tested!.images, 19) // two batches of 8 and a padded one
  assert.is(new Set(tested!.right.map(a => a.id)).size, 19)
  for (const accuracy of Object.values(tested!.accuracy))
    assert.ok(Number.isInteger(Math.round(accuracy * 19 * 1e9) / 1e9), `${accuracy} is no share of 19`)
})

t('tests are made after every so many epochs, and after the last', async () => {
  const training = await small(dir)
  const tested: boolean[] = []
  for await (const e of train(training, { evaluateEvery: 2 })) if (e.kind === 'epoch') tested.push(!!e.tested)
  assert.equal(tested, [false, true, true])
  assert.equal(training.done.history[0], {})
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

t('a loss that is not finite is told with its own step, while the next one runs, and before the epoch is', async () => {
  for (const [step, before] of [
    [0, []],
    [1, ['step']],
  ] as const) {
    const training = await small(dir)
    const { step: real } = training.phases.alone!
    let runs = 0
    // The weights break before this step, and nothing mends them.
    const broken = {
      ...real,
      run: () => {
        const weight = training.model.state().get('attention.fc.weight')!
        if (runs++ === step) write(weight, new Float32Array(weight.size).fill(NaN))
        return real.run()
      },
    }
    Object.assign(training.phases, { alone: { ...training.phases.alone!, step: broken } })
    const seen: string[] = []
    try {
      for await (const event of train(training)) seen.push(event.kind)
      assert.unreachable('the loss was NaN')
    } catch (error) {
      assert.match((error as Error).message, `the loss is NaN at epoch 1, step ${step + 1}: lower --lr`)
    }
    assert.equal(seen, before)
    assert.is(runs, 2) // the step after the first was under way
    assert.is(training.done.epochs, 0)
  }
})

t('accumulation takes a step per so many batches, whose means it tells', async () => {
  const training = await small(dir, { batch: 4, accumulate: 2 })
  const events = await run(training, 'accumulated')
  assert.equal(
    stepsOf(events).map(e => [e.step, e.images]),
    [0, 1, 2].flatMap(() => [
      [0, 8],
      [1, 16],
    ]),
  )
  assert.is(training.optimizers.attention.steps, 2)
  assert.is(training.optimizers.classifier.steps, 4)
  // Four batches, and three of them to a step: the fourth is left out.
  const uneven = await run(await small(dir, { batch: 4, accumulate: 3, epochs: 2 }), 'uneven')
  assert.equal(
    epochsOf(uneven).map(e => e.images),
    [12, 12],
  )
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

t('a plain classifier learns from the first epoch, and has no model file of its own', async () => {
  const training = await small(dir, { epochs: 1 }, { look: 'shrunk' })
  const events = await run(training, 'plain')
  assert.equal(Object.keys(stepsOf(events)[0]!.numbers), [
    'loss',
    'loss_sharedMaster',
    'accuracy_sharedMaster',
    'emptyMaps',
  ])
  assert.not.ok(existsSync(file('attention-plain')))
})

t('what cannot work is said before anything runs', async () => {
  const fails = async (settings: Partial<TrainingConfig>, message: RegExp) => {
    try {
      await small(dir, settings)
    } catch (error) {
      assert.match((error as Error).message, message)
      return
    }
    assert.unreachable(`no error like ${message}`)
  }
  await fails({ batch: 17 }, /16 training images.*--batch/)
  await fails({ accumulate: 3 }, /--accumulate 3/)
})

t.run()
