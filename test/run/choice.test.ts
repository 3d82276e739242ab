/** The run that is asked for: by flags, by an earlier run, by the number of images, by another run's attention net. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sharedAttention } from '../../src/run/attention_from.ts'
import { choose, fitted, fittedText, resumed } from '../../src/run/choice.ts'
import type { Choice } from '../../src/run/config.ts'
import type { Flags } from '../../src/run/flags.ts'
import { ATTENTION_FILE, RunFolder } from '../../src/run/folder.ts'
import { PRESETS } from '../../src/train/presets.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-choice-'))
const t = suite('run/choice')
t.after(() => {
  rmSync(dir, { recursive: true })
})

const fails = async (what: Promise<unknown>, message: RegExp): Promise<void> => {
  const error = await what.then(
    () => assert.unreachable(`no error like ${message}`),
    (error: unknown) => error as Error,
  )
  assert.match(error!.message, message)
}
const flags = (change: Partial<Flags> = {}): Flags => ({ preset: 'tiny', arm: 'tasn', seed: 0, ...change })

/** A run folder as an earlier run left it. */
async function earlier(name: string, change: Partial<Flags> = {}): Promise<Choice> {
  const choice = { ...(await choose(flags({ run: join(dir, 'unused'), ...change }))).choice, kernels: {} }
  const folder = new RunFolder(join(dir, name))
  await folder.writeJson('config.json', choice)
  folder.release()
  return JSON.parse(JSON.stringify(choice)) as Choice
}

t('flags change the preset, and the attention net keeps its share of the epochs', async () => {
  const { choice, folder } = await choose(flags({ arm: 'part', epochs: 13, lr: 0.5, run: join(dir, 'new') }))
  assert.equal([choice.training.epochs, choice.training.attentionEpochs, choice.training.lr], [13, 5, 0.5])
  assert.is(choice.training.batch, PRESETS.tiny.training.batch)
  assert.is(folder.dir, join(dir, 'new'))
  assert.match((await choose(flags({ arm: 'part' }))).folder.dir, /runs\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-tiny-part$/)
  assert.match((await choose(flags())).folder.dir, /\d-tiny$/)
})

t('epochs of the attention net alone: as asked, and fewer than all', async () => {
  const of = async (change: Partial<Flags>) =>
    (await choose(flags({ run: join(dir, 'alone'), ...change }))).choice.training
  assert.is((await of({ attentionEpochs: 3 })).attentionEpochs, 3)
  const frozen = await of({ attentionEpochs: 0, pretrainedAttention: 'w' })
  assert.equal([frozen.attentionEpochs, frozen.attentionAfter], [0, 'rests'])
  assert.is((await of({ preset: 'mobile' })).attentionEpochs, 5)
  assert.is((await of({ preset: 'mobile', pretrainedAttention: 'w' })).attentionEpochs, 0)
  await fails(
    choose(flags({ attentionEpochs: 4, epochs: 4 })),
    /--attention-epochs 4: the classifier needs epochs after/,
  )
})

t('flags that would do nothing, or fail behind all images, are refused at once', async () => {
  const refused = (change: Partial<Flags>, message: RegExp) =>
    fails(choose(flags({ run: join(dir, 'refused'), ...change })), message)
  const nothing = { attentionEpochs: 0, attentionLr: 0.1, pretrainedAttention: 'w', attentionFrom: 'x' }
  for (const [name, value] of Object.entries(nothing)) {
    const flag = name.replace(/[A-Z]/, c => `-${c.toLowerCase()}`)
    await refused({ arm: 'plain', [name]: value }, new RegExp(`^--${flag} does nothing here, for --arm plain has no`))
  }
  await refused(
    { attentionEpochs: 0 },
    /^--attention-epochs 0: the attention net would keep .*--pretrained-attention FILE/,
  )
})

t('a data set keeps its place', async () => {
  const { choice } = await choose(flags({ data: 'birds', run: join(dir, 'placed') }))
  assert.is(choice.flags.data, resolve('birds'))
})

