/** The comparisons with TASN: plain classifiers, TASN without part-net, and attention without the trilinear product. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { resizeArea } from '../../src/ops/resize.ts'
import { TASN_DEFAULTS, type TasnConfig } from '../../src/tasn/config.ts'
import { HEADS } from '../../src/tasn/heads.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { Plain } from '../../src/tasn/plain.ts'
import { makeRecogniser } from '../../src/tasn/recogniser.ts'
import { trilinearAttention } from '../../src/tasn/trilinear.ts'
import { ARMS, type ArmName } from '../../src/train/arms.ts'
import { PRESETS } from '../../src/train/presets.ts'

const N = 2
const CONFIG: TasnConfig = {
  ...TASN_DEFAULTS,
  classes: 5,
  imageSize: [24, 24],
  attentionSize: [16, 16],
  classifierSize: [12, 12],
  maps: { ...TASN_DEFAULTS.maps, gamma: 1 },
  attention: {
    backbone: { block: 'basic', layers: [1], widths: [8], strides: [2], stem: 3, pool: false },
    dilations: [
      [1, 2],
      [1, 2, 3],
    ],
  },
  classifier: { block: 'basic', layers: [1, 1], widths: [4, 8], strides: [1, 2], stem: 3, pool: false },
}
const random = new Random(1)
const noise = (shape: number[]) =>
  persistent(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-1, 1)),
  )
let x: Tensor
let labels: Tensor
let u: Tensor

const t = suite('tasn/plain')

t.before(() => {
  x = noise([N, 3, 24, 24])
  labels = persistent([N], Uint32Array.of(1, 4))
  u = persistent([N], Float32Array.of(0.3, 0.8))
})

t('a configuration says which recogniser it describes', () => {
  assert.ok(makeRecogniser(new Random(2), CONFIG) instanceof Tasn)
  for (const look of ['shrunk', 'box'] as const)
    assert.ok(makeRecogniser(new Random(2), { ...CONFIG, look }) instanceof Plain)
})

t('shrunk: the mean of what each pixel covers; at full size the image itself', async () => {
  const small = new Plain(new Random(2), { ...CONFIG, look: 'shrunk' })
  const [got, want] = scope(() => [small.input(x), resizeArea(x, [12, 12])])
  assert.equal([...(await read(got))], [...(await read(want))])
  assert.is(new Plain(new Random(2), { ...CONFIG, look: 'shrunk', classifierSize: [24, 24] }).input(x), x)
})

t('box: a map that is high on one side magnifies that side; an even one is a resize', async () => {
  const net = new Plain(new Random(2), { ...CONFIG, look: 'box' })
  const ramp = persistent(
    [1, 3, 24, 24],
    Float32Array.from({ length: 3 * 24 * 24 }, (_, i) => i % 24),
  )
  const map = (f: (row: number, column: number) => number) =>
    persistent(
      [1, 8, 8],
      Float32Array.from({ length: 64 }, (_, i) => f(i >> 3, i % 8)),
    )
  const [even, left] = scope(() => [
    net.input(
      ramp,
      map(() => 1),
    ),
    net.input(
      ramp,
      map((r, c) => (r < 4 && c < 4 ? 1 : 0.1)),
    ),
  ])
  const first = (await read(even)).slice(0, 12)
  const second = (await read(left)).slice(0, 12)
  for (const [i, v] of first.entries()) assert.ok(Math.abs(v - (2 * i + 0.5)) < 1e-4, `${v}`)
  assert.ok(second.filter(v => v < 12).length > 6, `${second}: most columns come from the left half`)
  assert.throws(() => net.input(x), /has to be given their maps/)
})

t("a plain result has one head: its loss is that head's, and every parameter learns", async () => {
  const net = new Plain(new Random(2), { ...CONFIG, look: 'shrunk' })
  const params = net.parameters()
  let result!: ReturnType<Plain['forward']>
  const { value, grads } = valueAndGrad(() => {
    result = net.forward(x, labels)
    return result.loss
  }, [...params.values()])
  assert.is(grads.size, params.size)
  assert.ok(
    Math.abs((await read(value))[0]! - CONFIG.weights.sharedMaster * (await read(result.terms.sharedMaster))[0]!) <
      1e-6,
  )
  assert.equal([...(await read(result.terms.part))], [0])
  assert.equal([...(await read(result.correct.attention))], [0, 0])
  assert.equal(net.heads, ['sharedMaster'])
})

t('without part-net: the same structure sample and heads, nothing of the rest', async () => {
  const whole = new Tasn(new Random(2), CONFIG).train(false)
  const alone = new Tasn(new Random(2), { ...CONFIG, partNet: false }).train(false)
  const [a, b] = [whole, alone].map(m =>
    scope(() => {
      const { terms } = m.forward(x, labels, u)
      return HEADS.map(h => terms[h])
    }),
  )
  for (const [i, head] of HEADS.entries()) {
    const [va, vb] = [(await read(a![i]!))[0]!, (await read(b![i]!))[0]!]
    if (alone.heads.includes(head)) assert.ok(Math.abs(va - vb) < 1e-5, `${head}: ${va} and ${vb}`)
    else assert.is(vb, 0)
  }
  const params = alone.parameters()
  const { grads } = valueAndGrad(() => alone.forward(x, labels, u).loss, [...params.values()])
  assert.equal(
    [...params].filter(([, p]) => !grads.has(p)).map(([name]) => name),
    ['part.weight', 'part.bias'],
  )
})

t('without the trilinear product every channel is its own map', async () => {
  const f = noise([2, 3, 4, 5])
  const [maps] = scope(() => [trilinearAttention(f, { ...CONFIG.trilinear, product: false })])
  assert.equal(maps.shape, [2, 3, 20])
  assert.equal([...(await read(maps))], [...(await read(f))])
  release(f)
})

t("each arm of the ablation differs from the others, and TASN's is the preset", () => {
  const arms = (Object.keys(ARMS) as ArmName[]).map(name => JSON.stringify(ARMS[name].change(PRESETS.tiny)))
  assert.is(new Set(arms).size, arms.length)
  assert.is(JSON.stringify(ARMS.tasn.change(PRESETS.tiny)), JSON.stringify(PRESETS.tiny))
})

t.run()
