/** Reports: what they hold, what they do with runs that are not whole, and that nothing in a file becomes HTML. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadCub } from '../../src/data/cub.ts'
import { fingerprintOf } from '../../src/data/fingerprint.ts'
import { COLUMNS } from '../../src/run/pictures.ts'
import { PREDICTIONS_FILE, predictionsText, readPredictions } from '../../src/run/predictions.ts'
import { classResults, confusionOf } from '../../src/run/report/answers.ts'
import { comparisonText } from '../../src/run/report/compare.ts'
import { chartsOf, stepsPerEpoch } from '../../src/run/report/curves.ts'
import { escaped, html } from '../../src/run/report/html.ts'
import { mistakesOf } from '../../src/run/report/images.ts'
import type { PageData } from '../../src/run/report/page_data.ts'
import { readRun } from '../../src/run/report/record.ts'
import { reportText, writeReport } from '../../src/run/report/report.ts'
import { differing } from '../../src/run/report/settings.ts'
import type { Summary } from '../../src/run/summary.ts'
import { drawBirds } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-report-'))
const path = (...parts: string[]): string => join(dir, ...parts)
const t = suite('run/report')

const EVIL = '</script><script>alert("1")</script>'
const CLASSES = ['001.Black_Tit', EVIL, '003.Red_Tit', ...Array.from({ length: 5 }, (_, i) => `00${i + 4}.Bird`)]
const [EPOCHS, STEPS] = [26, 128]

/** The 19 test images: the i-th is said to be of class i % 8, a right answer for those of class 0, 1 and 2 only. */
const answers = Array.from({ length: 19 }, (_, i) => {
  const label = i % 8
  const answer = label < 3 ? label : 1
  return { id: 17 + i, label, answer, right: answer === label, confidence: 0.5 + i / 100, labelConfidence: 0.25 }
})
const config = {
  flags: { preset: 'tiny', seed: 0, run: '<img src=x>' },
  training: { epochs: EPOCHS, lr: 0.008, batch: 8, accumulate: 1 },
  model: { classes: CLASSES.length },
  kernels: { a: 1, b: 2 },
  data: { dir: path('birds'), fingerprint: {} },
  classes: CLASSES,
}
const summary = {
  final: { attention: 0.5, sharedMaster: 0.953 },
  best: { attention: 0.5, sharedMaster: 0.96 },
  bestEpoch: 25,
  epochs: EPOCHS,
  trained: EPOCHS,
  trainImages: 1024,
  testImages: 19,
  seconds: 65,
  imagesPerSecond: 99.5,
  memory: undefined,
  parametersAtTest: 98480,
  secondsPerEpoch: 2,
  attention: undefined,
} satisfies Summary

const lines = Array.from({ length: EPOCHS }, (_, e) => [
  ...Array.from({ length: STEPS }, (_, s) => ({
    kind: 'step',
    epoch: e + 1,
    step: e * STEPS + s + 1,
    lr: { attention: 0.01, classifier: 0.008 },
    loss: e * STEPS + s + 1,
    accuracy_sharedMaster: 1 / 3,
    imagesPerSecond: 150.37,
  })),
  { kind: 'epoch', epoch: e + 1, loss: 3 - e / 10, test_sharedMaster: e / EPOCHS },
]).flat()

const write = (run: string, file: string, content: unknown): void =>
  writeFileSync(path(run, file), typeof content === 'string' ? content : JSON.stringify(content))

t.before(async () => {
  await drawBirds(dir)
  config.data.fingerprint = fingerprintOf(await loadCub(path('birds')))
  mkdirSync(path('whole', 'pictures'), { recursive: true })
  write('whole', 'config.json', config)
  write('whole', 'summary.json', summary)
  write('whole', 'metrics.jsonl', lines.map(l => `${JSON.stringify(l)}\n`).join(''))
  write('whole', PREDICTIONS_FILE, predictionsText({ answers }))
  const memory = { planned: 3 * 2 ** 20, unplanned: 9 * 2 ** 20, lowerBound: 2 ** 20 }
  write('whole', 'plan.json', { images: 8, memory, launches: [['conv2d<b>', 2 ** 20]] })
  const row = { calls: 3, untimed: 1, ms: 40, gflop: 2, gigabytes: 1 }
  write('whole', 'profile.json', [{ kernel: 'image/augment <b>', ...row }])
  const noise = { create: { width: 192, height: 192, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 40 } } }
  const png = await sharp(noise as never)
    .png()
    .toBuffer()
  for (let n = 1; n <= 6; n++)
    for (const column of Object.keys(COLUMNS)) writeFileSync(path('whole', 'pictures', `0${n}-${column}.png`), png)
})
t.after(() => {
  rmSync(dir, { recursive: true })
})

