/** Recognition with a trained model: one file, classify(), and nothing of training behind it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { readTensors, saveTensors } from '../../src/io/checkpoint.ts'
import { encodeSafetensors } from '../../src/io/safetensors.ts'
import { augment, NO_CHANGE } from '../../src/ops/image.ts'
import { resizeArea } from '../../src/ops/resize.ts'
import { softmax } from '../../src/ops/softmax.ts'
import { Classifier } from '../../src/tasn/classify.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import type { Guess } from '../../src/tasn/explanation.ts'
import { inferenceState } from '../../src/tasn/inference.ts'
import { loadModel } from '../../src/tasn/load_model.ts'
import { modelMetadata } from '../../src/tasn/model_card.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { modulesBehind } from '../support/imports.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-classify-'))
const file = join(dir, 'model.safetensors')
const SIDE = 64
const classes = ['wren', 'crow', 'gull', 'tern', 'lark']
const config: TasnConfig = {
  ...PRESETS.tiny.model,
  imageSize: [SIDE, SIDE],
  attentionSize: [24, 24],
  classifierSize: [16, 16],
  classes: classes.length,
}
let model: Tasn
const random = new Random(9)
const bytes = (n: number) => Uint8Array.from({ length: n }, () => random.int(256))

/** Probabilities of a square photo by the whole model. */
async function expected(data: Uint8Array, side: number): Promise<number[]> {
  const pixels = persistent(
    [1, side, side],
    Uint32Array.from(
      { length: side * side },
      (_, i) => data[3 * i]! | (data[3 * i + 1]! << 8) | (data[3 * i + 2]! << 16),
    ),
  )
  const change = persistent([1, 9], Float32Array.from(NO_CHANGE))
  const [chances] = scope(() => {
    const x = augment(pixels, change)
    return [softmax(model.predict(side === SIDE ? x : resizeArea(x, [SIDE, SIDE])))]
  })
  const values = [...(await read(chances))]
  for (const t of [pixels, change]) release(t)
  return values
}
const byName = (guesses: Guess[]): number[] => classes.map(c => guesses.find(g => g.name === c)!.probability)

const t = suite('tasn/classify')
let classifier: Classifier

t.before(async () => {
  model = new Tasn(new Random(4), config).train(false)
  await saveTensors(file, inferenceState(model), modelMetadata({ config, classes }))
  classifier = new Classifier(await readTensors(file))
})
t.after(() => {
  rmSync(dir, { recursive: true })
})

t('a model file classifies like the model that wrote it', async () => {
  const data = bytes(3 * SIDE * SIDE)
  const guesses = await classifier.classify({ width: SIDE, height: SIDE, data })
  assert.equal(byName(guesses), await expected(data, SIDE))
  assert.equal(
    guesses.map(g => g.probability),
    guesses.map(g => g.probability).sort((a, b) => b - a),
  )
  assert.ok(Math.abs(guesses.reduce((s, g) => s + g.probability, 0) - 1) < 1e-5)
  assert.is((await classifier.classify({ width: SIDE, height: SIDE, data }, 2)).length, 2)
})

t('any size, RGB or RGBA: the middle square counts', async () => {
  const side = 90
  const square = bytes(3 * side * side)
  const wide = new Uint8Array(4 * (side + 7) * side).fill(200)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++) {
        wide[4 * (y * (side + 7) + x + 4) + c] = square[3 * (y * side + x) + c]!
      }
  const want = await expected(square, side)
  assert.equal(byName(await classifier.classify({ width: side, height: side, data: square })), want)
  assert.equal(
    byName(await classifier.classify({ width: side + 7, height: side, data: new Uint8ClampedArray(wide) })),
    want,
  )
  const small = await classifier.classify({ width: 5, height: 9, data: bytes(135) })
  assert.ok(small.every(g => Number.isFinite(g.probability)))
})

t('the file holds what recognition needs and no more', async () => {
  const { tensors } = await readTensors(file)
  const all = model.state()
  const left = [...all.keys()].filter(
    name => !tensors.has(name) && !tensors.has(name.replace('shared.', 'classifier.fc.')),
  )
  assert.equal(
    left,
    [...all.keys()].filter(n => /^(part|master|attention\.bn|attention\.fc)\./.test(n)),
  )
  const numbers = [...tensors.values()].reduce((n, v) => n + v.data.length, 0)
  assert.ok(statSync(file).size < 4 * numbers + 16384)
})

t('a model from a Blob or from bytes classifies like the one from the disk; no other file is a model', async () => {
  const photo = { width: SIDE, height: SIDE, data: bytes(3 * SIDE * SIDE) }
  const want = await classifier.classify(photo)
  const content = readFileSync(file)
  for (const source of [new Blob([content]), content]) {
    const other = new Classifier(await loadModel(source))
    assert.equal(await other.classify(photo), want)
    other.destroy()
  }
  const none = encodeSafetensors(new Map([['x', { shape: [1], data: Float32Array.of(1) }]]))
  const verdict = await loadModel(none).then(
    () => 'a model',
    (error: Error) => error.message,
  )
  assert.match(verdict, /^the Uint8Array that was given holds no model of TASN/)
})

t('it leaves no memory behind', async () => {
  const before = stats.bytes
  const other = new Classifier(await readTensors(file))
  assert.ok(stats.bytes > before)
  other.destroy()
  assert.is(stats.bytes, before)

  // Nor do photos, of whatever sizes: their buffers are used again or forgotten.
  const photo = (n: number) => classifier.classify({ width: n, height: n, data: bytes(3 * n * n) })
  for (let k = 0; k < 10; k++) await photo(40)
  const { buffers } = stats
  for (let n = 20; n < 40; n++) await photo(n)
  for (let k = 0; k < 10; k++) await photo(40)
  assert.is(stats.buffers, buffers)
})

t('files that are no model and photos that are none are refused', async () => {
  const content = await readTensors(file)
  assert.throws(() => new Classifier({ ...content, metadata: {} }), /holds no model of TASN.*model\.safetensors/)
  assert.throws(() => new Classifier({ ...content, metadata: { tasn: '{' } }), /metadata `tasn` is damaged/)
  const less = new Map(content.tensors)
  less.delete('classifier.fc.bias')
  assert.throws(() => new Classifier({ ...content, tensors: less }), /1 missing: classifier\.fc\.bias/)
  for (const photo of [
    { width: 2, height: 2, data: bytes(13) },
    { width: 0, height: 0, data: bytes(0) },
    { width: 2, height: 3, data: bytes(12) },
  ])
    for (const op of ['classify', 'explain'] as const) {
      const message = await classifier[op](photo).then(String, (error: Error) => error.message)
      assert.match(message, /^a photo of \d x \d pixels takes \d+ bytes \(RGB\) or \d+ \(RGBA\), found \d+$/, op)
    }
})

t('no module behind it belongs to training, data sets or Node', () => {
  const { modules, others } = modulesBehind('src/tasn/classify.ts', 'src/tasn/load_model.ts')
  assert.ok(modules.length > 20)
  assert.equal(
    modules.filter(f => /src\/(train|run|study|data|nn\/optim|ops\/backward)/.test(f)),
    [],
  )
  assert.equal(others, [])
})

t.run()
