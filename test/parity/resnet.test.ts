/** Whole ResNets against torchvision's: logits, loss, the gradient of every parameter, running statistics. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Zeros } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { release } from '../../src/engine/transfer.ts'
import { RESNET18, RESNET34, RESNET50, ResNet, type ResNetConfig } from '../../src/nn/resnet.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { mul } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'
import { Fixture, fill, formulaLabels, formulaTensor } from '../support/fixture.ts'
import { fixtureJson } from '../support/fixture_file.ts'
import { trainingStep } from '../support/training_step.ts'

const NETS = { resnet18: RESNET18, resnet34: RESNET34, resnet50: RESNET50 }
const LARGE = { square: [4, 3, 64, 64], oblong: [3, 3, 61, 83] } as const
const SHAPES = {
  resnet18: LARGE,
  resnet34: LARGE,
  resnet50: { square: [2, 3, 64, 64], oblong: [2, 3, 45, 67] },
} as const
const CLASSES = 10

/**
 * Through tens of layers an error of one rounding grows by the layers' own conditioning: PyTorch's float32 differs from
 * its float64 by that as well (up to 1.6e-5), how far is in the fixture, and 6 times that is allowed: of the hundred
 * gradients of a net, one is 4.2 times as far off where sums run in the order of a GPU's rungs. Of results that it
 * gets right to the last bits, 2e-6.
 */
const DEEP = { floor: 2e-6, times: 6 }

const t = suite('parity/resnet')

for (const [name, config] of Object.entries(NETS) as [keyof typeof NETS, ResNetConfig][]) {
  t(`${name}: a training step and an evaluation`, async () => {
    const fixture = await Fixture.open(name)
    const net = new ResNet(new Zeros(), config, CLASSES)
    const params = net.parameters()
    for (const [size, shape] of Object.entries(SHAPES[name])) {
      fill(net)
      // Of many inputs, the one whose ReLUs and max-pools decide most clearly: resnet.py says why.
      const k = fixture.valueOf(`${size} input`)[0]!
      const x = formulaTensor(`${name} ${size} ${k}`, shape, 1.7)
      const labels = formulaLabels(`${name} ${size} labels`, shape[0], CLASSES)
      net.train(false)
      const [evaluation] = scope(() => [net.forward(x)])
      await fixture.same(`${size} evaluation`, evaluation, DEEP)
      const { logits, loss, grads } = trainingStep(net, x, labels)
      await fixture.same(`${size} logits`, logits, DEEP)
      await fixture.same(`${size} loss`, loss, DEEP)
      let worst = { error: -1, path: '' }
      for (const [path, p] of params) {
        const error = await fixture.same(`${size} d ${path}`, grads.get(p)!, DEEP)
        if (error > worst.error) worst = { error, path }
      }
      for (const [path, s] of net.state()) if (path.includes('running')) await fixture.same(`${size} ${path}`, s, DEEP)
      console.log(
        `  ${name}, ${size}: of ${params.size} gradients the least exact is ${worst.path}, ` +
          `${worst.error.toExponential(1)}`,
      )
      for (const w of [x, labels]) release(w)
    }
    fixture.done()
    for (const w of net.state().values()) release(w)
  })
}

t('the 7x7 stem alone at 4x3x224x224', async () => {
  const fixture = await Fixture.open('stem')
  const x = formulaTensor('stem x', [4, 3, 224, 224])
  const w = formulaTensor('stem w', [64, 3, 7, 7])
  x.requiresGrad = w.requiresGrad = true
  const dy = formulaTensor('stem dy', fixture.shapeOf('y'))
  let y!: Tensor
  const [dx, dw] = scope(() => {
    const { grads } = valueAndGrad(() => {
      y = conv2d(x, w, undefined, { stride: 2, padding: 3 })
      return sum(mul(y, dy))
    }, [x, w])
    return [grads.get(x)!, grads.get(w)!, y]
  })
  await fixture.same('y', y, { floor: 1e-6 })
  await fixture.same('dx', dx!, { floor: 1e-6 })
  await fixture.same('dw', dw!, { floor: 5e-6 }) // each a sum of 50,176 products
  fixture.done()
  for (const v of [x, w, dy]) release(v)
})

t("state dicts have torchvision's names, shapes and order", async () => {
  const lists = (await fixtureJson('state_dicts.json')) as Record<string, Record<string, number[]>>
  for (const [name, config] of Object.entries(NETS)) {
    const net = new ResNet(new Zeros(), config, 1000)
    const state = net.state()
    assert.equal(
      [...state].map(([path, p]) => [path, [...p.shape]]),
      Object.entries(lists[name]!),
    )
    for (const w of state.values()) release(w)
  }
})

t.run()
