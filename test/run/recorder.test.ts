/** Run folders out of a training's events: what they hold, and how a run goes on from them. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, promises, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { write } from '../../src/engine/transfer.ts'
import { newestCheckpoint } from '../../src/run/checkpoints.ts'
import { ATTENTION_FILE, CHECKPOINT_FILE, MODEL_FILE, RunFolder } from '../../src/run/folder.ts'
import { savePictures } from '../../src/run/pictures.ts'
import { PREDICTIONS_FILE, readPredictions } from '../../src/run/predictions.ts'
import { Recorder, type RecorderOptions } from '../../src/run/recorder.ts'
import { type Answers, type Summary, summaryOf } from '../../src/run/summary.ts'
import { takeUp } from '../../src/run/take_up.ts'
import { endText, modelText } from '../../src/run/text.ts'
import type { Tasn } from '../../src/tasn/network.ts'
import { takeCheckpoint } from '../../src/train/checkpoint.ts'
import { type TrainingEvent, train } from '../../src/train/loop.ts'
import type { Training } from '../../src/train/setup.ts'
import { drawBirds, metricsOf, small } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-runs-'))
const t = suite('run/recorder')

t.before(() => drawBirds(dir))
t.after(() => {
  rmSync(dir, { recursive: true })
})

const path = (name: string, file: string): string => join(dir, name, file)
const same = (a: string, b: string, file: string): boolean =>
  readFileSync(path(a, file)).equals(readFileSync(path(b, file)))

/** Does with a training as `npm run train` does, up to the event at which `cut` stops it. */
async function run(
  training: Training,
  name: string,
  {
    resume = false,
    attentionFrom,
    cut,
    options = {},
  }: {
    resume?: boolean
    attentionFrom?: string
    cut?: (e: TrainingEvent) => boolean
    options?: RecorderOptions
  } = {},
): Promise<{ summary: Summary | undefined; printed: string[] }> {
  const folder = new RunFolder(join(dir, name), { resume })
  try {
    await folder.writeJson('config.json', {})
    const { checkpoint } = await newestCheckpoint(folder)
    if (checkpoint) takeCheckpoint(training, checkpoint)
    const printed = await takeUp(training, folder, { goesOn: !!checkpoint, attentionFrom })
    const recorder = new Recorder(training, folder, { print: line => printed.push(line), ...options })
    for await (const event of train(training, { settle: recorder.settle })) {
      await recorder.take(event)
      if (cut?.(event)) return { summary: undefined, printed }
    }
    return { summary: await summaryOf(training, recorder.measured()), printed }
  } finally {
    folder.release()
  }
}

