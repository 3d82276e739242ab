/** TASN: the trilinear product against loops, maps, grids, shapes, prediction, and the weights that each loss moves. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { constant, persistent, read, release, scope, write } from '../../src/engine/execute.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { add, relu, reshape, square } from '../../src/ops/elementwise.ts'
import { correct, crossEntropy } from '../../src/ops/loss.ts'
import { resizeBilinear } from '../../src/ops/resize.ts'
import { samplingGrid } from '../../src/ops/sampler.ts'
import { MultiDilation } from '../../src/tasn/attention_net.ts'
import { TASN_DEFAULTS, type TasnConfig } from '../../src/tasn/config.ts'
import { HEADS, LOSS_TERMS } from '../../src/tasn/heads.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { testLogits } from '../../src/tasn/prediction.ts'
import { trilinearAttention } from '../../src/tasn/trilinear.ts'
import { detailMap, gridOfMap, structureMap } from '../../src/tasn/views.ts'
import { check, type Ref, relative } from '../support/check.ts'

const N = 3
const CONFIG: TasnConfig = {
  ...TASN_DEFAULTS,
  classes: 5,
  imageSize: [24, 20],
  attentionSize: [16, 16],
  classifierSize: [12, 14],
  attention: {
    backbone: { block: 'basic', layers: [1], widths: [8], strides: [2], stem: 3, pool: false },
    dilations: [
      [1, 2],
      [1, 2, 3],
    ],
  },
  classifier: { block: 'basic', layers: [1, 1], widths: [4, 8], strides: [1, 2], stem: 3, pool: false },
}
const NO_WEIGHTS = { attention: 0, part: 0, master: 0, sharedPart: 0, sharedMaster: 0, soft: 0 }
const draw = (seed: number, n: number, from = -1, to = 1): Float32Array => {
  const random = new Random(seed)
  return Float32Array.from({ length: n }, () => random.uniform(from, to))
}
const x = () => persistent([N, 3, 24, 20], draw(1, N * 3 * 24 * 20))
const labels = () => persistent([N], new Uint32Array([0, 3, 4]))
const numbers = () => persistent([N], new Float32Array([0.1, 0.5, 0.9]))

/** Gradients, by name, of a new model: always of the same weights. */
function gradients(change: Partial<TasnConfig>): Map<string, Tensor> {
  const model = new Tasn(new Random(2), { ...CONFIG, ...change })
  const params = model.parameters()
  const { grads } = valueAndGrad(() => model.forward(x(), labels(), numbers()).loss, [...params.values()])
  return new Map([...params].filter(([, p]) => grads.has(p)).map(([name, p]) => [name, grads.get(p)!]))
}
const heads = (names: Iterable<string>): string[] => [...new Set([...names].map(n => n.split('.')[0]!))].sort()

const t = suite('tasn/network')

// ---- trilinear attention

const softmaxRows = (m: number[][]): number[][] =>
  m.map(row => {
    const largest = Math.max(...row)
    const e = row.map(v => Math.exp(v - largest))
    const s = e.reduce((a, b) => a + b)
    return e.map(v => v / s)
  })

t('the trilinear product agrees with loops, with every kind of normalisation', async () => {
  for (const [n, C, H, W] of [
    [2, 5, 3, 4],
    [1, 1, 2, 2],
    [1, 7, 1, 1],
    [2, 9, 5, 7],
  ] as const) {
    for (const innerSoftmax of [true, false])
      for (const outerSoftmax of [true, false])
        for (const innerScale of innerSoftmax ? [1, 2, 7] : [1]) {
          await check(
            [[n, C, H, W]],
            x => trilinearAttention(x!, { innerScale, innerSoftmax, outerSoftmax }),
            ([x]: Ref[]) => {
              const L = H * W
              const y: number[] = []
              for (let b = 0; b < n; b++) {
                const X = Array.from({ length: C }, (_, c) => [...x!.data.slice((b * C + c) * L, (b * C + c + 1) * L)])
                const NX = innerSoftmax ? softmaxRows(X.map(row => row.map(v => v * innerScale))) : X
                const R = NX.map(a => X.map(b => a.reduce((s, v, l) => s + v * b[l]!, 0)))
                for (const row of outerSoftmax ? softmaxRows(R) : R)
                  for (let l = 0; l < L; l++) y.push(row.reduce((s, v, c) => s + v * X[c]![l]!, 0))
              }
              return y
            },
            { inputs: (random, _, size) => Array.from({ length: size }, () => random.uniform(0, 1)), tolerance: 2e-5 },
          )
        }
  }
})

