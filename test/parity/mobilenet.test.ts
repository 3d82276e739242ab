/**
 * Whole MobileNets against PyTorch's: features, logits, loss, the gradient of every parameter, running statistics. V2
 * is torchvision's, V1 is in test/fixtures/mobilenet.py, with TensorFlow's padding and its normalisation of images.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Zeros } from '../../src/engine/random.ts'
import type { Shape, Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { type BackboneConfig, makeBackbone } from '../../src/nn/backbone.ts'
import { MobileNetV2 } from '../../src/nn/mobilenet.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { batchNorm } from '../../src/ops/batch_norm.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { mul, relu6 } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'
import { Fixture, fill, formulaLabels, formulaTensor } from '../support/fixture.ts'
import { fixtureJson } from '../support/fixture_file.ts'
import { trainingStep } from '../support/training_step.ts'

const V1: BackboneConfig = { block: 'separable', width: 0.25 }
const V2: BackboneConfig = { block: 'inverted', width: 1 }
const CASES = {
  mobilenet_v1: [
    ['square', [4, 3, 64, 64], V1],
    ['dilated', [3, 3, 61, 93], { ...V1, outputStride: 16 }],
  ],
  mobilenet_v2: [['oblong', [3, 3, 61, 83], V2]],
} as const
const CLASSES = 10

/** As in resnet.test.ts: PyTorch's float32 is off by its own rounding, and some times that is allowed. */
const DEEP = { floor: 2e-6, times: 6 }

const largest = (v: Float32Array): number => v.reduce((m, n) => Math.max(m, Math.abs(n)), 0)

const t = suite('parity/mobilenet')

for (const [name, cases] of Object.entries(CASES)) {
  t(`${name}: an evaluation and a training step`, async () => {
    const fixture = await Fixture.open(name)
    for (const [size, shape, config] of cases) {
      const net = makeBackbone(new Zeros(), config, CLASSES)
      const params = net.parameters()
      fill(net)
      // Of many inputs, the one whose ReLU6s decide most clearly.
      const k = fixture.valueOf(`${size} input`)[0]!
      const x = formulaTensor(`${name} ${size} ${k}`, shape, 1.7)
      const labels = formulaLabels(`${name} ${size} labels`, shape[0], CLASSES)
      net.train(false)
      const [features, evaluation] = scope(() => [net.features(x), net.forward(x)])
      await fixture.same(`${size} features`, features, DEEP)
      await fixture.same(`${size} evaluation`, evaluation, DEEP)
      const { logits, loss, grads } = trainingStep(net, x, labels)
      await fixture.same(`${size} logits`, logits, DEEP)
      await fixture.same(`${size} loss`, loss, DEEP)
      let worst = { error: -1, path: '' }
      for (const [path, p] of params) {
        const grad = grads.get(p)!
        if (net instanceof MobileNetV2 && /conv\.[23]\.bias$/.test(path)) {
          // The next batch norm takes away what this bias adds: its gradient is zero but for rounding.
          const beside = grads.get(params.get(path.replace('bias', 'weight'))!)!
          const [none, some] = [largest(await read(grad)), largest(await read(beside))]
          assert.ok(none < 1e-4 * some, `${path}: ${none} beside ${some}`)
          continue
        }
        const error = await fixture.same(`${size} d ${path}`, grad, DEEP)
        if (error > worst.error) worst = { error, path }
      }
      for (const [path, s] of net.state()) if (path.includes('running')) await fixture.same(`${size} ${path}`, s, DEEP)
      console.log(
        `  ${name}, ${size}: of ${params.size} gradients the least exact is ${worst.path}, ` +
          `${worst.error.toExponential(1)}`,
      )
      for (const w of [x, labels, ...net.state().values()]) release(w)
    }
    fixture.done()
  })
}

t('ReLU6 alone, behind a batch norm, and behind a depthwise convolution with a bias', async () => {
  const fixture = await Fixture.open('relu6')
  const numbers = (name: string, shape: Shape, scale: number, shift: number) => {
    const made = formulaTensor(`relu6 ${name}`, shape, scale, shift)
    made.requiresGrad = true
    return made
  }
  const x = numbers('x', [3, 8, 12, 20], 6, 3)
  const w = numbers('w', [8], 0.5, 1.5)
  const b = numbers('b', [8], 1, 3)
  const f = numbers('f', [8, 1, 3, 3], 0.5, 0)
  const statistics = { running_mean: persistent([8]), running_var: persistent([8]) }
  const cases: [name: string, inputs: Record<string, Tensor>, op: () => Tensor][] = [
    ['alone', { x }, () => relu6(x)],
    [
      'norm',
      { x, w, b },
      () => batchNorm(x, { weight: w, bias: b, ...statistics }, { training: true, eps: 1e-3, relu: 6 }),
    ],
    ['depthwise', { x, f, b }, () => conv2d(x, f, b, { groups: 8, stride: 2, padding: 'same', relu: 6 })],
  ]
  for (const [name, inputs, op] of cases) {
    const dy = formulaTensor(`relu6 dy ${name}`, fixture.shapeOf(name))
    let y!: Tensor
    const grads = scope(() => {
      const made = valueAndGrad(() => {
        y = op()
        return sum(mul(y, dy))
      }, Object.values(inputs))
      return [...Object.values(inputs).map(input => made.grads.get(input)!), y]
    })
    await fixture.same(name, y)
    for (const [i, key] of Object.keys(inputs).entries()) await fixture.same(`${name} d${key}`, grads[i]!)
    release(dy)
  }
  fixture.done()
  for (const s of [x, w, b, f, ...Object.values(statistics)]) release(s)
})

t("state dicts of V2 have torchvision's names, shapes and order", async () => {
  const lists = (await fixtureJson('state_dicts.json')) as Record<string, Record<string, number[]>>
  for (const width of [1, 0.35]) {
    const net = new MobileNetV2(new Zeros(), { block: 'inverted', width }, 1000)
    const state = net.state()
    assert.equal(
      [...state].map(([path, p]) => [path, [...p.shape]]),
      Object.entries(lists[`mobilenet_v2 ${width}`]!),
    )
    for (const w of state.values()) release(w)
  }
})

t.run()
