/**
 * Training as a whole, small: it repeats bit for bit, resumes bit for bit, counts its images, and refuses what cannot
 * work.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeBirds } from '../../src/data/birds/write.ts'
import { loadCub } from '../../src/data/cub.ts'
import { readTensors } from '../../src/io/checkpoint.ts'
import { ATTENTION_FILE, RunFolder } from '../../src/run/folder.ts'
import { savePictures } from '../../src/run/pictures.ts'
import type { Summary } from '../../src/run/summary.ts'
import { makeTrainer } from '../../src/run/trainer.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import type { Tasn } from '../../src/tasn/network.ts'
import { PRESETS, type TrainingConfig } from '../../src/train/presets.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-trainer-'))
const model = { ...PRESETS.tiny.model, classes: 8 }
const training: TrainingConfig = { ...PRESETS.tiny.training, epochs: 3, attentionEpochs: 1, batch: 8 }

const t = suite('train/trainer')

t.before(() => writeBirds(join(dir, 'birds'), { seed: 3, classes: 8, train: 16, test: 19 }))
t.after(() => {
  rmSync(dir, { recursive: true })
})

async function train(
  name: string,
  config: Partial<TrainingConfig> = {},
  epochs?: (folder: RunFolder) => void,
  change: { model?: Partial<TasnConfig>; attentionFrom?: string; pretrained?: () => Promise<void> } = {},
): Promise<Summary> {
  const log = console.log
  console.log = () => {} // the progress of six small trainings is no reading matter
  try {
    const folder = new RunFolder(join(dir, name), { resume: epochs !== undefined })
    folder.writeJson('config.json', {})
    const trainer = await makeTrainer(
      { ...model, ...change.model },
      { ...training, ...config },
      await loadCub(join(dir, 'birds')),
      5,
      folder,
      { attentionFrom: change.attentionFrom, ...(change.pretrained ? { pretrained: change.pretrained } : {}) },
    )
    return await trainer.run()
  } finally {
    console.log = log
  }
}
const checkpoint = (name: string): Buffer => readFileSync(join(dir, name, 'checkpoint.safetensors'))
const metrics = (name: string): Record<string, unknown>[] =>
  readFileSync(join(dir, name, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => {
      const { imagesPerSecond, seconds, ...rest } = JSON.parse(line) as Record<string, unknown>
      void [imagesPerSecond, seconds]
      return rest
    })

t('the same seed gives the same bits, and every image counts once', async () => {
  const summary = await train('a')
  await train('b')
  assert.ok(checkpoint('a').equals(checkpoint('b')))
  assert.equal(metrics('a'), metrics('b'))
  assert.is(summary.testImages, 19) // two batches of 8 and a padded one
  assert.is(metrics('a').filter(m => m.kind === 'step').length, 6)
  for (const accuracy of Object.values(summary.final))
    assert.ok(Number.isInteger(Math.round(accuracy * 19 * 1e9) / 1e9), `${accuracy} is no share of 19`)
})

t('a run cut off after an epoch goes on as if nothing had happened', async () => {
  // The schedule belongs to three epochs, so the first run is stopped by force: the folder refuses the second epoch's
  // line.
  const log = RunFolder.prototype.log
  RunFolder.prototype.log = function (m) {
    if (m.epoch === 3) throw new Error('power cut')
    log.call(this, m)
  }
  try {
    await train('c')
    assert.unreachable('the run was to be cut off')
  } catch (error) {
    assert.match((error as Error).message, /power cut/)
  } finally {
    RunFolder.prototype.log = log
  }
  const pretrained = async () => {
    assert.unreachable('the checkpoint holds all weights; the file that the run began with may be gone')
  }
  await train('c', {}, () => {}, { pretrained })
  assert.ok(checkpoint('a').equals(checkpoint('c')))
  assert.equal(metrics('a'), metrics('c'))
})

t('PLAN=0 gives the same bits', async () => {
  process.env.PLAN = '0'
  try {
    await train('d')
  } finally {
    delete process.env.PLAN
  }
  assert.ok(checkpoint('a').equals(checkpoint('d')))
})

const attentionOf = async (name: string, file: string) => {
  const { tensors } = await readTensors(join(dir, name, file), n => n.startsWith('attention.'))
  return JSON.stringify([...tensors].map(([n, { data }]) => [n, [...data]]))
}

t('after its own epochs the attention net rests, joint it learns on', async () => {
  assert.is(await attentionOf('a', 'checkpoint.safetensors'), await attentionOf('a', ATTENTION_FILE))
  for (const attentionAfter of ['joint', 'restarts'] as const) {
    await train(attentionAfter, { attentionAfter })
    assert.is.not(
      await attentionOf(attentionAfter, 'checkpoint.safetensors'),
      await attentionOf('a', ATTENTION_FILE),
      attentionAfter,
    )
  }
  // The same schedule so far.
  assert.is(await attentionOf('restarts', ATTENTION_FILE), await attentionOf('a', ATTENTION_FILE))
  assert.not.ok(existsSync(join(dir, 'joint', ATTENTION_FILE))) // nothing that other runs could share
})

t('an attention net taken from another run gives the bits of one trained here', async () => {
  const change = { model: { partNet: false } }
  const file = join(dir, 'a', ATTENTION_FILE)
  await train('g', {}, undefined, change)
  await train('h', {}, undefined, { ...change, attentionFrom: file })
  assert.ok(checkpoint('g').equals(checkpoint('h')))
  assert.not.ok(checkpoint('a').equals(checkpoint('h')))
  assert.equal(
    metrics('g').filter(m => (m.epoch as number) > 1),
    metrics('h'),
  )
  try {
    await train('i', { attentionEpochs: 2 }, undefined, { attentionFrom: file })
    assert.unreachable('one epoch is not two')
  } catch (error) {
    assert.match((error as Error).message, /learnt alone for 1 epoch; this one's does for 2/)
  }
})

t('accumulation takes a step per --accumulate batches', async () => {
  await train('e', { batch: 4, accumulate: 2 })
  assert.is(metrics('e').filter(m => m.kind === 'step').length, 6)
})

t('what cannot work is said before anything runs', async () => {
  const fails = async (config: Partial<TrainingConfig>, message: RegExp) => {
    try {
      await train('f', config)
    } catch (error) {
      assert.match((error as Error).message, message)
      rmSync(join(dir, 'f'), { recursive: true })
      return
    }
    assert.unreachable(`no error like ${message}`)
  }
  await fails({ batch: 17 }, /16 training images.*--batch/)
  await fails({ accumulate: 3 }, /--accumulate 3/)
  assert.throws(() => new RunFolder(join(dir, 'a')), /not empty.*--resume/)
  assert.throws(() => new RunFolder(join(dir, 'nowhere'), { resume: true }), /no config\.json/)
})

t('pictures are made of the images wanted', async () => {
  const folder = new RunFolder(join(dir, 'p'))
  const trainer = await makeTrainer(model, training, await loadCub(join(dir, 'birds')), 5, folder)
  const file = await savePictures(trainer.model as Tasn, trainer.test, folder.path('pictures'), { count: 3 })
  assert.equal([...readFileSync(file).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47])
  for (const n of ['01', '02', '03']) assert.ok(readFileSync(folder.path(`pictures/${n}-structure.png`)).length > 1000)
})

t.run()
