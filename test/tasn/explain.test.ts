/** explain() against predict() bit for bit, and against its parts computed one by one. Photographs of any size. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import { noGrad } from '../../src/engine/tape.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts'
import { augment, IMAGENET_MEAN, IMAGENET_STD, NO_CHANGE } from '../../src/ops/image.ts'
import { packSquare } from '../../src/ops/pixels.ts'
import { resizeArea } from '../../src/ops/resize.ts'
import { densities, marginals, sampleGrid } from '../../src/ops/sampler.ts'
import { Classifier } from '../../src/tasn/classify.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import type { ExplainOptions } from '../../src/tasn/explain.ts'
import type { Explanation } from '../../src/tasn/explanation.ts'
import { inferenceState, TasnInference } from '../../src/tasn/inference.ts'
import { modelMetadata } from '../../src/tasn/model_card.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { middleSquare, type Photo } from '../../src/tasn/photo.ts'
import { trilinearAttention } from '../../src/tasn/trilinear.ts'
import { detailOf, samplerInput, structureOf } from '../../src/tasn/views.ts'
import { PRESETS } from '../../src/train/presets.ts'

const SIDE = 64
const classes = ['wren', 'crow', 'gull', 'tern', 'lark']
const config: TasnConfig = {
  ...PRESETS.tiny.model,
  imageSize: [SIDE, SIDE],
  attentionSize: [24, 24],
  classifierSize: [16, 16],
  classes: classes.length,
}
const random = new Random(9)
const photo: Photo = {
  width: SIDE,
  height: SIDE,
  data: Uint8Array.from({ length: 3 * SIDE * SIDE }, () => random.int(256)),
}

const t = suite('tasn/explain')
let classifier: Classifier
let model: TasnInference
let x: Tensor

t.before(async () => {
  const tasn = new Tasn(new Random(4), config).train(false)
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }>()
  for (const [name, w] of inferenceState(tasn)) tensors.set(name, { shape: w.shape, data: await read(w) })
  const file = decodeSafetensors(encodeSafetensors(tensors, modelMetadata({ config, classes })), 'model.safetensors')
  classifier = new Classifier(file)
  model = new TasnInference(new Random(1), config)
  model.load(file.tensors)
  const packed = new Uint32Array(SIDE * SIDE)
  packSquare({ ...photo, channels: 3 }, { left: 0, top: 0, side: SIDE }, packed)
  const pixels = persistent([1, SIDE, SIDE], packed)
  const change = persistent([1, NO_CHANGE.length], Float32Array.from(NO_CHANGE))
  ;[x] = scope(() => [augment(pixels, change)] as const)
})

/** The numbers of the tensors that `f` makes. */
async function numbers(f: () => readonly Tensor[]): Promise<Float32Array[]> {
  const made = scope(() => noGrad(f))
  const values = []
  for (const one of made) values.push(await read(one))
  for (const one of made) release(one)
  return values
}

/** Bytes of an image (3,h,w) as the model sees it. */
const bytesOf = (planes: Float32Array, pixels: number): Uint8ClampedArray =>
  Uint8ClampedArray.from({ length: 4 * pixels }, (_, i) =>
    i % 4 === 3 ? 255 : 255 * (planes[(i % 4) * pixels + (i >> 2)]! * IMAGENET_STD[i % 4]! + IMAGENET_MEAN[i % 4]!),
  )

/** The logits of a model of another configuration, with the same weights. */
async function logitsOf(other: TasnConfig): Promise<Float32Array> {
  const changed = new TasnInference(new Random(1), other)
  const state: [string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }][] = []
  for (const [name, w] of model.state()) state.push([name, { shape: w.shape, data: await read(w) }])
  changed.load(new Map(state))
  const [logits] = await numbers(() => [changed.forward(x)])
  for (const w of changed.state().values()) release(w)
  return logits!
}

t('the logits are those of predict(), bit for bit, and its guesses those of classify()', async () => {
  const { logits, guesses } = await classifier.explain(photo)
  const [want] = await numbers(() => [model.forward(x)])
  assert.equal(logits, want)
  assert.equal(guesses, await classifier.classify(photo))
})

