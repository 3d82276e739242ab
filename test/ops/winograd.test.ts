/** Winograd's convolution against the definition and against the direct one. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { empty, watchLaunches } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { machine } from '../../src/gpu/device.ts'
import { switches } from '../../src/gpu/switches.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { type ConvOptions, conv2d } from '../../src/ops/conv2d.ts'
import { type Case, check, checkRungs, relative } from '../support/check.ts'
import { convolve } from '../support/convolve.ts'

const t = suite('ops/winograd')

t('Winograd agrees with the definition: every padding, odd sizes, and what is fused', async () => {
  const winograd = (x: number[], w: number[], padding: number): Case => [
    [x, w],
    (x, w) => conv2d(x!, w!, undefined, { padding, algorithm: 'winograd' }),
    refs => convolve(refs, { padding }),
  ]
  const cases = [
    winograd([2, 5, 7, 9], [3, 5, 3, 3], 1),
    winograd([1, 2, 6, 6], [3, 2, 3, 3], 0),
    winograd([3, 2, 5, 4], [2, 2, 3, 3], 2),
    winograd([1, 1, 3, 3], [1, 1, 3, 3], 0),
    winograd([1, 1, 1, 1], [2, 1, 3, 3], 1),
    winograd([2, 9, 8, 8], [17, 9, 3, 3], 1),
    winograd([3, 2, 5, 16], [3, 2, 3, 3], 1),
    winograd([1, 3, 1, 24], [2, 3, 3, 3], 1),
    winograd([2, 2, 4, 8], [3, 2, 3, 3], 0),
    winograd([2, 2, 4, 10], [3, 2, 3, 3], 0),
  ]
  await checkRungs(['winograd input', 'winograd input backward', 'winograd output backward'], cases)
  await check(
    [[2, 3, 6, 5], [4, 3, 3, 3], [4]],
    (x, w, b) => conv2d(x!, w!, b, { padding: 1, relu: true, algorithm: 'winograd' }),
    refs => convolve(refs, { padding: 1 }).map(v => Math.max(v, 0)),
  )
  scope(() => {
    assert.throws(
      () => conv2d(empty([1, 2, 8, 8]), empty([3, 2, 3, 3]), undefined, { stride: 2, algorithm: 'winograd' }),
      /winograd needs a 3x3 filter, stride 1.*found 3x3, 2/,
    )
    return []
  })
})

t('large convolutions give the same by both algorithms, and take Winograd by themselves only on a CPU', async () => {
  const random = new Random(4)
  const draw = (shape: number[]) =>
    persistent(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-1, 1)),
    )
  const x = draw([4, 64, 16, 18]) // rows of 18: those of 16 with 64 channels are quicker directly
  const w = draw([64, 64, 3, 3])
  const dy = draw([4, 64, 16, 18])
  x.requiresGrad = w.requiresGrad = true
  let files = new Set<string>()
  const stop = watchLaunches(l => {
    files.add(l.rung.file)
  })
  const results = async (options: ConvOptions) => {
    files = new Set()
    const found = scope(() => {
      const { value, grads } = valueAndGrad(() => conv2d(x, w, undefined, { padding: 1, ...options }), [x, w], dy)
      return [value, grads.get(x)!, grads.get(w)!]
    })
    return { found: await Promise.all(found.map(read)), winograd: [...files].some(f => f.startsWith('winograd')) }
  }
  const direct = await results({ algorithm: 'direct' })
  const winograd = await results({ algorithm: 'winograd' })
  const unless = await results({})
  stop()
  assert.equal(
    [direct.winograd, winograd.winograd, unless.winograd],
    [false, true, !switches.naive && (switches.winograd ?? machine() === 'cpu')],
  )
  for (const [i, d] of direct.found.entries())
    assert.ok(relative(winograd.found[i]!, d) < 1e-5, `${relative(winograd.found[i]!, d)}`)
  for (const t of [x, w, dy]) release(t)
})

t.run()
