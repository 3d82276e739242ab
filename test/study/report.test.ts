/** The report of the ablation. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { extentOf, wantAll } from '../../src/study/extent.ts'
import { differenceOf, report, runsJson } from '../../src/study/report.ts'
import { type Run, resultsOf } from '../../src/study/runs.ts'
import { chooseArm } from '../../src/train/arms.ts'

const t = suite('study/report')

t('the report: means, paired differences, attention', () => {
  const { model } = chooseArm('tasn', 'tiny', {})
  const flop = () => 25.64e6
  const extent = { preset: 'tiny', epochs: 14 } as const
  const run = (right: number, inBox?: number): Run => ({
    model: { ...model, classes: 16 },
    right: new Map(Array.from({ length: 10 }, (_, i) => [i, i < right])),
    summary: {
      final: { sharedMaster: right / 10, ...(inBox === undefined ? {} : { master: right / 20 }) },
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
    extent,
    1,
    flop,
  )
  assert.match(text, '| 50.0 ± 14.1 |  |  |') // a plain classifier has no head `master`, and is not over itself
  assert.match(text, /\(`tasn`\) \| 70.0 ± 0.0 \| 35.0 ± 0.0 \| \+20.0 \(-107.1 to \+147.1; /)
  assert.match(text, '| `tasn` | 50.0 | 30.0 | 20.0 | 10.0 | 5.0 |')
  assert.match(text, '| 1,234 | 25.6 |')
  assert.match(
    report(
      [
        { arm: 'part', lr: 0.1, runs: [run(4), run(6)] },
        { arm: 'tasn', lr: 0.1, runs: [run(5), run(5)] },
      ],
      extent,
      1,
      flop,
    ),
    /\| `tasn` over `part` \| \+0\.0 \| \+10\.0, -10\.0 \| -127\.1 to \+127\.1 \| .* \| no effect seen \|/,
  )
  assert.match(
    report(
      [
        { arm: 'part', lr: 0.1, runs: [run(4, 0.5)] },
        { arm: 'tasn', lr: 0.1, runs: [run(5, 0.5)] },
      ],
      extent,
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
  const mobile = {
    preset: 'mobile',
    epochs: 15,
    pretrained: '/a/w.safetensors',
    pretrainedAttention: '/b/v.st',
  } as const
  const notes = report([{ arm: 'plain', lr: 0.1, runs: [run(4)] }], mobile, 1, flop)
  assert.match(notes, 'first weights of the classifier from w.safetensors, of the attention net from v.st.')
  assert.match(notes, 'Where there is an attention net, it stays as it was loaded.')
  const others: Run = { ...run(1), right: new Map([...run(1).right].map(([id, right]) => [id + 1, right])) }
  assert.throws(
    () => differenceOf({ arm: 'plain', lr: 1, runs: [run(1)] }, { arm: 'tasn', lr: 1, runs: [others] }),
    /was not tested on image 0/,
  )
})

t('the recorded runs of the ablation give the recorded figures', async () => {
  const out = fileURLToPath(new URL('../../bench/results/ablation-22-epochs-llvmpipe-2-cores', import.meta.url))
  const extent = await extentOf({ preset: 'tiny', seeds: 3, jobs: 2, out })
  const results = resultsOf(wantAll(extent, new Map(), extent.arms), extent.arms, 3)
  const recorded = readdirSync(out).filter(name => name.endsWith('-seed0'))
  assert.equal(results.map(r => `${r.arm}-seed0`).toSorted(), recorded.toSorted())
  const text = report(results, extent, 2, () => 0)
  // Whatever columns the tables have: their cells with a figure are those of the table that lies beside the runs.
  const figures = (table: string) => table.match(/[+-]\d+\.\d [^|]+/g)!.join('\n')
  assert.is(figures(text), figures(readFileSync(`${out}/table.md`, 'utf8')))
  assert.match(text, /`structure` over `plain` \| \+33\.4 .* \| yes \|/)
  assert.match(text, /`tasn` over `structure` \| \+1\.4 .* \| likely \|/)
  assert.match(text, /\(`tasn`\) \| 95\.4 ± 1\.5 \| 95\.3 ± 1\.6 \|/)
  const rows = JSON.parse(runsJson(results)) as { arm: string; seed: number; accuracy: object }[]
  assert.is(rows.length, 3 * results.length)
  assert.equal(rows, JSON.parse(readFileSync(`${out}/runs.json`, 'utf8')))
})

t.run()