t('each part is what its own op makes', async () => {
  const channel = 3
  const seen = await classifier.explain(photo, { channel })
  const [features, maps, map, my, mx, dy, dx, rows, columns, sample, shrunk] = await numbers(() => {
    const X = model.attention.features(resizeArea(x, config.attentionSize))
    const M = trilinearAttention(X, config.trilinear)
    const view = structureOf(M, X, config)
    const { rows: my, columns: mx } = marginals(
      samplerInput(view.map, config.imageSize, config.maps.gamma, config.maps),
    )
    const { dy, dx } = densities(my, mx, config.classifierSize, config.maps.sampler)
    const { rows, columns } = view.grid
    return [X, M, view.map, my, mx, dy, dx, rows, columns, sampleGrid(x, view.grid), resizeArea(x, [16, 16])]
  })
  const { structure, detail } = seen
  assert.equal(seen.features.data, features)
  assert.equal(seen.attention.data, maps)
  assert.equal(seen.attention.shape, seen.features.shape)
  assert.equal(structure.map.data, map)
  assert.equal([structure.rows.marginal, structure.columns.marginal], [my, mx])
  assert.equal([structure.rows.density, structure.columns.density], [dy, dx])
  assert.equal([structure.rows.positions, structure.columns.positions], [rows, columns])
  assert.equal(structure.sample.data, bytesOf(sample!, 256))
  assert.equal(seen.shrunk.data, bytesOf(shrunk!, 256))
  assert.equal(
    [...seen.image.data].filter((_, i) => i % 4 < 3),
    [...photo.data],
  )
  assert.equal(seen.window, { left: 0, top: 0, side: SIDE })

  // the detail view: the channel's own map
  const places = detail.map.data.length
  assert.is(detail.channel, channel)
  assert.equal(detail.map.data, maps!.slice(channel * places, (channel + 1) * places))

  // the integral rises from 0 to 1 and its inverse has the positions
  const { integral, positions } = structure.rows
  assert.is(integral[0], 0)
  assert.is(integral.at(-1), 1)
  for (const [o, position] of positions.entries()) {
    const cell = ((position + 0.5) * (integral.length - 1)) / SIDE
    const k = Math.min(integral.length - 2, Math.floor(cell))
    const there = integral[k]! + (cell - k) * (integral[k + 1]! - integral[k]!)
    if (position > 0 && position < SIDE - 1) assert.ok(Math.abs(there - (o + 0.5) / 16) < 1e-5, `${o}: ${there}`)
  }
})

t('without a channel the detail view is that of the first live one', async () => {
  const { detail, live } = await classifier.explain(photo)
  assert.is(detail.channel, live[0])
  const [map] = await numbers(() => {
    const X = model.attention.features(resizeArea(x, config.attentionSize))
    const M = trilinearAttention(X, config.trilinear)
    const u = persistent([1], new Float32Array([0]))
    return [detailOf(M, X, structureOf(M, X, config), config, u).map]
  })
  assert.equal(detail.map.data, map)
})

t('options take the place of the configuration, for one call', async () => {
  const { maps } = config
  const sampler = (change: Partial<TasnConfig['maps']['sampler']>): TasnConfig['maps'] => ({
    ...maps,
    gamma: 8, // the maps of a model that has learnt nothing are nearly flat
    sampler: { ...maps.sampler, ...change },
  })
  const changes: [ExplainOptions, Partial<TasnConfig>][] = [
    [{ gamma: 8 }, { maps: sampler({}) }],
    [{ gamma: 8, dense: 1.05 }, { maps: sampler({ dense: 1.05 }) }],
    [{ gamma: 8, dense: 1.05, cap: 'exact' }, { maps: sampler({ dense: 1.05, cap: 'exact' }) }],
    [{ classifierSize: [24, 20] }, { classifierSize: [24, 20] }],
  ]
  const plain = await classifier.explain(photo)
  const attended = classifier.attend(photo)
  const answers = [plain.logits]
  for (const [options, change] of changes) {
    const want = await logitsOf({ ...config, ...change })
    const { logits } = await classifier.explain(photo, options)
    assert.equal(logits, want)
    assert.equal((await attended.explain(options)).logits, want, 'again, from the same features')
    for (const other of answers) assert.not.equal(logits, other, `${JSON.stringify(options)} changes nothing`)
    answers.push(logits)
  }
  const { structure, shrunk, detail } = await attended.explain({ classifierSize: [24, 20] })
  for (const p of [structure.sample, detail.sample, shrunk]) assert.equal([p.height, p.width], [24, 20])
  assert.equal((await attended.explain()).logits, plain.logits)
  const sharper = await attended.explain({ detailGamma: 8 })
  assert.equal(sharper.logits, plain.logits, 'the answer does not hang on the detail view')
  assert.not.equal(sharper.detail.sample.data, plain.detail.sample.data)
  attended.destroy()
})

