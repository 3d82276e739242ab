/** MobileNets: counts of parameters, widths, output strides, input normalisation, inference in fewer launches. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { watchLaunches } from '../../src/engine/launch.ts'
import { Random, Zeros } from '../../src/engine/random.ts'
import { taped } from '../../src/engine/tape.ts'
import { persistent, read, release, write } from '../../src/engine/transfer.ts'
import { type Backbone, type BackboneConfig, makeBackbone } from '../../src/nn/backbone.ts'
import { Conv2d } from '../../src/nn/layers.ts'
import { MobileNetV1, MobileNetV2 } from '../../src/nn/mobilenet.ts'
import { channelsAt, inputOf } from '../../src/nn/mobilenet_parts.ts'
import type { Module } from '../../src/nn/module.ts'
import { IMAGENET_MEAN, IMAGENET_STD } from '../../src/ops/image.ts'
import { relative } from '../support/check.ts'

const V1: BackboneConfig = { block: 'separable', width: 0.25 }
const V2: BackboneConfig = { block: 'inverted', width: 0.25 }

const free = (net: Module): void => {
  for (const w of net.state().values()) release(w)
}
const image = (shape: [number, number, number, number]) => {
  const random = new Random(7)
  const size = shape.reduce((a, b) => a * b)
  return persistent(
    shape,
    Float32Array.from({ length: size }, () => random.uniform(-2, 2)),
  )
}

/** The depthwise convolutions in order. */
function filters(net: Backbone): Conv2d[] {
  const found: Conv2d[] = []
  const walk = (value: unknown): void => {
    if (value instanceof Conv2d) found.push(...((value.options.groups ?? 1) > 1 ? [value] : []))
    else if (value && typeof value === 'object' && !ArrayBuffer.isView(value)) Object.values(value).forEach(walk)
  }
  walk(net)
  return found
}

const t = suite('nn/mobilenet')

for (const [config, count] of [
  [{ block: 'separable', width: 1 }, 4_231_976],
  [{ block: 'separable', width: 0.25 }, 470_072],
  [{ block: 'inverted', width: 1 }, 3_504_872],
  [{ block: 'inverted', width: 0.5 }, 1_968_680],
] as const) {
  t(`${config.block} blocks at width ${config.width} have ${count} parameters`, () => {
    const net = makeBackbone(new Zeros(), config, 1000)
    assert.is(
      [...net.parameters().values()].reduce((n, p) => n + p.size, 0),
      count,
    )
    free(net)
  })
}

t('channels at a width are multiples of 8, and never a tenth too few', () => {
  assert.equal(
    [
      [32, 0.25],
      [24, 0.25],
      [24, 0.75],
      [16, 0.35],
      [320, 0.35],
      [96, 0.1],
    ].map(([full, width]) => channelsAt(full!, width!)),
    [8, 8, 24, 8, 112, 16],
  )
})

t('makeBackbone() tells the networks apart by their blocks', () => {
  const nets = [V1, V2].map(config => makeBackbone(new Zeros(), config))
  assert.ok(nets[0] instanceof MobileNetV1 && nets[1] instanceof MobileNetV2)
  assert.equal(
    nets.map(net => net.channels),
    [256, 1280],
  )
  assert.not([...nets[0]!.state().keys(), ...nets[1]!.state().keys()].some(name => name.startsWith('classifier')))
  for (const net of nets) {
    assert.throws(() => net.forward(persistent([1, 3, 32, 32])), /without classes/)
    free(net)
  }
  const wrong = (config: object, message: RegExp) =>
    assert.throws(() => makeBackbone(new Zeros(), config as BackboneConfig), message)
  wrong({ block: 'dense', width: 1 }, /block must be basic, bottleneck, separable or inverted; found dense/)
  wrong({ ...V1, width: 0 }, /width must be above 0/)
  wrong({ ...V1, outputStride: 4 }, /output stride must be 8, 16 or 32; found 4/)
})

