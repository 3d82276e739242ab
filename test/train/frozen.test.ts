/** An attention net that has learnt before and rests from the first step: a MobileNet beside one that classifies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { read } from '../../src/engine/transfer.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import { HEADS } from '../../src/tasn/heads.ts'
import { takeCheckpoint } from '../../src/train/checkpoint.ts'
import { type EpochEvent, type StepEvent, type TrainingEvent, train } from '../../src/train/loop.ts'
import { readCheckpoint, saveCheckpoint } from '../../src/train/save.ts'
import type { Training } from '../../src/train/setup.ts'
import { CONFIG, drawBirds, small } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-frozen-'))
const t = suite('train/frozen')

t.before(() => drawBirds(dir))
t.after(() => {
  rmSync(dir, { recursive: true })
})

const file = (name: string): string => join(dir, `${name}.safetensors`)
const net = { block: 'separable', width: 0.25 } as const
const MODEL: Partial<TasnConfig> = {
  attention: { backbone: { ...net, outputStride: 16 }, dilations: [] },
  classifier: net,
  weights: { ...CONFIG.weights, attention: 0 },
}
const frozen = (options = { trainedAttention: true }): Promise<Training> =>
  small(dir, { epochs: 2, attentionEpochs: 0, optimizer: 'sgd', lr: 0.02, headRate: 0.5 }, MODEL, options)

async function run(t: Training, until: (e: TrainingEvent) => boolean = () => false): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  for await (const event of train(t)) {
    events.push(event)
    if (event.kind === 'epoch') await saveCheckpoint(t, file('run'))
    if (until(event)) break
  }
  return events
}

const numbersOf = async (t: Training, attention: boolean): Promise<string> => {
  const own = [...t.model.state()].filter(([name]) => name.startsWith('attention.') === attention)
  return JSON.stringify(await Promise.all(own.map(async ([name, v]) => [name, [...(await read(v))]])))
}

t('its weights and running statistics stay bit for bit, and the others learn', async () => {
  const training = await frozen()
  const [attention, rest] = [await numbersOf(training, true), await numbersOf(training, false)]
  const events = await run(training)
  assert.is(await numbersOf(training, true), attention)
  assert.is.not(await numbersOf(training, false), rest)
  assert.is(training.optimizers.attention.steps, 0)
  assert.equal(training.phases.together.learners, ['classifier'])
  assert.is(training.phases.alone, undefined)
  const steps = events.filter((e): e is StepEvent => e.kind === 'step')
  assert.ok(steps.every(s => s.rates.attention === 0 && !('loss_attention' in s.numbers)))
  const [epoch] = events.filter((e): e is EpochEvent => e.kind === 'epoch')
  assert.equal(
    Object.keys(epoch!.accuracies),
    HEADS.filter(h => h !== 'attention'),
  )
})

t('nothing of its backward pass is computed', async () => {
  const launches = async (attentionEpochs: number) =>
    (await small(dir, { attentionEpochs }, {}, { trainedAttention: true })).phases.together.step.plan!.launches.length
  const [resting, joint] = [await launches(0), (await small(dir, { attentionAfter: 'joint' })).phases.together]
  assert.is(resting, await launches(1)) // as after epochs of its own
  assert.ok(resting < joint.step.plan!.launches.length)
})

t('cut off, it goes on to the same bits', async () => {
  await run(await frozen())
  const whole = readFileSync(file('run'))
  await run(await frozen(), e => e.kind === 'step' && e.epoch === 1)
  const goesOn = await frozen()
  takeCheckpoint(goesOn, await readCheckpoint(file('run')))
  assert.is(goesOn.done.epochs, 1)
  await run(goesOn)
  assert.ok(readFileSync(file('run')).equals(whole))
})

t('without weights that have learnt it is refused, and the error says what to do', async () => {
  try {
    await frozen({ trainedAttention: false })
    assert.unreachable('random weights cannot rest')
  } catch (error) {
    assert.match((error as Error).message, /give it some that have learnt \(trainedAttention\), or epochs of its own/)
  }
})

t.run()