t('a whole run: its files, its lines, its summary', async () => {
  const training = await small(dir)
  const { summary, printed } = await run(training, 'whole')
  assert.equal(
    metricsOf(join(dir, 'whole')).map(m => `${m.kind as string} ${m.epoch as number} ${(m.step as number) ?? ''}`),
    ['step 1 1', 'step 1 2', 'epoch 1 ', 'step 2 3', 'step 2 4', 'epoch 2 ', 'step 3 5', 'step 3 6', 'epoch 3 '],
  )
  const [step, , epoch] = metricsOf(join(dir, 'whole')).slice(3)
  assert.equal(Object.keys(step!).slice(0, 6), ['kind', 'epoch', 'step', 'lr', 'loss', 'loss_attention'])
  assert.equal(Object.keys(step!.lr as object), ['attention', 'classifier'])
  assert.equal(Object.keys(epoch!).slice(-2), ['test_sharedPart', 'test_sharedMaster'])
  assert.is(printed[0], 'the attention net learns alone for 1 epoch, then it rests')
  assert.match(
    printed[1]!,
    /^epoch 1\/3 {2}loss \d\.\d{3} {2}test: attention \d+\.\d % {2}\d+\.\d images\/s {2}0:\d\d$/,
  )
  assert.match(printed[3]!, /^epoch 3\/3 .* master \d+\.\d % {2}shared\(part\) .* shared\(master\) /)
  assert.equal([summary!.trained, summary!.epochs, summary!.trainImages, summary!.testImages], [3, 3, 16, 19])
  assert.equal(summary!.final, training.done.history[2])
  const { right, wrong } = JSON.parse(readFileSync(path('whole', 'answers.json'), 'utf8')) as Answers
  assert.is(right.length + wrong.length, 19)
  assert.is(right.length / 19, summary!.final.sharedMaster)
  const predictions = readPredictions(readFileSync(path('whole', PREDICTIONS_FILE), 'utf8'), 8)
  assert.equal(
    predictions.filter(p => p.answer === p.label).map(p => p.id),
    right,
  )
  assert.ok(readFileSync(path('whole', MODEL_FILE)).length > 1000)
  assert.match(
    modelText(training),
    /^model: [\d,]+ parameters \(attention net .*\nstep: \d+ launches for 8 images; memory/,
  )
  assert.match(
    endText(summary!, training),
    /^3 epochs of 16 images in 0:\d\d, .*\ntest accuracy on 19 images \(chance 12\.5 %\)/,
  )
  const held = { ...training, dataset: { ...training.dataset, heldOut: true as const } } as Training
  assert.match(endText(summary!, held), /\nheld-out accuracy on 19 images/)
})

t(
  'a run cut off in an epoch leaves the files of the epoch before, and goes on as if nothing had happened',
  async () => {
    await run(await small(dir), 'cut', { cut: e => e.kind === 'step' && e.epoch === 2 })
    assert.is(metricsOf(join(dir, 'cut')).length, 7)
    const { summary, printed } = await run(await small(dir), 'cut', { resume: true })
    assert.equal(printed[0], 'resuming after epoch 2')
    assert.is(summary!.trained, 1)
    assert.equal(metricsOf(join(dir, 'cut')), metricsOf(join(dir, 'whole')))
    for (const file of [CHECKPOINT_FILE, ATTENTION_FILE, MODEL_FILE, 'answers.json', PREDICTIONS_FILE])
      assert.ok(same('whole', 'cut', file), file)
  },
)

t('a finished run that is resumed trains nothing', async () => {
  const { summary, printed } = await run(await small(dir), 'cut', { resume: true })
  assert.equal(printed, ['all 3 epochs of this run are done; --epochs can raise them'])
  assert.is(summary!.trained, 0)
  assert.ok(same('whole', 'cut', CHECKPOINT_FILE))
})

t('a run that is made longer keeps nothing of its earlier end', async () => {
  cpSync(join(dir, 'whole'), join(dir, 'longer'), { recursive: true })
  mkdirSync(path('longer', 'pictures'))
  for (const file of ['summary.json', 'profile.json', 'plan.json', 'report.html', 'pictures/01-image.png'])
    writeFileSync(path('longer', file), '')
  const ofTheEnd = [
    'summary.json',
    'plan.json',
    'profile.json',
    'answers.json',
    PREDICTIONS_FILE,
    'pictures',
    'report.html',
  ]
  const left = () => ofTheEnd.filter(file => existsSync(path('longer', file)))
  await run(await small(dir), 'longer', { resume: true }) // all of its epochs are done
  assert.equal(left(), ofTheEnd)
  await run(await small(dir, { epochs: 4 }), 'longer', { resume: true, cut: () => true })
  assert.equal(left(), [])
})

t("a run with another's attention net says so, and can be taken from itself", async () => {
  const attentionFrom = path('whole', ATTENTION_FILE)
  const { printed } = await run(await small(dir), 'taken', { attentionFrom })
  assert.is(printed[0], `the attention net's 1 epoch alone is taken from ${attentionFrom}`)
  assert.equal(metricsOf(join(dir, 'taken')), metricsOf(join(dir, 'whole')).slice(3))
  for (const file of [CHECKPOINT_FILE, ATTENTION_FILE]) assert.ok(same('whole', 'taken', file), file)
})

t('nothing of an epoch with a loss that is not finite is saved', async () => {
  const broken = await small(dir)
  const weight = broken.model.state().get('shared.weight')!
  const breakIt = (e: TrainingEvent): boolean => {
    if (e.kind === 'epoch' && e.epoch === 0) write(weight, new Float32Array(weight.size).fill(NaN))
    return false
  }
  try {
    await run(broken, 'broken', { cut: breakIt })
    assert.unreachable('the weights broke in the second epoch')
  } catch (error) {
    assert.match((error as Error).message, /the loss is NaN at epoch 2, step 1/)
  }
  assert.is(metricsOf(join(dir, 'broken')).length, 3)
  await run(await small(dir), 'broken', { resume: true })
  assert.ok(same('whole', 'broken', CHECKPOINT_FILE))
})

t('a best epoch that a full disk does not take is told', async () => {
  const training = await small(dir)
  const { open } = promises
  const full = (file: unknown) => `${file}`.includes('checkpoint-new') && training.done.epochs === 2
  Object.assign(promises, {
    open: (...args: Parameters<typeof open>) =>
      full(args[0]) ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : open(...args),
  })
  syncBuiltinESMExports()
  const warned: string[] = []
  try {
    const { printed } = await run(training, 'full', { options: { warn: line => warned.push(line) } })
    assert.ok(printed.includes('there is room on the disk again: the run is saved'))
  } finally {
    Object.assign(promises, { open })
    syncBuiltinESMExports()
  }
  assert.is(warned.length, 2)
  assert.match(warned[0]!, /^cannot write .*: training goes on, and the checkpoint is tried again soon$/)
  assert.match(warned[1]!, /^this epoch was the best so far, and no checkpoint of it is kept$/)
})

t('runs of a joint attention net leave none to share', async () => {
  await run(await small(dir, { attentionAfter: 'joint', epochs: 2 }), 'joint')
  assert.not.ok(new RunFolder(join(dir, 'joint'), { resume: true }).has(ATTENTION_FILE))
})

t('pictures are made of the images wanted', async () => {
  const { model, loaders } = await small(dir)
  const file = await savePictures(model as Tasn, loaders.test, join(dir, 'pictures'), { count: 3 })
  assert.equal([...readFileSync(file).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47])
  for (const n of ['01', '02', '03']) assert.ok(readFileSync(path('pictures', `${n}-structure.png`)).length > 1000)
})

t.run()
