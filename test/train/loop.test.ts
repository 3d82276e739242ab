/** The loop of training, small: its events, who learns when, its tests, and losses that are not finite. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { write } from '../../src/engine/transfer.ts'
import { readTensors } from '../../src/io/checkpoint.ts'
import { type EpochEvent, type NotFinite, type StepEvent, type TrainingEvent, train } from '../../src/train/loop.ts'
import { readPosition } from '../../src/train/position.ts'
import { saveCheckpoint } from '../../src/train/save.ts'
import type { Training } from '../../src/train/setup.ts'
import type { TrainingConfig } from '../../src/train/training_config.ts'
import { drawBirds, small } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-loop-'))
const t = suite('train/loop')

t.before(() => drawBirds(dir))
t.after(() => {
  rmSync(dir, { recursive: true })
})

/** Trains to the end. */
async function run(training: Training): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  for await (const event of train(training)) events.push(event)
  return events
}
const stepsOf = (events: readonly TrainingEvent[]): StepEvent[] => events.filter(e => e.kind === 'step')
const epochsOf = (events: readonly TrainingEvent[]): EpochEvent[] => events.filter(e => e.kind === 'epoch')
let whole: TrainingEvent[]

t('events: two steps and an epoch, three times, each when it is done', async () => {
  whole = await run(await small(dir))
  assert.equal(
    whole.map(e => (e.kind === 'step' ? `${e.epoch}.${e.step}` : `${e.kind} ${e.epoch}`)),
    [0, 1, 2].flatMap(n => [`${n}.0`, `${n}.1`, `test ${n}`, `test ${n}`, `test ${n}`, `epoch ${n}`]),
  )
  // Only the last step before a test is settled by itself.
  assert.equal(
    whole.flatMap(e => (e.kind === 'epoch' ? [] : [e.settled])),
    [0, 1, 2].flatMap(() => [false, true, false, false, false]),
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
  const content = await checkpointOf(training)
  const { tensors } = content
  for (const [name, { data }] of tensors) {
    const moved = name.startsWith('attention.') || name.startsWith('optimizer.attention.')
    if (!moved) assert.equal(data, begun.get(name)!.data, name)
  }
  assert.not.equal(tensors.get('attention.fc.weight')!.data, begun.get('attention.fc.weight')!.data)
  const { epochs, attentionSteps, classifierSteps } = readPosition(content, 'now')
  assert.equal([epochs, attentionSteps, classifierSteps], [1, 2, 0])
})

async function checkpointOf(training: Training) {
  const file = join(dir, 'now.safetensors')
  await saveCheckpoint(training, file)
  return readTensors(file)
}

t('every test image counts once', () => {
  const { tested } = epochsOf(whole)[2]!
  assert.is(tested!.images, 19) // two batches of 8 and a padded one
  assert.is(new Set(tested!.answers.map(a => a.id)).size, 19)
  for (const { label, answer, right, confidence, labelConfidence } of tested!.answers) {
    assert.is(right, answer === label)
    assert.ok(confidence >= 1 / 8 && confidence <= 1 && labelConfidence <= confidence, `${confidence}`)
    if (right) assert.is(labelConfidence, confidence)
  }
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
      assert.is((error as Error).message, `the loss is NaN at epoch 1, step ${step + 1}`)
      assert.equal((error as NotFinite).at, [0, step])
    }
    assert.equal(seen, before)
    assert.is(runs, 2) // the step after the first was under way
    assert.is(training.done.epochs, 0)
  }
})

t('accumulation takes a step per so many batches, whose means it tells', async () => {
  const training = await small(dir, { batch: 4, accumulate: 2 })
  const events = await run(training)
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
  const uneven = await run(await small(dir, { batch: 4, accumulate: 3, epochs: 2 }))
  assert.equal(
    epochsOf(uneven).map(e => e.images),
    [12, 12],
  )
})

t('a plain classifier learns from the first epoch', async () => {
  const training = await small(dir, { epochs: 1 }, { look: 'shrunk' })
  const events = await run(training)
  assert.equal(Object.keys(stepsOf(events)[0]!.numbers), [
    'loss',
    'loss_sharedMaster',
    'accuracy_sharedMaster',
    'emptyMaps',
  ])
  assert.is(training.phases.alone, undefined)
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