t('--resume: the same choice and folder, the folder locked, and what may change changed', async () => {
  const then = await earlier('resumed', { epochs: 4, seed: 3, attentionFrom: 'elsewhere' })
  const again = join(dir, 'resumed')
  const { choice, folder, found } = await choose(flags({ resume: again }))
  const { checkpoint, warnings } = found
  assert.equal(choice, then)
  assert.is(folder.dir, again)
  assert.is(checkpoint, undefined)
  assert.match(warnings[0]!, /has no checkpoint yet: the run begins/)
  await fails(choose(flags({ resume: again })), /process \d+ .* is at work in this folder/)
  folder.release()
  const changed = await choose(flags({ resume: again, epochs: 9, keep: 5, saveEvery: 1, data: 'there', verify: false }))
  changed.folder.release()
  const { training, flags: f } = changed.choice
  assert.equal([training.epochs, f.epochs, f.keep, f.saveEvery, f.data], [9, 9, 5, 1, resolve('there')])
  assert.is(f.verify, undefined) // of that start alone
  assert.is(training.attentionEpochs, then.training.attentionEpochs)
  assert.equal(training.before, []) // nothing was trained with 4
  await fails(choose(flags({ resume: join(dir, 'none') })), /^--resume: .*no config\.json/)
})

t('--resume without a checkpoint, where there was one, begins nothing anew', async () => {
  await earlier('lost')
  writeFileSync(join(dir, 'lost', ATTENTION_FILE), '')
  await fails(
    choose(flags({ resume: join(dir, 'lost') })),
    /has attention\.safetensors, but no checkpoint.*\n {2}npm run train -- --repeat /,
  )
})

t('other rates and epochs hold from the place of the checkpoint on, and what held before is kept', async () => {
  const then = await earlier('rates', { epochs: 8, lr: 0.1 })
  const { attentionLr } = then.training
  const first = resumed(then, { lr: 0.01 }, { epochs: 2, steps: 5 })
  const old = { epochs: 8, lr: 0.1, attentionLr }
  assert.equal(first.training.before, [{ until: [2, 5], ...old }])
  assert.is(first.training.lr, 0.01)
  // Nothing was trained in between: the first change leaves no trace.
  const same = resumed(first, { lr: 0.02 }, { epochs: 2, steps: 5 })
  assert.equal([same.training.lr, same.training.before], [0.02, [{ until: [2, 5], ...old }]])
  const second = resumed(first, { epochs: 12 }, { epochs: 4, steps: 0 })
  assert.equal(second.training.before, [
    { until: [2, 5], ...old },
    { until: [4, 0], epochs: 8, lr: 0.01, attentionLr },
  ])
  // From an older checkpoint: the rates of the past that is now the future do not come back.
  const back = resumed(second, { lr: 0.03 }, { epochs: 1, steps: 3 })
  assert.equal(back.training.before, [{ until: [1, 3], ...old }])
  // Too many epochs can be taken back, down to those that are done.
  assert.is(resumed(second, { epochs: 5 }, { epochs: 4, steps: 0 }).training.epochs, 5)
  assert.throws(
    () => resumed(second, { epochs: 4 }, { epochs: 4, steps: 0 }),
    /--epochs 4: that run has done 4 already/,
  )
  assert.equal(resumed(then, {}, { epochs: 3, steps: 0 }), then)
  assert.throws(() => resumed(then, { epochs: 3 }, { epochs: 1, steps: 0 }), /learns alone for \d epochs, so more than/)
  assert.throws(() => resumed(then, { lr: 1 }, { epochs: 8, steps: 0 }), /all 8 epochs .* done: other rates need more/)
})

t('--repeat: the same choice in a new folder, with an attention net of its own', async () => {
  const { flags: then, ...rest } = await earlier('repeated', { seed: 5, attentionFrom: 'elsewhere' })
  const { choice, folder } = await choose(flags({ repeat: join(dir, 'repeated'), run: join(dir, 'second') }))
  const { attentionFrom: _, ...kept } = then
  assert.equal(choice, { flags: kept, ...rest })
  assert.is(folder.dir, join(dir, 'second'))
  await fails(choose(flags({ repeat: join(dir, 'none') })), /^--repeat: .*no config\.json/)
})