t('options that make no sense are named', async () => {
  const attended = classifier.attend(photo)
  const fails = async (options: ExplainOptions, message: RegExp) => {
    const error = await attended.explain(options).then(
      () => undefined,
      (e: Error) => e,
    )
    assert.match(error?.message ?? 'no error', message)
  }
  await fails({ gamma: 0 }, /gamma is an exponent above 0, found 0/)
  await fails({ detailGamma: NaN }, /detailGamma .* found NaN/)
  await fails({ dense: 0.5 }, /dense is a magnification of at least 1, found 0.5/)
  await fails({ channel: 24 }, /channel is a whole number from 0 to 23, found 24/)
  await fails({ classifierSize: [16, 0] }, /classifierSize is \[height, width\].*found \[16,0\]/)
  attended.destroy()
})

t('it leaves no memory behind', async () => {
  const several = async (): Promise<number> => {
    for (let k = 0; k < 12; k++) await classifier.explain(photo, { channel: k })
    return stats.bytes
  }
  await several() // memory that others have left idle is forgotten meanwhile
  assert.is(await several(), await several())
})

/** A photo whose pixels are all the mean of their block, but for a checker that averages out. */
function blocks(width: number, height: number, value: (x: number, y: number) => number, checker: number): Photo {
  const data = new Uint8ClampedArray(4 * width * height)
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 4) {
      const v = value(x, y) + ((x + y) % 2 ? checker : -checker)
      data.fill(v, i, i + 3)
    }
  return { width, height, data }
}

t('the host shrinks by whole numbers, by means, and only what is four times too large', () => {
  const { side, window, packed } = middleSquare(
    blocks(1030, 1000, () => 100, 10),
    125,
  )
  assert.is(side, 250)
  assert.equal(window, { left: 15, top: 0, side: 1000 })
  assert.ok(packed.every(v => v === 0xff646464))
  assert.is(
    middleSquare(
      blocks(499, 499, () => 1, 0),
      125,
    ).side,
    499,
  )
  const odd = middleSquare(
    blocks(503, 503, (x, y) => (x < 251 ? 50 : 150) + (y > 400 ? 50 : 0), 0),
    125,
  )
  assert.is(odd.side, 251)
  assert.equal(odd.window, { left: 1, top: 1, side: 502 })
  assert.equal(
    [odd.packed[0]!, odd.packed[250]!, odd.packed[250 * 251]!].map(v => v & 255),
    [50, 150, 100],
  )
  // A smaller limit than the size asks for: the limit wins.
  assert.is(
    middleSquare(
      blocks(200, 200, () => 1, 0),
      125,
      12 * 70 * 70,
    ).side,
    66,
  )
})

t('a photograph of 4000 x 4000 is explained where a binding holds 128 MiB', async () => {
  const side = 4000
  const value = (x: number, y: number) => 60 + Math.floor((128 * x) / side) + (y > 1000 && y < 3000 ? 40 : 0)
  const large = await classifier.explain(blocks(side, side, value, 8))
  const same = (x: number, y: number) => value((x + 0.5) * (side / 125), (y + 0.5) * (side / 125))
  const small: Explanation = await classifier.explain(blocks(125, 125, same, 0))
  assert.equal(large.window, { left: 1, top: 1, side: 31 * 129 })
  for (const { probability, name } of large.guesses) {
    const other = small.guesses.find(g => g.name === name)!
    assert.ok(Math.abs(probability - other.probability) < 0.02, `${name}: ${probability}, ${other.probability}`)
  }
  const far = large.image.data.filter((v, i) => Math.abs(v - small.image.data[i]!) > 3)
  assert.ok(far.length < 0.06 * large.image.data.length, `${far.length} bytes differ`)
})

t.run()
