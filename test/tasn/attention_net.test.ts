/** The attention net: its multi-dilation layers. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { channelsOf } from '../../src/nn/backbone.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { add, relu } from '../../src/ops/elementwise.ts'
import { AttentionNet, MultiDilation } from '../../src/tasn/attention_net.ts'
import { draw } from '../support/toy_tasn.ts'

const t = suite('tasn/attention_net')

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

t('without dilated layers the features are those of the last block, whatever the backbone', async () => {
  const x = persistent([2, 3, 32, 32], draw(5, 2 * 3 * 32 * 32))
  for (const [backbone, channels, side] of [
    [{ block: 'separable', width: 0.25, outputStride: 16 }, 256, 2],
    [{ block: 'inverted', width: 0.25, outputStride: 8 }, 1280, 4],
    [{ block: 'basic', layers: [1], widths: [8], strides: [2], stem: 3, pool: false }, 8, 8],
  ] as const) {
    const net = new AttentionNet(new Random(1), { backbone, dilations: [] }, 5).train(false)
    const [own, below, logits] = scope(() => [net.features(x), net.backbone.features(x), net.forward(x).logits])
    assert.equal(own.shape, [2, channels, side, side])
    assert.equal(await read(own), await read(below))
    assert.equal(logits.shape, [2, 5])
    assert.is(channelsOf(backbone), channels)
    assert.ok((await read(own)).every(v => v >= 0))
  }
})

t.run()
