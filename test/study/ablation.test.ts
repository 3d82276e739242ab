/**
 * What the ablation rests on: paired statistics, true boxes on augmented images, and that attention's quality is
 * measured right.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { heldOut, type Sample } from '../../src/data/dataset.ts'
import { stats } from '../../src/engine/buffers.ts'
import { Zeros } from '../../src/engine/random.ts'
import { release } from '../../src/engine/transfer.ts'
import { NO_CHANGE } from '../../src/ops/image.ts'
import { shareOf } from '../../src/run/attention_quality.ts'
import { ATTENTION_FILE } from '../../src/run/folder.ts'
import { differences } from '../../src/run/settings.ts'
import {
  checkSettings,
  differenceOf,
  flagsOf,
  load,
  type Run,
  ready,
  report,
  shareAttention,
  type Wanted,
} from '../../src/study/ablation.ts'
import { flopAtTest } from '../../src/study/cost.ts'
import { deviation, mean, pairedDifference } from '../../src/study/statistics.ts'
import { makeRecogniser } from '../../src/tasn/recogniser.ts'
import { ARMS, type ArmName, chooseArm } from '../../src/train/arms.ts'
import { boxMaps } from '../../src/train/box_maps.ts'

const t = suite('train/ablation')

t('mean and deviation', () => {
  assert.is(mean([1, 2, 6]), 3)
  assert.ok(Math.abs(deviation([1, 2, 6]) - Math.sqrt(7)) < 1e-12)
  assert.ok(Number.isNaN(deviation([1])))
})

t("paired differences: mean, Student's interval over seeds, bootstrap over images", () => {
  const run = (right: number): boolean[] => Array.from({ length: 100 }, (_, i) => i < right)
  const d = pairedDifference([run(70), run(74), run(72)], [run(60), run(60), run(66)])
  assert.ok(Math.abs(d.mean - 0.1) < 1e-12) // 10, 14 and 6 points
  const half = (4.303 * 0.04) / Math.sqrt(3)
  assert.ok(Math.abs(d.seeds[0] - (0.1 - half)) < 1e-9 && Math.abs(d.seeds[1] - (0.1 + half)) < 1e-9)
  assert.ok(d.images[0] > 0.03 && d.images[0] < 0.1 && d.images[1] > 0.1 && d.images[1] < 0.17)
  assert.equal(pairedDifference([run(50)], [run(50)]).images, [0, 0])
  assert.ok(Number.isNaN(pairedDifference([run(51)], [run(50)]).seeds[0]))
  const many = pairedDifference(
    Array.from({ length: 31 }, (_, s) => run(50 + (s % 2))),
    Array.from({ length: 31 }, () => run(50)),
  )
  const t30 = 2.0423 // beyond the table
  assert.ok(
    Math.abs(many.seeds[1] - many.mean - (t30 * 0.01 * Math.sqrt((31 / 30) * (15 / 31) * (16 / 31))) / Math.sqrt(31)) <
      1e-6,
  )
  assert.throws(() => pairedDifference([run(1)], [run(1), run(2)]), /same seeds and images/)
})

t('the box goes where augment() takes the bird', () => {
  const box = Float32Array.of(0.5, 0.25, 1, 0.5)
  const at = (map: Float32Array, i: number, j: number) => map[4 * i + j]
  const inside = (change: readonly number[]) => {
    const m = boxMaps(box, Float32Array.from(change), [4, 4])
    return [...m.keys()].filter(i => m[i] === 1)
  }
  assert.equal(inside(NO_CHANGE), [6, 7]) // row 1, columns 2 and 3
  assert.equal(inside([-1, 0, 0, 0, 1, 0, 1, 1, 1]), [4, 5]) // mirrored: columns 0 and 1
  // Each place looks a quarter further right: the bird is a column further left.
  assert.equal(inside([1, 0, 0.5, 0, 1, 0, 1, 1, 1]), [5, 6])
  const none = boxMaps(new Float32Array(4), Float32Array.from(NO_CHANGE), [2, 2])
  assert.equal([...none], [1, 1, 1, 1])
  assert.ok(Math.abs(at(boxMaps(box, Float32Array.from(NO_CHANGE), [4, 4]), 0, 0)! - 0.12) < 1e-7)
})

t('shares of a map: by the centres of its cells', () => {
  const map = Float32Array.of(1, 2, 3, 4)
  const left = (x: number) => x < 0.5
  assert.equal(shareOf(map, [2, 2], left), { mass: 0.4, area: 0.5 })
  assert.equal(
    shareOf(map, [1, 4], x => x > 0.6),
    { mass: 0.7, area: 0.5 },
  )
  assert.is(shareOf(new Float32Array(4), [2, 2], left), undefined)
})

t('held-out images: every sixth of each class, and never trained on', () => {
  const sample = (id: number, label: number): Sample => ({ id, file: `${id}.png`, label })
  const train = Array.from({ length: 26 }, (_, i) => sample(i, i % 2))
  const all = {
    dir: '',
    classes: [
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
    ],
    train,
    test: [sample(99, 0)],
    warnings: [],
  }
  const { train: kept, test } = heldOut(all)
  assert.equal(
    test.map(s => s.id),
    [10, 11, 22, 23],
  )
  assert.throws(() => heldOut({ ...all, train: train.slice(0, 9) }), /--held-out tests on every sixth/)
  assert.equal(
    [...kept, ...test].map(s => s.id).sort((a, b) => a - b),
    train.map(s => s.id),
  )
})

t('every arm describes a network that can be made, and says what it changes', () => {
  const usual = chooseArm('tasn', 'tiny', { lr: 0.01, epochs: 7 })
  for (const arm of Object.keys(ARMS) as ArmName[]) {
    const { model, training } = chooseArm(arm, 'tiny', { lr: 0.01, epochs: 7 })
    const made = makeRecogniser(new Zeros(), { ...model, classes: 4 })
    assert.ok(made.heads.includes('sharedMaster'), arm)
    assert.is(training.attentionEpochs, arm.startsWith('plain') || arm === 'true-box' ? 0 : 3, arm)
    assert.is(differences(usual, { model, training }).length > 0, arm !== 'tasn', arm)
    for (const t of made.state().values()) release(t)
  }
})

t('however short a training, an attention net that is to learn alone does', () => {
  const alone = (epochs: number) => chooseArm('tasn', 'tiny', { epochs }).training.attentionEpochs
  assert.equal([1, 2, 3, 26, 52].map(alone), [0, 1, 1, 12, 24])
})

t('a folder with other settings is refused, the same ones are taken, wherever the batch was fitted', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ablation-'))
  try {
    const wanted: Wanted = {
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
    ] as const) {
      assert.throws(() => checkSettings({ ...wanted, ...change }), message)
    }
    assert.is(load(wanted), undefined)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

t('runs share an attention net where all it depends on is the same', () => {
  const run = (arm: ArmName, seed: number, change: Partial<Wanted> = {}): Wanted => ({
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

t('what recognition costs', () => {
  const cost = (arm: ArmName) => flopAtTest({ ...chooseArm(arm, 'tiny', {}).model, classes: 16 })
  const before = stats.bytes
  const [plain, mid, box, tasn, mirror] = (['plain', 'plain-mid', 'true-box', 'tasn', 'mirror-test'] as const).map(
    cost,
  ) as [number, number, number, number, number]
  assert.is(plain, box)
  const head = 2 * 64 * 16 // the last layer does not see how large the image is
  assert.is(mid - head, 4 * (plain - head))
  assert.is(mirror, tasn + plain)
  assert.is(stats.bytes, before)
})

t('the report: means, paired differences, attention', () => {
  const { model } = chooseArm('tasn', 'tiny', {})
  const flop = () => 25.64e6
  const run = (right: number, inBox?: number): Run => ({
    model: { ...model, classes: 16 },
    right: new Map(Array.from({ length: 10 }, (_, i) => [i, i < right])),
    summary: {
      final: { sharedMaster: right / 10 },
      testImages: 10,
      trainImages: 20,
      parametersAtTest: 1234,
      secondsPerEpoch: 2,
      attention:
        inBox === undefined
          ? undefined
          : { inBox, uniformInBox: 0.2, inOtherBox: 0.3, nearParts: 0.1, uniformNearParts: 0.05 },
    } as Run['summary'],
  })
  const text = report(
    [
      { arm: 'plain', lr: 0.1, runs: [run(4), run(6)] },
      { arm: 'tasn', lr: 0.2, runs: [run(7, 0.4), run(7, 0.6)] },
    ],
    14,
    1,
    flop,
  )
  assert.match(text, '| 50.0 ± 14.1 |')
  assert.match(text, /\(`tasn`\) \| 70.0 ± 0.0 \| \+20.0 \(-107.1 to \+147.1; /)
  assert.match(text, '| `tasn` | 50.0 | 30.0 | 20.0 | 10.0 | 5.0 |')
  assert.match(text, '| 1,234 | 25.6 |')
  assert.match(
    report(
      [
        { arm: 'part', lr: 0.1, runs: [run(4), run(6)] },
        { arm: 'tasn', lr: 0.1, runs: [run(5), run(5)] },
      ],
      14,
      1,
      flop,
    ),
    /\| `tasn` over `part` \| \+0\.0 \| \+10\.0, -10\.0 \| -127\.1 to \+127\.1 \| /,
  )
  assert.match(
    report(
      [
        { arm: 'part', lr: 0.1, runs: [run(4, 0.5)] },
        { arm: 'tasn', lr: 0.1, runs: [run(5, 0.5)] },
      ],
      14,
      1,
      flop,
    ),
    '| `part`, `tasn` | 50.0 |',
  )
  assert.throws(
    () =>
      differenceOf(
        { arm: 'plain', lr: 1, runs: [run(1)] },
        { arm: 'tasn', lr: 1, runs: [{ ...run(1), right: new Map([[77, true]]) }] },
      ),
    /was tested on 1 images, plain on 10/,
  )
  const others: Run = { ...run(1), right: new Map([...run(1).right].map(([id, right]) => [id + 1, right])) }
  assert.throws(
    () => differenceOf({ arm: 'plain', lr: 1, runs: [run(1)] }, { arm: 'tasn', lr: 1, runs: [others] }),
    /was not tested on image 0/,
  )
})

t.run()
