/** The tiles of conv2d's rungs for GPUs, at sizes that take several of each: whole ones, and ones that stick out. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mostBytes } from '../../src/engine/buffers.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { adapterInfo } from '../../src/gpu/device.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import { choose, lacking, withRung } from '../../src/gpu/ladder.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { type ConvOptions, conv2d, groupsOf } from '../../src/ops/conv2d.ts'
import { check } from '../support/check.ts'
import { convolve } from '../support/convolve.ts'
import { setVariable } from '../support/variable.ts'

const CASES: [x: number[], w: number[], options: ConvOptions][] = [
  [[2, 33, 9, 17], [131, 33, 1, 1], {}],
  [[1, 36, 12, 22], [132, 36, 1, 1], {}], // in fours
  [[2, 19, 13, 11], [66, 19, 3, 3], { padding: 1 }],
  [[3, 18, 11, 15], [65, 18, 3, 3], { padding: 1, stride: 2 }],
  [[1, 17, 15, 18], [21, 17, 3, 3], { padding: 4, stride: 3, dilation: 2 }],
  [[2, 130, 5, 7], [3, 130, 3, 2], { padding: 1 }],
]
const PASSES = ['conv2d forward', 'conv2d backward input', 'conv2d backward weight']

const t = suite('ops/conv2d_tiles')

t("the groups of a weight's gradient fit one binding", () => {
  const p = { N: 64, C: 1024, H: 14, W: 14, K: 1024, R: 3, S: 3, OH: 14, OW: 14, stride: 1, pad: 1, dilation: 1 }
  assert.ok(groupsOf(p) >= 1 && groupsOf(p) * 4 * 1024 * 1024 * 9 <= mostBytes())
  assert.is(groupsOf({ ...p, C: 65536, K: 65536 }), 1)
})

for (const name of PASSES) {
  t(`${name}: every tile agrees with the definition`, async () => {
    const ladder = ladderNamed(name)
    const tiles = ladder.rungs.filter(r => r.consts?.LANE_ROWS)
    assert.ok(tiles.length >= 3)
    for (const { name: rung } of tiles)
      for (const [x, w, options] of CASES) {
        await check(
          [x, w],
          (x, w) => conv2d(x!, w!, undefined, options),
          refs => convolve(refs, options),
          { force: { ladder, rung } },
        ).catch((error: unknown) => {
          throw new Error(`${rung} at [${x}] [${w}] ${JSON.stringify(options)}: ${(error as Error).message}`)
        })
      }
  })
}

t('the weight: a pixel past the end of a row of dy counts nowhere, not even as 0 times NaN', async () => {
  // Nine outputs a row: the second run of eight has one, and the next tap of it would be x's last column.
  const x = persistent(
    [1, 1, 3, 11],
    Float32Array.from({ length: 33 }, (_, i) => (i % 11 === 10 ? NaN : 1)),
  )
  const w = persistent([1, 1, 3, 3], new Float32Array(9))
  const dy = persistent([1, 1, 1, 9], new Float32Array(9).fill(1))
  w.requiresGrad = true
  const ladder = ladderNamed('conv2d backward weight')
  for (const { name } of ladder.rungs.filter(r => !lacking(r))) {
    const { grads } = withRung(ladder, name, () => valueAndGrad(() => conv2d(x, w), [w], dy))
    assert.equal([...(await read(grads.get(w)!))], [9, 9, NaN, 9, 9, NaN, 9, 9, NaN], name)
  }
})

t('a GPU gets large tiles where there are many results, small ones where there are few', () => {
  const shape = { R: 3, S: 3, stride: 1, pad: 1, dilation: 1 }
  const small = adapterInfo.subgroup >= 8 ? 'subgroup' : 'register'
  const taken = (pass: string, more: Record<string, number>): string =>
    choose(ladderNamed(pass), { ...shape, ...more }).name
  const putBack = setVariable('MACHINE', 'gpu')
  try {
    for (const [N, C, K, side, forward, weight] of [
      [8, 64, 64, 56, '64x128', '64x64'],
      [8, 128, 128, 56, '128x128', '128x64'],
      [8, 512, 512, 7, '32x32', '128x64'],
      [8, 3, 64, 56, 'workgroup', '32x32'],
      [1, 16, 8, 4, small, small],
    ] as const) {
      const p = { N, C, K, H: side, W: side, OH: side, OW: side }
      assert.is(taken('conv2d forward', p), forward, `${Object.values(p)}`)
      assert.is(taken('conv2d backward input', { ...p, C: K, K: C }), forward, `${Object.values(p)}, input`)
      const all = { ...shape, ...p }
      const wanted = weight === small ? `${small} by four` : weight
      assert.is(taken('conv2d backward weight', { ...p, G: groupsOf(all) }), wanted, `${Object.values(p)}, weight`)
    }
  } finally {
    putBack()
  }
})

t('a CPU gets tiles of 24 and of 8 channels where they fit better and pay for being compiled', () => {
  const putBack = setVariable('MACHINE', 'cpu')
  try {
    for (const [N, C, K, side, expected] of [
      [24, 24, 24, 8, 'rows 24'],
      [1, 24, 24, 8, 'one photo'],
      [1, 24, 24, 31, 'octet 24'],
      [32, 3, 8, 31, 'octet 8'],
      [1, 3, 8, 31, 'one photo'],
      [4, 3, 8, 31, 'octet 16'],
      [32, 3, 24, 31, 'octet 24'],
      [32, 3, 40, 31, 'octet 16'],
    ] as const) {
      const p = { N, C, K, H: side, W: side, OH: side, OW: side, R: 3, S: 3, stride: 1, pad: 1, dilation: 1 }
      const { name } = choose(ladderNamed('conv2d forward'), p)
      if (adapterInfo.subgroup >= 8) assert.is(name, expected, `${Object.values(p)}`)
      else assert.is(expected === 'one photo', name === 'one photo', name)
    }
  } finally {
    putBack()
  }
})

t.run()
