/** ResNets: torchvision's names and counts, shapes, statistics, and inference in fewer launches. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { watchLaunches } from '../../src/engine/launch.ts'
import { Random, Zeros } from '../../src/engine/random.ts'
import { taped } from '../../src/engine/tape.ts'
import { persistent, read, release, write } from '../../src/engine/transfer.ts'
import { RESNET18, RESNET34, RESNET50, ResNet, type ResNetConfig } from '../../src/nn/resnet.ts'
import { relative } from '../support/check.ts'

/** The names of torchvision's state_dict, without num_batches_tracked. */
function torchvision({ block, layers, widths, strides }: ResNetConfig): string[] {
  const bn = (name: string) => ['weight', 'bias', 'running_mean', 'running_var'].map(n => `${name}.${n}`)
  const convs = block === 'basic' ? 2 : 3
  const expansion = block === 'basic' ? 1 : 4
  const names = ['conv1.weight', ...bn('bn1')]
  let C = widths[0]!
  layers.forEach((count, s) => {
    for (let b = 0; b < count; b++) {
      const at = `layer${s + 1}.${b}`
      for (let c = 1; c <= convs; c++) names.push(`${at}.conv${c}.weight`, ...bn(`${at}.bn${c}`))
      if ((b === 0 && strides[s] !== 1) || C !== widths[s]! * expansion)
        names.push(`${at}.downsample.0.weight`, ...bn(`${at}.downsample.1`))
      C = widths[s]! * expansion
    }
  })
  return [...names, 'fc.weight', 'fc.bias']
}

const t = suite('nn/resnet')

for (const [name, config, count] of [
  ['18', RESNET18, 11_689_512],
  ['34', RESNET34, 21_797_672],
  ['50', RESNET50, 25_557_032],
] as const) {
  t(`ResNet-${name} has torchvision's names and ${count} parameters`, () => {
    const model = new ResNet(new Zeros(), config, 1000)
    const state = model.state()
    assert.is(
      [...model.parameters().values()].reduce((n, p) => n + p.size, 0),
      count,
    )
    assert.equal([...state.keys()], torchvision(config))
    for (const p of ['layer1.0.conv1.weight', 'layer2.0.downsample.0.weight', 'layer1.0.bn1.running_mean'])
      assert.ok(state.has(p), p)
    assert.not(model.parameters().has('layer1.0.bn1.running_mean'))
    for (const w of state.values()) release(w)
  })
}

const small: ResNetConfig = {
  block: 'bottleneck',
  layers: [1, 2, 1],
  widths: [4, 4, 8],
  strides: [1, 2, 1],
  stem: 7,
  pool: true,
}

t('shapes follow strides; a ResNet-50 strides in the 3x3', async () => {
  const model = new ResNet(new Random(1), small, 10)
  const x = persistent([2, 3, 33, 26])
  scope(() => {
    assert.equal(model.features(x).shape, [2, 32, 5, 4])
    assert.equal(model.pooled(x).shape, [2, 32])
    assert.equal(model.forward(x).shape, [2, 10])
    return []
  })
  assert.is(model.channels, 32)
  const { conv1, conv2 } = model.layer2[0]!
  assert.equal([conv1.options.stride ?? 1, conv2.options.stride ?? 1], [1, 2])
  const headless = new ResNet(new Random(1), small)
  assert.not([...headless.state().keys()].some(n => n.startsWith('fc')))
  assert.throws(() => headless.forward(x), /without classes/)
  assert.throws(() => new ResNet(new Zeros(), { ...small, widths: [4, 4] }), /the same 1 to 4 stages/)
})

t('a seed fixes the weights, another changes them', async () => {
  const weights = async (seed: number) => read(new ResNet(new Random(seed), small, 3).conv1.weight)
  const a = await weights(1)
  assert.equal(await weights(1), a)
  assert.not.equal(await weights(2), a)
  // Kaiming over fan-out: variance 2 / (K R S).
  const variance = a.reduce((s, v) => s + v * v, 0) / a.length
  assert.ok(Math.abs(variance / (2 / (4 * 49)) - 1) < 0.15)
})

t('evaluation uses and keeps the running statistics, training moves them', async () => {
  const model = new ResNet(new Random(1), small, 3)
  const x = persistent(
    [4, 3, 20, 20],
    Float32Array.from({ length: 4800 }, (_, i) => Math.sin(i * i)),
  )
  const mean = model.layer3[0]!.bn2.running_mean
  const start = await read(mean)
  model.train(false)
  scope(() => [model.forward(x)])
  assert.equal(await read(mean), start)
  model.train()
  scope(() => [model.forward(x)])
  assert.not.equal(await read(mean), start)
})

t('inference runs a convolution, its batch norm, shortcut and ReLU in one launch, with the same result', async () => {
  const random = new Random(5)
  const x = persistent(
    [2, 3, 40, 36],
    Float32Array.from({ length: 2 * 3 * 40 * 36 }, () => random.uniform(-1, 1)),
  )
  for (const [config, convs] of [
    [RESNET18, 20],
    [RESNET50, 53],
  ] as const) {
    const net = new ResNet(random, config, 7).train(false)
    for (const [name, s] of net.state())
      if (/running|bn\d\.|downsample\.1/.test(name)) {
        write(
          s,
          Float32Array.from({ length: s.size }, () =>
            name.includes('var') ? random.uniform(0.5, 2) : random.uniform(-0.3, 0.3),
          ),
        )
      }
    let launches = 0
    let norms = 0
    const stop = watchLaunches(({ rung: { file } }) => {
      launches += Number(file.startsWith('conv2d'))
      norms += Number(file.startsWith('batch_norm'))
    })
    const [fused] = scope(() => [net.forward(x)])
    assert.equal([launches, norms], [convs, 0])
    stop()
    const [apart] = scope(() => [taped(() => net.forward(x)).result])
    const a = await read(fused)
    const b = await read(apart)
    assert.ok(relative(a, b) < 1e-5, `${relative(a, b)}`)
    for (const s of net.state().values()) release(s)
  }
  release(x)
})

t.run()