t('dead channels all get the same map', async () => {
  const F = draw(3, 6 * 9, 0, 2)
  F.fill(0, 9, 18)
  F.fill(0, 36, 45)
  const [M] = scope(() => [trilinearAttention(persistent([1, 6, 3, 3], F), CONFIG.trilinear)])
  const m = await read(M)
  assert.equal(M.shape, [1, 6, 9])
  assert.ok(relative(m.slice(9, 18), m.slice(36, 45)) < 1e-6)
  assert.ok(relative(m.slice(0, 9), m.slice(9, 18)) > 1e-4)
})

t('a multi-dilation layer has one kernel for all its rates', async () => {
  const layer = new MultiDilation(new Random(1), 4, [1, 2, 3])
  const input = persistent([2, 4, 7, 6], draw(4, 2 * 4 * 7 * 6))
  assert.equal(
    [...layer.state()].map(([name, w]) => [name, w.size]),
    [
      ['conv.weight', 4 * 4 * 9],
      ['conv.bias', 4],
    ],
  )
  const { weight, bias } = layer.conv
  const [a, b] = scope(() => [
    layer.forward(input),
    [1, 2, 3].map(d => relu(conv2d(input, weight, bias, { padding: d, dilation: d }))).reduce((s, h) => add(s, h)),
  ])
  assert.equal(a.shape, [2, 4, 7, 6])
  assert.equal(await read(a), await read(b))
})

// ---- maps and grids

const LIVE = [[0, 1, 3], [0, 1, 2, 3], [2]]
/** Features (3,4,2,3) with dead channels, and maps (3,4,6) to choose from. */
const features = () =>
  persistent(
    [3, 4, 2, 3],
    draw(5, 72, 0.1, 1).map((v, i) => (LIVE[Math.floor(i / 24)]!.includes(Math.floor(i / 6) % 4) ? v : 0)),
  )
const maps = draw(6, 72, 0, 1)
const mapOf = (n: number, c: number): number[] => [...maps.slice((n * 4 + c) * 6, (n * 4 + c + 1) * 6)]

t('the structure map averages live channels, or all', async () => {
  const [live, all] = scope(() => [
    structureMap(persistent([3, 4, 6], maps), features(), 'live'),
    structureMap(persistent([3, 4, 6], maps), features(), 'all'),
  ])
  assert.equal(live.shape, [3, 2, 3])
  const average = (channels: number[][]) =>
    channels.flatMap((list, n) =>
      Array.from({ length: 6 }, (_, l) => list.reduce((s, c) => s + mapOf(n, c)[l]!, 0) / list.length),
    )
  assert.ok(relative(await read(live), average(LIVE)) < 1e-6)
  assert.ok(relative(await read(all), average(LIVE.map(() => [0, 1, 2, 3]))) < 1e-6)
})

t('the detail map is the live channel that u names', async () => {
  for (const u of [
    [0, 0, 0],
    [0.34, 0.26, 0.5],
    [0.99, 0.74, 0.99],
    [0.5, 0.999, 0],
  ]) {
    const [d] = scope(() => [detailMap(persistent([3, 4, 6], maps), features(), persistent([3], Float32Array.from(u)))])
    assert.equal(d.shape, [3, 2, 3])
    assert.equal(
      [...(await read(d))],
      u.flatMap((v, n) => mapOf(n, LIVE[n]![Math.floor(v * LIVE[n]!.length)]!)),
    )
  }
})

t('the views of a model: detail follows u, without u it is the mean map', async () => {
  const f = features()
  const u = (v: number) => persistent([3], new Float32Array(3).fill(v))
  const map = (v: Tensor) => read(v)
  for (const detail of ['random', 'mean'] as const) {
    const model = new Tasn(new Random(2), { ...CONFIG, maps: { ...CONFIG.maps, detail } })
    const [M, structure, first, last, none, rows] = scope(() => {
      const a = model.views(f, u(0))
      const b = model.views(f, u(0.999))
      const c = model.views(f)
      return [model.attentionMaps(f), a.structure.map, a.detail.map, b.detail.map, c.detail.map, c.detail.grid.rows]
    })
    const m = await map(M)
    const channel = (pick: (list: number[]) => number) =>
      LIVE.flatMap((list, n) => [...m.slice((n * 4 + pick(list)) * 6, (n * 4 + pick(list) + 1) * 6)])
    assert.equal([...(await map(none))], [...(await map(structure))])
    assert.equal([...(await map(first))], detail === 'random' ? channel(l => l[0]!) : [...(await map(structure))])
    assert.equal([...(await map(last))], detail === 'random' ? channel(l => l.at(-1)!) : [...(await map(structure))])
    assert.equal(rows.shape, [3, 12])
  }
})

