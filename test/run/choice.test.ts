/** The run that is asked for: by flags, by an earlier run, by the number of images, by another run's attention net. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sharedAttention } from '../../src/run/attention_from.ts'
import { type Choice, choose, fitted, fittedText } from '../../src/run/choice.ts'
import type { Flags } from '../../src/run/flags.ts'
import { ATTENTION_FILE, RunFolder } from '../../src/run/folder.ts'
import { PRESETS } from '../../src/train/presets.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-choice-'))
const t = suite('run/choice')
t.after(() => {
  rmSync(dir, { recursive: true })
})

const flags = (change: Partial<Flags> = {}): Flags => ({ preset: 'tiny', arm: 'tasn', seed: 0, ...change })

/** A run folder as an earlier run left it. */
function earlier(name: string, change: Partial<Flags> = {}): Choice {
  const choice = { ...choose(flags({ run: join(dir, 'unused'), ...change })).choice, kernels: {} }
  new RunFolder(join(dir, name)).writeJson('config.json', choice)
  return JSON.parse(JSON.stringify(choice)) as Choice
}

t('flags change the preset, and the attention net keeps its share of the epochs', () => {
  const { choice, folder } = choose(flags({ arm: 'part', epochs: 13, lr: 0.5, run: join(dir, 'new') }))
  assert.equal([choice.training.epochs, choice.training.attentionEpochs, choice.training.lr], [13, 6, 0.5])
  assert.is(choice.training.batch, PRESETS.tiny.training.batch)
  assert.is(folder.dir, join(dir, 'new'))
  assert.match(choose(flags({ arm: 'part' })).folder.dir, /(^|\/)runs\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-tiny-part$/)
  assert.match(choose(flags()).folder.dir, /\d-tiny$/)
})

t('--resume: the same choice and folder, more epochs, never fewer', () => {
  const then = earlier('resumed', { epochs: 4, seed: 3, attentionFrom: 'elsewhere' })
  const resume = join(dir, 'resumed')
  const { choice, folder } = choose(flags({ resume }))
  assert.equal(choice, then)
  assert.is(folder.dir, resume)
  const longer = choose(flags({ resume, epochs: 9 })).choice
  assert.equal([longer.training.epochs, longer.flags.epochs], [9, 9])
  assert.is(longer.training.attentionEpochs, then.training.attentionEpochs)
  assert.throws(() => choose(flags({ resume, epochs: 3 })), /--epochs 3: that run was started for 4; they can only/)
  assert.throws(() => choose(flags({ resume: join(dir, 'none') })), /^--resume: .*no config\.json/)
})

t('--repeat: the same choice in a new folder, with an attention net of its own', () => {
  const { flags: then, ...rest } = earlier('repeated', { seed: 5, attentionFrom: 'elsewhere' })
  const { choice, folder } = choose(flags({ repeat: join(dir, 'repeated'), run: join(dir, 'second') }))
  const { attentionFrom: _, ...kept } = then
  assert.equal(choice, { flags: kept, ...rest })
  assert.is(folder.dir, join(dir, 'second'))
  assert.throws(() => choose(flags({ repeat: join(dir, 'none') })), /^--repeat: .*no config\.json/)
})

t('the recorded runs of the ablation can be repeated', () => {
  const results = fileURLToPath(new URL('../../bench/results/ablation-llvmpipe-2-cores', import.meta.url))
  const runs = readdirSync(results).filter(name => /-seed\d$/.test(name))
  assert.ok(runs.length > 20)
  for (const name of runs) {
    const { choice } = choose(flags({ repeat: join(results, name), run: join(dir, 'again') }))
    const recorded = JSON.parse(readFileSync(join(results, name, 'config.json'), 'utf8')) as Choice
    assert.equal([choice.training, choice.model], [recorded.training, recorded.model], name)
    assert.is(choice.flags.seed, recorded.flags.seed)
  }
})

t('few images: a smaller batch and fewer of them to a step, unless the flags say how many', () => {
  const training = { ...PRESETS.tiny.training, batch: 24, accumulate: 4 }
  const text = (images: number, asked: Partial<Flags> = {}) =>
    fittedText(training, fitted(training, images, flags(asked)), images)
  assert.is(text(96), undefined)
  assert.is(text(50), '50 training images: 2 batches a step instead of 4')
  assert.is(text(10), '10 training images: batch 10 instead of 24, 1 batch a step instead of 4')
  const { batch, accumulate } = fitted(training, 10, flags({ batch: 30, accumulate: 7 }))
  assert.equal([batch, accumulate], [30, 7])
})

t('--attention-from takes the file of a run that would be the same so far, and says why not', () => {
  earlier('source', { epochs: 4 })
  const source = join(dir, 'source')
  const now = (change: Partial<Flags> = {}) => choose(flags({ epochs: 4, run: join(dir, 'unused'), ...change })).choice
  assert.throws(() => sharedAttention(source, now()), /source\/attention\.safetensors is not there: .* 1 epochs/)
  writeFileSync(join(source, ATTENTION_FILE), '')
  assert.is(sharedAttention(source, now()), join(source, ATTENTION_FILE))
  assert.is(sharedAttention(source, now({ arm: 'part', lr: 0.1 })), join(source, ATTENTION_FILE))
  assert.throws(() => sharedAttention(source, now({ seed: 2 })), /is not the one .*\(seed was 0, now 2\)/)
  assert.throws(() => sharedAttention(source, now({ arm: 'plain' })), /no attention net learns alone/)
  assert.throws(() => sharedAttention(join(dir, 'none'), now()), /^--attention-from: .*no config\.json/)
})

t.run()
