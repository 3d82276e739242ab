/** Tasn: shapes, the loss, and the weights that each of its terms moves. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release, write } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import { HEADS, LOSS_TERMS } from '../../src/tasn/heads.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { CONFIG, images, labels, N, picks } from '../support/toy_tasn.ts'

const NO_WEIGHTS = { attention: 0, part: 0, master: 0, sharedPart: 0, sharedMaster: 0, soft: 0 }

/** Gradients, by name, of a new model: always of the same weights. */
function gradients(change: Partial<TasnConfig>): Map<string, Tensor> {
  const model = new Tasn(new Random(2), { ...CONFIG, ...change })
  const params = model.parameters()
  const { grads } = valueAndGrad(() => model.forward(images(), labels(), picks()).loss, [...params.values()])
  return new Map([...params].filter(([, p]) => grads.has(p)).map(([name, p]) => [name, grads.get(p)!]))
}
const heads = (names: Iterable<string>): string[] => [...new Set([...names].map(n => n.split('.')[0]!))].sort()

const t = suite('tasn/network')

t('shapes, for every version of the configuration', async () => {
  const sampler = { ...CONFIG.maps.sampler, mode: 'torch' as const }
  for (const change of [
    {},
    { attentionResize: 'area' as const },
    { maps: { ...CONFIG.maps, sampler, structureChannels: 'all' as const, gamma: 1, detailGamma: 2 } },
    { trilinear: { innerScale: 7, innerSoftmax: true, outerSoftmax: false } },
  ]) {
    const model = new Tasn(new Random(2), { ...CONFIG, ...change })
    const values: [string, Tensor][] = []
    scope(() => {
      const input = images()
      const { features, logits } = model.attend(input)
      assert.equal(features.shape, [N, 8, 4, 4])
      assert.equal(logits.shape, [N, 5])
      assert.equal(model.attentionMaps(features).shape, [N, 8, 16])
      const { structure, detail } = model.views(features, picks())
      assert.equal(
        [structure.map.shape, detail.map.shape],
        [
          [N, 4, 4],
          [N, 4, 4],
        ],
      )
      assert.equal(model.sample(input, detail).shape, [N, 3, 12, 14])
      assert.equal(model.predict(input).shape, [N, 5])
      return []
    })
    scope(() => {
      const result = model.forward(images(), labels(), picks())
      assert.equal([result.loss.size, result.emptyMaps.size], [1, N])
      for (const term of LOSS_TERMS) values.push([term, result.terms[term]])
      for (const head of HEADS) assert.equal(result.correct[head].shape, [N])
      return [result.loss, ...values.map(([, v]) => v)]
    })
    for (const [name, v] of values) assert.ok((await read(v))[0]! > 0, name)
  }
})

t('the loss is the weighted sum of its terms', async () => {
  const weights = { attention: 0.3, part: 0.5, master: 0.7, sharedPart: 1.1, sharedMaster: 1.3, soft: 2 }
  const model = new Tasn(new Random(2), { ...CONFIG, weights })
  const { loss, terms } = model.forward(images(), labels(), picks())
  let want = 0
  for (const term of LOSS_TERMS) want += weights[term] * (await read(terms[term]))[0]!
  assert.ok(Math.abs((await read(loss))[0]! - want) < 1e-5 * want)
})

t('images of another size are refused', () => {
  const model = new Tasn(new Random(2), CONFIG)
  const wrong = persistent([1, 3, 20, 24])
  assert.throws(() => model.attend(wrong), /images must be \[N,3,24,20\], found \[1,3,20,24\]/)
  release(wrong)
})

// ---- gradients

t('the attention net learns from its own loss and from nothing else', async () => {
  const alone = gradients({ weights: { ...NO_WEIGHTS, attention: 1 } })
  const without = gradients({ weights: { ...CONFIG.weights, attention: 0 } })
  const both = gradients({})
  assert.equal(heads(alone.keys()), ['attention'])
  assert.equal(heads(without.keys()), ['classifier', 'master', 'part', 'shared'])
  assert.is(both.size, alone.size + without.size)
  for (const [name, g] of alone) assert.equal(await read(g), await read(both.get(name)!), name)
  // Every layer learns: were one cut off, its name would be missing.
  const model = new Tasn(new Random(2), CONFIG)
  assert.equal([...both.keys()], [...model.parameters().keys()])
  for (const name of [
    'attention.dilated.0.conv.weight',
    'attention.dilated.1.conv.bias',
    'attention.bn.weight',
    'attention.fc.weight',
  ])
    assert.ok(alone.has(name), name)
})

