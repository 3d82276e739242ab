/** The runs of the ablation: folders that hold what is asked for, and attention nets that are shared. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Dataset } from '../../src/data/dataset.ts'
import { fingerprintOf } from '../../src/data/fingerprint.ts'
import { ATTENTION_FILE } from '../../src/run/folder.ts'
import { checkSettings, load, ready, shareAttention } from '../../src/study/runs.ts'
import { flagsOf, type Wanted } from '../../src/study/wanted.ts'
import { type ArmName, chooseArm } from '../../src/train/arms.ts'

const t = suite('study/runs')

t('a folder with other settings is refused, the same ones are taken, wherever the batch was fitted', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ablation-'))
  try {
    const wanted: Wanted = {
      preset: 'tiny',
      arm: 'tasn',
      lr: 0.008,
      seed: 1,
      epochs: 14,
      data: undefined,
      heldOut: false,
      folder: join(dir, 'run'),
    }
    checkSettings(wanted) // nothing there
    const { model, training } = chooseArm('tasn', 'tiny', { lr: 0.008, epochs: 14 })
    mkdirSync(wanted.folder)
    writeFileSync(
      join(wanted.folder, 'config.json'),
      JSON.stringify({ flags: { seed: 1 }, model: { ...model, classes: 5 }, training: { ...training, batch: 3 } }),
    )
    checkSettings(wanted)
    for (const [change, message] of [
      [{ epochs: 3 }, /training.epochs was 14, now 3/],
      [{ lr: 0.1 }, /training.lr was 0.008, now 0.1/],
      [{ arm: 'no-clamp' }, /iterations was 5, now 0/],
      [{ seed: 2 }, /seed was 1, now 2/],
      [{ heldOut: true }, /heldOut was false/],
      [{ data: 'x' }, /data was "built in"/],
      [{ classes: 3 }, /classes was undefined, now 3/],
      [{ pretrained: '/x' }, /pretrained was undefined, now "\/x"/],
    ] as const) {
      assert.throws(() => checkSettings({ ...wanted, ...change }), message)
    }
    assert.is(load(wanted), undefined)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

t('data that moved are the same data; other data at the same place are not', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ablation-'))
  try {
    const classes = ['A', 'B'].map((name, k) => ({ id: k + 1, name }))
    const file = (id: number) => ({ id, label: id % 2, file: `/birds/images/${id}.jpg` })
    const birds: Dataset = { dir: '/birds', classes, train: [1, 2, 3].map(file), test: [file(4)], warnings: [] }
    const print = fingerprintOf(birds)
    const wanted: Wanted = {
      ...{ preset: 'tiny', arm: 'plain', lr: 0.008, seed: 1, epochs: 8, heldOut: false },
      ...{ data: '/elsewhere', print, folder: dir },
    }
    const { model, training } = chooseArm('plain', 'tiny', { lr: 0.008, epochs: 8 })
    const data = { dir: '/birds', fingerprint: print }
    const config = { flags: { seed: 1, data: '/birds' }, model: { ...model, classes: 2 }, training, data }
    writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
    checkSettings(wanted)
    const fewer = { ...wanted, data: '/birds', print: fingerprintOf({ ...birds, train: birds.train.slice(1) }) }
    assert.throws(() => checkSettings(fewer), /1 of 3 training images are gone/)
    const { print: _, ...unknown } = wanted
    assert.throws(() => checkSettings(unknown), /data was "\/birds", now "\/elsewhere"/)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

t('runs share an attention net where all it depends on is the same', () => {
  const run = (arm: ArmName, seed: number, change: Partial<Wanted> = {}): Wanted => ({
    preset: 'tiny',
    arm,
    seed,
    lr: 0.01,
    epochs: 15,
    data: undefined,
    heldOut: false,
    folder: `${arm}-${seed}`,
    ...change,
  })
  const shared = shareAttention([
    run('plain', 0),
    run('structure', 0),
    run('tasn', 0),
    run('plain-mid', 0),
    run('sampler-gradient', 0),
    run('tasn', 1),
    run('raw-channels', 1),
    run('tasn', 0, { epochs: 30 }),
    run('tasn', 0, { heldOut: true }),
    run('part', 0, { heldOut: true, lr: 0.02 }),
    run('true-box', 0),
  ])
  assert.equal(
    shared.map(w => w.attentionFrom),
    [
      undefined,
      undefined,
      'structure-0',
      undefined,
      'structure-0',
      undefined,
      'tasn-1',
      undefined,
      undefined,
      'tasn-0',
      undefined,
    ],
  )
  assert.ok(flagsOf(shared[2]!).join(' ').includes('--attention-from structure-0'))
  assert.not.ok(ready(shared[2]!)) // no such folder
  assert.ok(ready(shared[1]!))

  // Of runs that are there already, those that kept their attention net can be taken from, and no others.
  const dir = mkdtempSync(join(tmpdir(), 'ablation-'))
  const at = (arm: ArmName) => run(arm, 0, { folder: join(dir, arm) })
  try {
    for (const arm of ['structure', 'part'] as const) {
      const { model, training } = chooseArm(arm, 'tiny', { lr: 0.01, epochs: 15 })
      mkdirSync(join(dir, arm))
      writeFileSync(join(dir, arm, 'config.json'), JSON.stringify({ flags: { seed: 0 }, model, training }))
      writeFileSync(join(dir, arm, 'summary.json'), '{}')
    }
    assert.equal(
      shareAttention([at('structure'), at('tasn'), at('raw-channels')]).map(w => w.attentionFrom),
      [undefined, undefined, join(dir, 'tasn')],
    )
    writeFileSync(join(dir, 'part', ATTENTION_FILE), '')
    assert.is(shareAttention([at('tasn')], [at('structure'), at('part')])[0]!.attentionFrom, join(dir, 'part'))
    // Not the settings it was trained with.
    assert.is(shareAttention([at('tasn')], [{ ...at('part'), lr: 0.02 }])[0]!.attentionFrom, undefined)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

t.run()