const dataOf = (page: string): PageData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!) as PageData
const count = (page: string, part: string): number => page.split(part).length - 1
/** A copy of the whole run, to take something from. */
const copy = (name: string): string => {
  cpSync(path('whole'), path(name), { recursive: true })
  return path(name)
}

t('a whole run: every part, in one file of at most 1.5 MB that fetches nothing', async () => {
  const file = await writeReport(path('whole'))
  assert.is(file, path('whole', 'report.html'))
  const page = readFileSync(file, 'utf8')
  assert.ok(page.length < 1.5e6, `${page.length} bytes`)
  assert.match(page, /After 26 epochs the model names <strong>95\.3.%<\/strong>\nof 19 test images rightly/)
  for (const id of ['result', 'curves', 'gallery', 'confusion', 'mistakes', 'memory', 'kernels', 'settings', 'next'])
    assert.is(count(page, `<section id="${id}"`), 1, id)
  assert.is(count(page, '<img src="data:image/jpeg;base64,'), 6 * 9 + 10)
  assert.equal(
    dataOf(page).charts.map(c => [c.id, c.curves.length]),
    [
      ['loss', 1],
      ['test', 1],
      ['accuracy', 1],
      ['rate', 2],
      ['speed', 1],
      ['memory', 3],
    ],
  )
  for (const { id } of dataOf(page).charts) assert.is(count(page, `data-chart="${id}"`), 1 + +(id === 'loss'), id)
  assert.match(page, /3\.0 MiB/)
  assert.match(page, /npm run train -- --resume .*whole --epochs 52/)
  assert.match(page, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:;/)
  assert.not.match(page, /https?:\/\/|@import|url\(/)
})

t('names out of files stay text', async () => {
  const page = await reportText(readRun(path('whole')))
  assert.not.ok(page.includes('<script>alert') || page.includes('<img src=x') || page.includes('<b>'))
  assert.ok(page.includes(escaped(EVIL)))
  assert.is(dataOf(page).confusion!.classes[1], EVIL)
  assert.equal(dataOf(page).charts.at(-1)!.names, ['conv2d<b>'])
  assert.is(
    html`<p title="${'"&'}">${['<', html`<i>${"'"}</i>`, undefined, false, 0]}</p>`.text,
    '<p title="&quot;&amp;">&lt;<i>&#39;</i>0</p>',
  )
})

t('curves: a point is the mean of as many steps as fit, and its x the last of them', () => {
  const run = readRun(path('whole'))
  const { charts, every } = chartsOf(run)
  assert.is(every, 5)
  const [loss] = charts[0]!.curves
  assert.equal([loss!.x.length, loss!.x[0], loss!.y[0], loss!.x.at(-1)], [666, 5, 3, 3328])
  const [test] = charts[1]!.curves
  assert.equal([test!.x.length, test!.x[0], test!.perEpoch, test!.points], [26, 128, 128, true])
})

t('steps of an epoch: between two epochs, also where the first is missing; else by the data', () => {
  const run = readRun(path('whole'))
  assert.is(stepsPerEpoch(run), 128)
  assert.is(stepsPerEpoch({ ...run, lines: run.lines.filter(l => l.epoch > 12) }), 128)
  const data = { fingerprint: { training: 1024 } }
  assert.is(stepsPerEpoch({ ...run, config: { ...config, data }, lines: run.lines.slice(0, 5) }), 1024 / 8)
  assert.is(stepsPerEpoch({ ...run, config: {}, lines: run.lines.slice(0, 5) }), 5)
})

t('answers: confusions, classes, and at most 24 mistakes, the surest first, with their photographs', async () => {
  const confusion = confusionOf(answers, CLASSES)
  assert.equal(confusion.counts.slice(0, 5), [
    [0, 0, 3],
    [1, 1, 3],
    [2, 2, 3],
    [3, 1, 2],
    [4, 1, 2],
  ])
  const [tit, evil, , bird] = classResults(confusion, answers)
  assert.equal(tit, { name: 'Black Tit', images: 3, recall: 1, precision: 1, takenFor: undefined })
  assert.is(evil!.precision, 3 / 13)
  assert.equal([bird!.recall, bird!.precision, bird!.takenFor], [0, undefined, [EVIL, 2]])
  const { mistakes, remark } = await mistakesOf(readRun(path('whole')))
  assert.equal([mistakes.length, mistakes[0]!.id, remark], [10, 32, undefined])
  const jpeg = Buffer.from(mistakes[0]!.url!.split(',')[1]!, 'base64')
  const { format, width } = await sharp(jpeg).metadata()
  assert.equal([format, width], ['jpeg', 160])
  const many = Array.from({ length: 50 }, (_, i) => ({ ...answers[3]!, id: i }))
  const { mistakes: most } = await mistakesOf({ ...readRun(path('whole')), predictions: many })
  assert.equal(
    most.map(m => m.id),
    Array.from({ length: 24 }, (_, i) => i),
  )
})

t('a run of an earlier version, and one that was cut off, with half a line at its end', async () => {
  const run = copy('cut')
  for (const file of ['summary.json', PREDICTIONS_FILE, 'plan.json', 'profile.json', 'pictures'])
    rmSync(join(run, file), { recursive: true })
  const text = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
  const half = text.split('\n').slice(0, 5 * 129)
  write('cut', 'metrics.jsonl', `${half.join('\n')}\n{"kind":"step","epoch":6,"st`)
  const page = await reportText(readRun(run))
  assert.match(page, /metrics\.jsonl: 1 line cut short left out\./)
  assert.match(page, /This run is not at its end: 5 of 26 epochs are done\./)
  assert.match(page, /After 5 epochs the model names <strong>15\.4.%<\/strong>/)
  assert.match(page, /There are no pictures/)
  assert.is(count(page, 'This run has recorded no answers'), 2)
  assert.match(page, /This run has recorded no memory plan/)
  assert.match(page, /This run was not profiled/)
  assert.match(page, /Go on with it<\/dt><dd><code>npm run train -- --resume .*cut<\/code>/)
  // With --evaluate-every 2, epoch 5 is not tested.
  write('cut', 'metrics.jsonl', half.join('\n').replace(/,"test_sharedMaster":[\d.]+\}$/, '}'))
  const untested = await reportText(readRun(run))
  assert.match(untested, /After 4 epochs the model names <strong>11\.5.%<\/strong>/)
  assert.match(untested, /This run is not at its end: 5 of 26 epochs are done\./)
  rmSync(join(run, 'metrics.jsonl'))
  assert.match(await reportText(readRun(run)), /No step has been recorded yet/)
})

