/** examples/evaluate-cub.ts on a small run: its own figures again, photographs of one's own, and what is refused. */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { readPredictions } from '../../src/run/predictions.ts'
import type { Summary } from '../../src/run/summary.ts'
import type { Calibration } from '../../src/study/evaluation/calibration.ts'
import { type Evaluation, evaluationOf } from '../../src/study/evaluation/evaluation.ts'
import { folderFor, writeFiles } from '../../src/study/evaluation/files.ts'
import { testImages } from '../../src/study/evaluation/images.ts'
import { readTrained } from '../../src/study/evaluation/model.ts'
import { test } from '../../src/study/evaluation/testing.ts'
import { evaluationText } from '../../src/study/evaluation/text.ts'
import { HEADS } from '../../src/tasn/heads.ts'
import { example, trainer } from '../support/trainer.ts'
import { drawBirds, SET } from '../support/training.ts'
import { setVariable } from '../support/variable.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-evaluate-'))
const path = (...parts: string[]): string => join(dir, ...parts)
const t = suite('study/evaluate')
t.after(() => {
  rmSync(dir, { recursive: true })
})

const json = <T>(...parts: string[]): T => JSON.parse(readFileSync(path(...parts), 'utf8')) as T
const text = (...parts: string[]): string => readFileSync(path(...parts), 'utf8')
/** The message of the error of what is refused. */
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  )
const warn = (): void => {}

t.before(async () => {
  await drawBirds(dir)
  const { code, out } = await trainer(['--data', path('birds'), '--run', path('run'), '--epochs', '1', '--batch', '8'])
  assert.is(code, 0, out)
})

t('a run: the figures that it reported, of every head, and its very answers', async () => {
  const { code, out } = await example('evaluate-cub.ts', [path('run'), '--predictions'])
  assert.is(code, 0, out)
  const { final } = json<Summary>('run', 'summary.json')
  const { heads, classes, confused } = json<Evaluation>('run', 'evaluation', 'evaluation.json')
  assert.equal(Object.keys(heads), [...HEADS])
  for (const head of HEADS) assert.is(heads[head]!.accuracy, final[head], head)
  assert.is(text('run', 'evaluation', 'predictions.csv'), text('run', 'predictions.csv'))
  assert.match(out, /run\/checkpoint\.safetensors, after 1 epoch\n/)
  assert.match(out, /the run reported the same figures/)

  const answers = readPredictions(text('run', 'predictions.csv'), SET.classes)
  assert.equal(
    classes.map(c => c.images),
    Array.from({ length: SET.classes }, (_, k) => answers.filter(a => a.label === k).length),
  )
  assert.is(
    classes.reduce((n, c) => n + c.right, 0),
    answers.filter(a => a.label === a.answer).length,
  )
  assert.is(
    confused.reduce((n, c) => n + c.count, 0),
    answers.filter(a => a.label !== a.answer).length,
  )
  assert.match(text('run', 'evaluation', 'classes.csv'), /^class,images,right,accuracy,low,high,.*\n(.+\n){8}$/)
  for (const picture of ['confusion.png', 'reliability.png']) {
    const { width, height, data } = PNG.sync.read(readFileSync(path('run', 'evaluation', picture)))
    assert.ok(width > 400 && height > 400)
    // Something is drawn in blue (right answers, bins) or orange (wrong ones, distances).
    assert.ok(data.some((v, i) => i % 4 === 0 && Math.abs(v - data[i + 2]!) > 60))
  }
})