t('a grid is made from the map at the size of the image, raised to gamma', async () => {
  const map = persistent([2, 3, 4], draw(7, 24, 0, 1))
  for (const mode of ['half-pixel', 'torch'] as const)
    for (const gamma of [1, 2]) {
      const sampler = { ...CONFIG.maps.sampler, mode, dense: 3 }
      for (const mapSize of [undefined, [7, 9] as const]) {
        const [a, b, c, d] = scope(() => {
          const size = mapSize ?? [11, 13]
          const A = resizeBilinear(reshape(map, [2, 1, 3, 4]), size, { alignCorners: mode === 'torch' })
          const grid = gridOfMap(map, [11, 13], [5, 6], gamma, { mapSize, sampler })
          const want = samplingGrid(reshape(gamma === 2 ? square(A) : A, [2, ...size]), [11, 13], [5, 6], sampler)
          return [grid.rows, want.rows, grid.columns, want.columns]
        })
        assert.equal(
          [a.shape, c.shape],
          [
            [2, 5],
            [2, 6],
          ],
        )
        assert.ok(relative(await read(a), await read(b)) < 1e-5)
        assert.ok(relative(await read(c), await read(d)) < 1e-5)
      }
    }
  // An even map samples like a plain resize.
  const { rows, columns } = samplingGrid(constant([1, 8, 16], 1), [8, 16], [4, 4])
  assert.ok(relative(await read(rows), [0.5, 2.5, 4.5, 6.5]) < 1e-6)
  assert.ok(relative(await read(columns), [1.5, 5.5, 9.5, 13.5]) < 1e-6)
})

// ---- the whole

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
      const input = x()
      const { features, logits } = model.attend(input)
      assert.equal(features.shape, [N, 8, 4, 4])
      assert.equal(logits.shape, [N, 5])
      assert.equal(model.attentionMaps(features).shape, [N, 8, 16])
      const { structure, detail } = model.views(features, numbers())
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
      const result = model.forward(x(), labels(), numbers())
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
  const { loss, terms } = model.forward(x(), labels(), numbers())
  let want = 0
  for (const term of LOSS_TERMS) want += weights[term] * (await read(terms[term]))[0]!
  assert.ok(Math.abs((await read(loss))[0]! - want) < 1e-5 * want)
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
  const part = valueAndGrad(() => still.forward(x(), labels(), numbers()).loss, [w]).grads.get(w)
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
  const at = async () => (await read(scope(() => [model.forward(x(), labels(), numbers()).loss])[0]!))[0]!
  const grads = valueAndGrad(() => model.forward(x(), labels(), numbers()).loss, [...params.values()]).grads
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

t('mirrorTest: what predicts is the mean over the sample and its mirror image, in testing only', async () => {
  const sample = persistent([N, 3, 12, 14], draw(3, N * 3 * 12 * 14))
  const values = await read(sample)
  const [mean] = scope(() => [testLogits({ ...CONFIG, mirrorTest: true }, sample, y => y)])
  assert.ok(
    relative(
      await read(mean),
      values.map((v, i) => (v + values[i - (i % 14) + 13 - (i % 14)]!) / 2),
    ) < 1e-6,
  )
  const losses = async (mirrorTest: boolean, training: boolean) => {
    const model = new Tasn(new Random(2), { ...CONFIG, mirrorTest }).train(training)
    const [loss, logits] = scope(() => [model.forward(x(), labels(), numbers()).terms.sharedMaster, model.predict(x())])
    return { loss: (await read(loss))[0]!, logits: [...(await read(logits))] }
  }
  assert.is((await losses(true, true)).loss, (await losses(false, true)).loss)
  const on = await losses(true, false)
  const off = await losses(false, false)
  assert.not.equal(on.logits, off.logits)
  const want = scope(() => [crossEntropy(persistent([N, 5], Float32Array.from(on.logits)), labels())])[0]!
  assert.ok(Math.abs((await read(want))[0]! - on.loss) < 1e-5, 'forward() and predict() agree')
})

t('predict() is the shared head on the structure sample', async () => {
  const model = new Tasn(new Random(2), CONFIG).train(false)
  const input = x()
  const y = labels()
  const [loss, right, wantLoss, wantRight] = scope(() => {
    const logits = model.predict(input)
    const { terms, correct: all } = model.forward(input, y, numbers())
    return [crossEntropy(logits, y), correct(logits, y), terms.sharedMaster, all.sharedMaster]
  })
  assert.ok(relative(await read(loss), await read(wantLoss)) < 1e-6)
  assert.equal(await read(right), await read(wantRight))
})

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
  const input = x()
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

t('images of another size are refused', () => {
  const model = new Tasn(new Random(2), CONFIG)
  const wrong = persistent([1, 3, 20, 24])
  assert.throws(() => model.attend(wrong), /images must be \[N,3,24,20\], found \[1,3,20,24\]/)
  release(wrong)
})

t.run()