t('held-out images are not called test images', async () => {
  const run = copy('held')
  write('held', 'config.json', { ...config, flags: { ...config.flags, heldOut: true } })
  const page = await reportText(readRun(run))
  assert.match(page, /of 19 held-out images rightly/)
  assert.match(page, /<dt>best held-out accuracy<\/dt>/)
  assert.match(page, /Held-out accuracy of the heads/)
  assert.not.match(page, /[Tt]est (images|accuracy|birds)/)
  const alike = await comparisonText([readRun(run), readRun(run)])
  assert.match(alike, /names the most held-out images rightly/)
  assert.match(alike, /95\.3.% \(held-out images\)/)
  const mixed = await comparisonText([readRun(run), readRun(path('whole'))])
  assert.match(mixed, /These runs do not have the same data, or not the same of them held out/)
})

t('heads on samples of one random part say so', async () => {
  const run = copy('parts')
  write('parts', 'summary.json', { ...summary, final: { ...summary.final, part: 0.9 } })
  for (const [detail, said] of [
    ['random', true],
    ['mean', false],
  ] as const) {
    write('parts', 'config.json', { ...config, model: { ...config.model, maps: { detail } } })
    const page = await reportText(readRun(run))
    assert.is(page.includes('part and shared(part) see one part of each image'), said, detail)
  }
})