t('each term moves its own head', () => {
  const of = (term: keyof typeof NO_WEIGHTS) => heads(gradients({ weights: { ...NO_WEIGHTS, [term]: 1 } }).keys())
  assert.equal(of('part'), ['classifier', 'part'])
  assert.equal(of('master'), ['classifier', 'master'])
  assert.equal(of('sharedPart'), ['classifier', 'shared'])
  assert.equal(of('sharedMaster'), ['classifier', 'shared'])
})

t('the teacher learns from the student only where teacherGradient says so', async () => {
  const weights = { ...NO_WEIGHTS, soft: 1 }
  assert.equal(heads(gradients({ weights, teacherGradient: false }).keys()), ['classifier', 'master'])
  const open = gradients({ weights, teacherGradient: true })
  assert.equal(heads(open.keys()), ['classifier', 'master', 'part'])
  assert.ok((await read(open.get('part.weight')!)).some(v => v !== 0))
})

t('the detail pick changes part-net and leaves master-net alone', async () => {
  const model = new Tasn(new Random(2), CONFIG).train(false)
  const input = images()
  const y = labels()
  const terms = (u: number) =>
    scope(() => {
      const { part, sharedPart, master, sharedMaster } = model.forward(
        input,
        y,
        persistent([N], new Float32Array(N).fill(u)),
      ).terms
      return [part, sharedPart, master, sharedMaster]
    })
  const [a, b] = [terms(0), terms(0.99)]
  const value = async (v: Tensor) => (await read(v))[0]
  for (const i of [0, 1]) assert.is.not(await value(a[i]!), await value(b[i]!))
  for (const i of [2, 3]) assert.is(await value(a[i]!), await value(b[i]!))
})

// ---- beyond the paper

const exact = { ...CONFIG.maps, sampler: { ...CONFIG.maps.sampler, cap: 'exact' as const } }

t("samplerGradient: the classifier's loss reaches the attention net, through the structure sample alone", async () => {
  const classifierOnly = { ...NO_WEIGHTS, sharedMaster: 1 }
  assert.not(heads(gradients({ weights: classifierOnly, maps: exact }).keys()).includes('attention'))
  const moved = gradients({ weights: classifierOnly, maps: exact, samplerGradient: true })
  const g = await read(moved.get('attention.dilated.1.conv.weight')!)
  assert.ok(g.every(Number.isFinite) && g.some(v => v !== 0))
  // In testing mode, for in training the statistics of batch norm depend on both samples.
  const still = new Tasn(new Random(2), {
    ...CONFIG,
    weights: { ...NO_WEIGHTS, part: 1 },
    maps: exact,
    samplerGradient: true,
  }).train(false)
  const w = still.parameters().get('attention.dilated.1.conv.weight')!
  const part = valueAndGrad(() => still.forward(images(), labels(), picks()).loss, [w]).grads.get(w)
  assert.ok(!part || (await read(part)).every(v => v === 0), 'the detail sample is a constant')
  assert.throws(
    () => new Tasn(new Random(2), { ...CONFIG, samplerGradient: true }),
    /cap exact and mode half-pixel, found rounds/,
  )
})

t('samplerGradient: a step against the gradient makes the loss smaller', async () => {
  // Positions move smoothly with the maps, so a short step against the gradient lowers the loss by step times its norm.
  const model = new Tasn(new Random(2), {
    ...CONFIG,
    weights: { ...NO_WEIGHTS, sharedMaster: 1 },
    maps: exact,
    samplerGradient: true,
  }).train(false)
  const params = new Map([...model.parameters()].filter(([n]) => n.startsWith('attention.dilated')))
  const at = async () => (await read(scope(() => [model.forward(images(), labels(), picks()).loss])[0]!))[0]!
  const grads = valueAndGrad(() => model.forward(images(), labels(), picks()).loss, [...params.values()]).grads
  const before = await at()
  const step = 1e-3
  let square = 0
  const old = new Map<Tensor, Float32Array>()
  for (const p of params.values()) {
    const g = await read(grads.get(p)!)
    const w = await read(p)
    old.set(p, w)
    square += g.reduce((s, v) => s + v * v, 0)
  }
  for (const p of params.values()) {
    const g = await read(grads.get(p)!)
    write(
      p,
      old.get(p)!.map((v, i) => v - (step / Math.sqrt(square)) * g[i]!),
    )
  }
  const fell = before - (await at())
  const predicted = step * Math.sqrt(square)
  assert.ok(fell > 0.5 * predicted && fell < 1.5 * predicted, `fell by ${fell}, the gradient says ${predicted}`)
})

t.run()