t('an output stride replaces the strides behind it by dilations', () => {
  const strides = (config: BackboneConfig) => {
    const net = makeBackbone(new Zeros(), config)
    const found = filters(net).map(
      ({ options: { stride, dilation } }) => `${stride}${dilation === 1 ? '' : `d${dilation}`}`,
    )
    free(net)
    return found.join(' ')
  }
  assert.is(strides(V1), '1 2 1 2 1 2 1 1 1 1 1 2 1')
  assert.is(strides({ ...V1, outputStride: 16 } as BackboneConfig), '1 2 1 2 1 2 1 1 1 1 1 1 1d2')
  assert.is(strides({ ...V1, outputStride: 8 } as BackboneConfig), '1 2 1 2 1 1 1d2 1d2 1d2 1d2 1d2 1d2 1d4')
  assert.is(strides(V2), '1 2 1 2 1 1 2 1 1 1 1 1 1 2 1 1 1')
  assert.is(strides({ ...V2, outputStride: 16 } as BackboneConfig), '1 2 1 2 1 1 2 1 1 1 1 1 1 1 1d2 1d2 1d2')
})

t('normalise half turns what augment() makes into RGB / 127.5 - 1', async () => {
  const bytes = Array.from({ length: 2 * 3 * 20 }, (_, i) => (i * 37) % 256)
  const channel = (i: number) => Math.floor(i / 20) % 3
  const x = persistent(
    [2, 3, 4, 5],
    Float32Array.from(bytes, (v, i) => (v / 255 - IMAGENET_MEAN[channel(i)]!) / IMAGENET_STD[channel(i)]!),
  )
  const [y] = scope(() => [inputOf(x, 'half')])
  const found = await read(y)
  for (const [i, v] of bytes.entries()) assert.ok(Math.abs(found[i]! - (v / 127.5 - 1)) < 2e-6, `${found[i]} for ${v}`)
  assert.is(inputOf(x, 'imagenet'), x)
  release(x)
})

for (const [config, convs, norms] of [
  [V1, 27, 2], // its input is normalised by batch norm's kernels
  [V2, 52, 0],
] as const) {
  const name = config.block
  t(`${name}: inference in one launch for each convolution, and with dilations the same features`, async () => {
    const random = new Random(5)
    const x = image([2, 3, 32, 32])
    // One eps: it is compiled in.
    const padded = { ...config, padding: 'symmetric', eps: 1e-5 } as BackboneConfig
    const net = makeBackbone(random, padded, 7).train(false)
    const fine = makeBackbone(random, { ...padded, outputStride: 16 } as BackboneConfig).train(false)
    const copies = fine.state()
    for (const [name, s] of net.state()) {
      if (s.shape.length === 1)
        write(
          s,
          Float32Array.from({ length: s.size }, () =>
            name.includes('var') ? random.uniform(0.5, 2) : random.uniform(-0.3, 3),
          ),
        )
      const copy = copies.get(name)
      if (copy) write(copy, await read(s))
    }
    const count = { convs: 0, norms: 0 }
    const stop = watchLaunches(({ rung: { file } }) => {
      count.convs += Number(/^(conv2d|depthwise|winograd\/output)/.test(file))
      count.norms += Number(file.startsWith('batch_norm'))
    })
    const [fused, features] = scope(() => [net.forward(x), net.features(x)])
    stop()
    assert.equal([count.convs, count.norms], [2 * convs, 2 * norms])
    const [apart, large] = scope(() => [taped(() => net.forward(x)).result, fine.features(x)])
    const [a, b, small, l] = await Promise.all([fused!, apart!, features!, large!].map(read))
    assert.ok(relative(a!, b!) < 1e-5, `${relative(a!, b!)}`)
    assert.ok(small!.some(v => v === 6) && small!.every(v => v >= 0 && v <= 6))

    // A filter that is dilated reads every second pixel of twice as large a map: those are the pixels of the small one.
    assert.equal(
      [features!.shape, large!.shape].flatMap(shape => shape.slice(2)),
      [1, 1, 2, 2],
    )
    const picked = l!.filter((_, i) => i % 4 === 0)
    assert.ok(relative(picked, small!) < 1e-5, `${relative(picked, small!)}`)
    for (const made of [net, fine]) free(made)
    release(x)
  })
}

t.run()