t('files that are damaged or gone are said, or left out', async () => {
  const run = copy('damaged')
  write('damaged', 'summary.json', '{"final": ')
  write('damaged', PREDICTIONS_FILE, readFileSync(join(run, PREDICTIONS_FILE), 'utf8').replace('18,1,1', '18,1,99'))
  write('damaged', 'profile.json', '{}')
  write('damaged', 'pictures/01-grid.png', 'no picture')
  rmSync(join(run, 'pictures', '02-grid.png'))
  const page = await reportText(readRun(run))
  assert.match(page, /summary\.json could not be used/)
  assert.match(page, /predictions\.csv could not be used: line 3 is no answer to an image/)
  assert.match(page, /profile\.json could not be used: it is not what a run writes there/)
  assert.is(count(page, '<img '), 6 * 9 - 2)
  write('damaged', 'profile.json', '[null]')
  const plan = { images: 8, memory: { planned: 3, unplanned: 9, lowerBound: 1 } }
  const plans = ['null', { memory: {} }, plan, { ...plan, launches: [null] }, { ...plan, memory: {}, launches: [] }]
  for (const content of plans) {
    write('damaged', 'plan.json', content)
    const broken = await reportText(readRun(run))
    for (const file of ['plan', 'profile'])
      assert.match(broken, new RegExp(`${file}\\.json could not be used: it is not what a run writes there`))
  }
  const moved = copy('moved')
  write('moved', 'config.json', { ...config, data: { dir: path('nowhere') } })
  const without = await reportText(readRun(moved))
  assert.ok(without.includes(`The images are no longer in ${path('nowhere')}`))
  assert.match(without, /<span class="gone">image 32<\/span>/)
  // Other photographs under the same numbers are not shown.
  cpSync(path('birds'), path('exchanged'), { recursive: true })
  const list = readFileSync(path('exchanged', 'images.txt'), 'utf8').split('\n')
  const [first, last] = [list.at(-2)!, list.at(-3)!].map(line => line.split(' ') as [string, string])
  list.splice(-3, 2, `${first![0]} ${last![1]}`, `${last![0]} ${first![1]}`)
  writeFileSync(path('exchanged', 'images.txt'), list.join('\n'))
  write('moved', 'config.json', { ...config, data: { ...config.data, dir: path('exchanged') } })
  const { mistakes, remark } = await mistakesOf(readRun(moved))
  assert.is(remark, `The images in ${path('exchanged')} are no longer those of the run, so none is shown.`)
  assert.ok(mistakes.every(m => m.url === undefined))
  // One that is gone is missing alone.
  const wanted = /^32 (.*)$/m.exec(readFileSync(path('birds', 'images.txt'), 'utf8'))![1]!
  const gone = path('birds', 'images', wanted)
  const bytes = readFileSync(gone)
  rmSync(gone)
  assert.match((await mistakesOf(readRun(path('whole')))).remark!, /^Some images are no longer in /)
  writeFileSync(gone, bytes)
  write('moved', 'config.json', { ...config, data: undefined })
  assert.match(await reportText(readRun(moved)), /surest of\. The config\.json does not say where the images are\./)
})

t('a folder that is not one of a run', () => {
  assert.throws(() => readRun(path('none')), /none is not the folder of a run: there is no such folder; name one of/)
  assert.throws(() => readRun(dir), /it has no config\.json; folders in it are: /)
  assert.throws(() => readRun(path('whole', 'config.json')), /it is a file; name the folder/)
  mkdirSync(path('broken'))
  write('broken', 'config.json', '{')
  assert.throws(() => readRun(path('broken')), /its config\.json is damaged/)
})

t('answers are read as they were written', () => {
  const text = predictionsText({ answers })
  assert.equal(
    readPredictions(text, 8),
    answers.map(({ right: _, ...rest }) => rest),
  )
  assert.throws(() => readPredictions(text, 7), /line 9 is no answer/)
  assert.throws(() => readPredictions(text.slice(0, -6), 8), /line 20 is no answer/)
  assert.throws(() => readPredictions('id\n', 8), /line 1 is not image,label,answer/)
})

t('a comparison: a curve for each run, and only the settings that differ', async () => {
  const other = copy('other')
  write('other', 'config.json', { ...config, training: { ...config.training, lr: 0.004 }, kernels: { a: 1 } })
  const runs = [readRun(path('whole')), readRun(other), readRun(copy('other/whole'))]
  assert.equal(
    differing(runs).map(([name]) => name),
    ['training.lr', 'kernels'],
  )
  const page = await comparisonText(runs)
  assert.match(page, /<strong>whole \(1\)<\/strong> names the most test images rightly: 95\.3.%/)
  const { charts } = dataOf(page)
  assert.ok(charts.every(c => c.curves.length === 3))
  assert.equal(
    charts[0]!.curves.map(c => c.label),
    ['whole (1)', 'other', 'whole (3)'],
  )
  assert.not.ok(page.includes('training.batch'))
  write('other', 'config.json', { ...config, data: { ...config.data, fingerprint: { test: 20 } } })
  const unlike = await comparisonText([readRun(path('whole')), readRun(other)])
  assert.match(unlike, /These runs do not have the same data, .* so none is called the best/)
  assert.not.match(page, /https?:\/\/|<script>alert/)
})

t.run()