t('a model file on photographs in folders: one head, names instead of ids', async () => {
  const answers = new Map(readPredictions(text('run', 'predictions.csv'), SET.classes).map(a => [a.id, a]))
  const listed = text('birds', 'images.txt').trim().split('\n')
  const tested = listed.map(line => line.split(' ') as [id: string, image: string]).filter(([id]) => answers.has(+id))
  for (const [id, image] of tested.slice(0, 10)) {
    const folder = path(
      'photos',
      image
        .split('/')[0]!
        .replace(/^\d+\.|_/g, ' ')
        .trim()
        .toLowerCase(),
    )
    mkdirSync(folder, { recursive: true })
    copyFileSync(path('birds', 'images', image), join(folder, `${id}.png`))
  }
  const photos = path('photos')
  writeFileSync(join(photos, readdirSync(photos)[0]!, 'zz "damaged", cut.png'), 'not a picture')
  const trained = await readTrained(path('run', 'model.safetensors'))
  assert.match(
    await refusal(testImages(trained, { images: photos }, warn)),
    /^data set in .*photos: 1 problem with images\n {2}.*zz "damaged", cut\.png: expected a JPEG.*\nmend or remove/,
  )
  // In this process, whose device is open: another process would take seconds to say the same.
  const flags = { images: photos, skipDamaged: true, predictions: true } as const
  const warned: string[] = []
  const images = await testImages(trained, flags, line => warned.push(line))
  assert.match(warned.join('\n'), /^going on without 1 of 11 images:\n.*cut\.png/)
  const loaded = trained.load(warn)
  const putBack = setVariable('MEMORY', `${(stats.bytes + 1000) / 2 ** 30}`)
  const refused = await refusal(test(loaded, trained, images, undefined)).finally(putBack)
  assert.match(refused, /^a test of 10 images does not fit: .* free of MEMORY=.*: take an adapter with more memory$/)
  const answered = await test(loaded, trained, images, undefined)
  const evaluation = evaluationOf(answered, loaded.heads, trained.classes)
  const out = evaluationText(evaluation, trained, images)
  assert.match(out, /^accuracy on 10 images, .* \(Wilson\):\n {2}shared\(master\) .* to .* %\n\nthe classes/)
  const into = folderFor(trained, flags)
  await writeFiles(into, evaluation, answered, trained, images, flags)
  await writeFiles(into, evaluation, answered, trained, images, { images: photos })
  assert.not.ok(readdirSync(into).includes('predictions.csv'), 'of an earlier evaluation')
  await writeFiles(into, evaluation, answered, trained, images, flags)
  const figures = json<Evaluation & { calibration: Calibration }>('run', 'evaluation-photos', 'evaluation.json')
  assert.equal(Object.keys(figures.heads), ['sharedMaster'])
  assert.is(figures.heads.sharedMaster!.images, 10)
  assert.is(
    figures.calibration.bins.reduce((n, b) => n + b.images, 0),
    10,
  )
  // The run's answers to the same images, but for last digits: the head runs here in another batch.
  const [head, ...rows] = text('run', 'evaluation-photos', 'predictions.csv').trim().split('\n')
  assert.is(head, 'photograph,class,answer,confidence,classConfidence')
  assert.is(rows.length, 10)
  for (const row of rows) {
    const [photo, , , confidence, own] = row.split(',') as [string, string, string, string, string]
    const there = answers.get(Number(/(\d+)\.png$/.exec(photo)![1]))!
    assert.ok(Math.abs(Number(confidence) - there.confidence) < 2e-3, row)
    assert.ok(Math.abs(Number(own) - there.labelConfidence) < 2e-3, row)
  }
})

t('a model of the first classes of a data set is tested on these', async () => {
  const file = await readTrained(path('run', 'model.safetensors'))
  const { dataset } = await testImages({ ...file, classes: file.classes.slice(0, 3) }, { data: path('birds') }, warn)
  assert.equal([...new Set(dataset.test.map(s => s.label))].sort(), [0, 1, 2])
  assert.is(dataset.classes.length, 3)
})

t('what is refused, before anything is computed', async () => {
  const [run, model] = [path('run'), path('run', 'model.safetensors')]
  assert.match(
    await refusal(readTrained(path('none'))),
    /^there is no .*none: name the folder of a run, or a model\.safe/,
  )
  assert.match(await refusal(readTrained(path('birds'))), 'birds is not the folder of a run: it has no config.json')
  assert.match(await refusal(readTrained(path('run', 'checkpoint.safetensors'))), 'holds no model of TASN')
  assert.match(await refusal(readTrained(model, { best: true })), 'a model file holds one model')

  const file = await readTrained(model)
  const more = { ...file, classes: [...file.classes, '009.Penguin'] }
  assert.match(
    await refusal(testImages(more, { data: path('birds') }, warn)),
    /safetensors was not trained on the classes in .*birds \(it knows 9, and there are 8\): give the data that it was/,
  )
  cpSync(path('birds'), path('others'), { recursive: true })
  const names = text('others', 'classes.txt')
  writeFileSync(path('others', 'classes.txt'), names.replace(/^2 .*$/m, '2 002.Penguin'))
  assert.match(
    await refusal(testImages(file, { data: path('others') }, warn)),
    /not trained on the classes in .*others \(class 2 of 8 is 002\.\w+ to it, and 002\.Penguin there\): give the data/,
  )
  assert.match(
    await refusal(testImages(await readTrained(run), { data: path('others') }, warn)),
    /run: the data in .*others are not those of that run.*\n(.*\n)*.*or evaluate its model\.safetensors on them/,
  )
  mkdirSync(path('photos', 'penguin'))
  assert.match(
    await refusal(testImages(file, { images: path('photos') }, warn)),
    /no class of the name "penguin"; it knows 0/,
  )
  mkdirSync(path('half'))
  writeFileSync(path('half', 'classes.csv'), '') // of an evaluation that was cut off
  assert.is(folderFor(file, { out: path('half') }), path('half'))
  assert.throws(() => folderFor(file, { out: path('birds') }), /birds holds files, and none is of an evaluation/)
  assert.is(folderFor(file, {}), path('run', 'evaluation')) // of an earlier evaluation
})

t.run()
