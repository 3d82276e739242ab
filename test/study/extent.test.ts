/** How large an ablation is, by its flags; and the learning rates that it chooses. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectPath } from '../../src/run/project_path.ts'
import { extentOf, ratesOf, wantAll } from '../../src/study/extent.ts'
import { type AblateFlags, ablateProgram } from '../../src/study/flags.ts'
import { chooseRates, searchRuns } from '../../src/study/rates.ts'
import { DIVERGED_FILE, shareAttention } from '../../src/study/runs.ts'
import { flagsOf } from '../../src/study/wanted.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { drawBirds, SET } from '../support/training.ts'
import { setVariable } from '../support/variable.ts'

const t = suite('study/extent')
const { epochs: USUAL_EPOCHS, lr: USUAL_RATE } = PRESETS.tiny.training
const flags = (line: string): AblateFlags =>
  ablateProgram()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(['node', 'ablate', ...line.split(' ').filter(word => word)])
    .opts<AblateFlags>()
const extent = (line: string) => extentOf(flags(line))

t('all arms for as long as the preset says, or a quick pair', async () => {
  const all = await extent('')
  assert.equal([all.arms.length > 10, all.epochs, all.rates, all.seeds], [true, USUAL_EPOCHS, ratesOf('tiny'), 3])
  assert.is(all.dir, projectPath('runs', 'ablate-built-in'))
  const quick = await extent('--quick --seeds 1')
  assert.equal(
    [quick.arms, quick.order],
    [
      ['plain', 'tasn'],
      ['tasn', 'plain'],
    ],
  )
  assert.equal([quick.epochs, quick.rates, quick.dir], [20, [USUAL_RATE], projectPath('runs', 'ablate-built-in-quick')])
  const few = await extent('--quick --arms tasn,structure,plain --epochs 5 --out x')
  assert.equal([few.order, few.epochs, few.dir], [['plain', 'structure', 'tasn'], 5, 'x'])
})

t('wrong flags are refused by name', () => {
  assert.throws(() => flags('--arms plain,none'), /There is no arm none; there are plain, /)
  assert.throws(() => flags('--rates 0.1,0'), /Numbers between 0 and 100/)
  assert.throws(() => flags('--seeds 0'), /at least 1/)
})

t(
  'another preset: its own rates and epochs, the links between plain and TASN, weights for the nets that there are',
  async () => {
    const line = '--preset mobile --pretrained w.safetensors --pretrained-attention a.safetensors --seeds 1 --out x'
    const asked = await extent(line)
    const links = ['plain', 'plain-mid', 'structure', 'structure-by-mean', 'part', 'tasn', 'true-box']
    assert.equal([asked.arms, asked.epochs, asked.rates], [links, 15, [0.01, 0.02, 0.04]])
    const runs = wantAll(asked, new Map(), asked.arms)
    assert.ok(runs.every(w => w.epochs === 15 && w.lr === 0.02)) // no attention net learns first
    for (const w of runs) {
      const flags = flagsOf(w).join(' ')
      assert.match(flags, `--preset mobile --arm ${w.arm} `)
      assert.match(flags, `--pretrained ${resolve('w.safetensors')}`)
      assert.is(flags.includes('--pretrained-attention'), !/plain|box/.test(w.arm), w.arm)
    }
    assert.equal(shareAttention(runs), runs) // it is loaded by each
    const untrained = await extent('--preset mobile --arms plain,tasn,part --seeds 1 --out x')
    const learning = shareAttention(wantAll(untrained, new Map(), untrained.arms))
    assert.equal(
      learning.map(w => [w.arm, w.epochs, w.attentionFrom]),
      [
        ['plain', 9, undefined],
        ['part', 15, undefined],
        ['tasn', 15, 'x/part-seed0'],
      ],
    )
    assert.match((await extent('--preset mobile')).dir, /ablate-built-in-mobile$/)
  },
)

t('runs: arm by arm, some arms for fewer epochs', async () => {
  const runs = wantAll(await extent('--seeds 2 --out x'), new Map([['plain', 0.5]]), ['plain', 'tasn'])
  assert.equal(
    runs.map(w => [w.folder, w.lr, w.epochs]),
    [
      ['x/plain-seed0', 0.5, 13],
      ['x/plain-seed1', 0.5, 13],
      ['x/tasn-seed0', USUAL_RATE, 22],
      ['x/tasn-seed1', USUAL_RATE, 22],
    ],
  )
})

t('the first classes only: in the name of the folder and in the flags of each run', async () => {
  const few = await extent('--classes 4 --preset mobile --seeds 1 --arms plain')
  assert.match(few.dir, /ablate-built-in-4-mobile$/)
  assert.equal(
    wantAll(few, new Map(), few.arms).map(w => flagsOf(w).join(' ').includes('--classes 4')),
    [true],
  )
  assert.not.match(flagsOf(wantAll(await extent('--seeds 1'), new Map())[0]!).join(' '), '--classes')
  assert.throws(() => flags('--classes 1'), /at least 2/)
})

t('damaged images are told before the first run; --skip-damaged goes to each run', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tasn-extent-'))
  const putBack = setVariable('XDG_CACHE_HOME', join(dir, 'cache'))
  try {
    await drawBirds(dir)
    const birds = join(dir, 'birds')
    const [image] = readFileSync(join(birds, 'images.txt'), 'utf8').split('\n')
    writeFileSync(join(birds, 'images', image!.slice(2)), 'no picture')
    const refused = await extent(`--data ${birds} --seeds 1`).catch((error: Error) => error.message)
    assert.match(`${refused}`, /1 problem with images\n {2}.*expected a JPEG or PNG.*\n.*--skip-damaged/)
    const asked = await extent(`--data ${birds} --seeds 1 --skip-damaged`)
    const { print } = wantAll(asked, new Map(), asked.arms)[0]!
    assert.is(print!.training + print!.test, SET.train + SET.test - 1)
    for (const w of wantAll(asked, new Map(), asked.arms)) assert.is(flagsOf(w).at(-1), '--skip-damaged')
  } finally {
    putBack()
    rmSync(dir, { recursive: true })
  }
})

t('the rate of a group is the best on held-out images', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tasn-rates-'))
  try {
    const asked = await extent(`--arms plain,tasn --rates 0.1,0.2 --out ${dir}`)
    const search = searchRuns(asked)
    assert.equal(
      search.map(w => [w.arm, w.lr, w.heldOut, w.seed]),
      [
        ['plain', 0.1, true, 1000],
        ['plain', 0.2, true, 1000],
        ['tasn', 0.1, true, 1000],
        ['tasn', 0.2, true, 1000],
      ],
    )
    for (const [i, w] of search.slice(0, 2).entries()) {
      mkdirSync(w.folder, { recursive: true })
      writeFileSync(join(w.folder, 'summary.json'), JSON.stringify({ final: { sharedMaster: 0.5 + i / 10 } }))
    }
    const { rates, said } = chooseRates(asked, search)
    assert.equal(
      [...rates],
      [
        ['plain', 0.2],
        ['tasn', USUAL_RATE],
      ],
    )
    assert.equal(said, ['learning rate of plain, by held-out images: 0.1: 50.0 %, 0.2: 60.0 %'])
    writeFileSync(join(search[1]!.folder, DIVERGED_FILE), '')
    assert.is(chooseRates(asked, search).rates.get('plain'), 0.1)
    assert.match(chooseRates(asked, search).said[0]!, /0\.1: 50\.0 %, 0\.2: 0\.0 % \(diverged\)$/)
    writeFileSync(join(search[0]!.folder, DIVERGED_FILE), '')
    assert.throws(() => chooseRates(asked, search), /the arms of plain diverge by each rate tried: .* --rates/)
    const one = await extent('--arms tasn --rates 0.3')
    assert.equal(searchRuns(one), [])
    assert.equal([...chooseRates(one, []).rates], [['tasn', 0.3]])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

t.run()