t('a config.json that no run writes is refused, with the field and what it needs', async () => {
  const then = await earlier('damaged')
  const file = join(dir, 'damaged', 'config.json')
  for (const [text, message] of [
    ['[]', /it is \[\], and an object is needed/],
    ['null', /it is null/],
    ['{}', /flags is undefined, and an object/],
    [
      JSON.stringify({ ...then, training: { ...then.training, lr: null } }),
      /training\.lr is null, and a number above 0/,
    ],
    [
      JSON.stringify({ ...then, training: { ...then.training, optimizer: 'adam' } }),
      /optimizer is "adam", and sgd or adamw/,
    ],
    [JSON.stringify({ ...then, training: { ...then.training, epochs: 1.5 } }), /training\.epochs is 1\.5/],
    [
      JSON.stringify({ ...then, training: { ...then.training, augmentation: { mirror: 1 } } }),
      /augmentation\.rotate is/,
    ],
    [JSON.stringify({ ...then, training: { ...then.training, before: [{ lr: 1 }] } }), /before\[0\]\.epochs/],
    [JSON.stringify({ ...then, flags: { ...then.flags, preset: 'constructor' } }), /flags\.preset is "constructor"/],
    [JSON.stringify({ ...then, model: undefined }), /model is undefined/],
  ] as const) {
    writeFileSync(file, text)
    await fails(choose(flags({ repeat: join(dir, 'damaged'), run: join(dir, 'unused') })), message)
  }
})

t('the recorded runs of the ablations can be repeated', async () => {
  const results = fileURLToPath(new URL('../../bench/results', import.meta.url))
  const runs = ['ablation-llvmpipe-2-cores', 'ablation-22-epochs-llvmpipe-2-cores'].flatMap(folder =>
    readdirSync(join(results, folder)).flatMap(name => (/-seed\d$/.test(name) ? [join(results, folder, name)] : [])),
  )
  assert.ok(runs.length > 35)
  for (const name of runs) {
    const { choice } = await choose(flags({ repeat: name, run: join(dir, 'again') }))
    const recorded = JSON.parse(readFileSync(join(name, 'config.json'), 'utf8')) as Choice
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

t('--attention-from takes the file of a run that would be the same so far, and says why not', async () => {
  await earlier('source', { epochs: 4 })
  const source = join(dir, 'source')
  const now = async (change: Partial<Flags> = {}) =>
    (await choose(flags({ epochs: 4, run: join(dir, 'unused'), ...change }))).choice
  const same = await now()
  assert.throws(() => sharedAttention(source, same), /source\/attention\.safetensors is not there: .* 1 epochs/)
  writeFileSync(join(source, ATTENTION_FILE), '')
  assert.is(sharedAttention(source, same), join(source, ATTENTION_FILE))
  const [part, other, plain] = [
    await now({ arm: 'part', lr: 0.1 }),
    await now({ seed: 2 }),
    await now({ arm: 'plain' }),
  ]
  assert.is(sharedAttention(source, part), join(source, ATTENTION_FILE))
  // Rates that --resume changed after the attention net's own epoch do not matter, those within it do.
  const { attentionLr } = same.training
  const later = resumed(same, { attentionLr: 0.5 }, { epochs: 2, steps: 0 })
  assert.is(sharedAttention(source, later), join(source, ATTENTION_FILE))
  const within = resumed(same, { attentionLr: 0.5 }, { epochs: 0, steps: 3 })
  assert.throws(
    () => sharedAttention(source, within),
    new RegExp(`attentionLr was ${attentionLr}, now \\[\\[\\[0,3\\],${attentionLr}\\],0.5\\]`),
  )
  assert.throws(() => sharedAttention(source, other), /is not the one .*\(seed was 0, now 2\)/)
  assert.throws(() => sharedAttention(source, plain), /no attention net learns alone/)
  assert.throws(() => sharedAttention(join(dir, 'none'), same), /^--attention-from: .*no config\.json/)
})

t.run()
