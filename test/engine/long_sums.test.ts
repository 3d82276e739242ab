/**
 * Sums of a million float32 terms keep six digits, on every rung. The terms are chosen so that a running float32 sum is
 * off by up to 1 %: all are 0.1, and rounding always goes the same way.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import { type Shape, sizeOf, type Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { type Ladder, ladderNamed, type Rung, toleranceOf } from '../../src/gpu/kernel.ts'
import { lacking, withRung } from '../../src/gpu/ladder.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { batchNorm } from '../../src/ops/batch_norm.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { bias } from '../../src/ops/elementwise.ts'
import { crossEntropy } from '../../src/ops/loss.ts'
import { globalAveragePool } from '../../src/ops/pool.ts'
import { cumsum, mean, sum } from '../../src/ops/reduce.ts'
import { resizeArea } from '../../src/ops/resize.ts'
import { logSoftmax, softmax } from '../../src/ops/softmax.ts'

const TOLERANCE = 1e-6
const MILLION = 1_000_000
const tenth = Math.fround(0.1)
const tenths = (shape: Shape): Tensor => persistent(shape, new Float32Array(sizeOf(shape)).fill(tenth))
/** Numbers between 0 and 1. */
const random = new Random(7)
const noise = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.next())

function near(got: number, want: number, what: string, tolerance = TOLERANCE): void {
  const off = Math.abs(got / want - 1)
  assert.ok(off <= tolerance, `${what}: ${got} is off by ${off.toExponential(1)} from ${want}`)
}

const every = async (name: string, body: (what: string, rung: Rung) => Promise<void>): Promise<void> => {
  const l = ladderNamed(name)
  for (const rung of l.rungs.filter(r => !lacking(r))) await body(`${name}, ${rung.name}`, rung)
}
/** Runs `body` on a rung named like `ladder, rung`. */
const on = <T>(what: string, body: () => T): T => {
  const [name, rung] = what.split(', ') as [string, string]
  return withRung(ladderNamed(name) as Ladder, rung, body)
}

const t = suite('engine/long_sums')

t('sums and means over any axis, of equal and of random terms', async () => {
  const values = noise(MILLION)
  const exact = values.reduce((s, v) => s + v, 0)
  const x = persistent([MILLION], values)
  await every('reduce', async what => {
    const [a, b, c, d, e] = on(what, () =>
      scope(() => [
        mean(tenths([MILLION])),
        mean(tenths([MILLION + 3])), // a prime: it cannot be cut into parts
        mean(tenths([MILLION, 3]), [0]),
        mean(tenths([4, 2, 250_000]), [0, 2]),
        sum(x),
      ]),
    )
    for (const [k, y] of [a!, b!, c!, d!].entries())
      for (const v of await read(y)) near(v, tenth, `${what}, mean number ${k}`)
    near((await read(e!))[0]!, exact, what)
  })
})

t('a cumulative sum is right at its end and on its way, from both ends', async () => {
  const x = tenths([1, MILLION])
  x.requiresGrad = true
  const { value, grads } = valueAndGrad(() => cumsum(x), [x], tenths([1, MILLION]))
  const y = await read(value)
  const dx = await read(grads.get(x)!)
  for (const k of [0, 14, 15, 16, 17, 255, 256, 4096, 65_535, 70_000, 500_001, MILLION - 1]) {
    near(y[k]!, tenth * (k + 1), `place ${k}`)
    near(dx[k]!, tenth * (MILLION - k), `gradient ${k}`)
  }
})

t('the gradient of a bias, global average pool, the mean of a loss, and an image shrunk to a pixel', async () => {
  const x = persistent([1, 1, 1000, 1000])
  const b = persistent([1])
  b.requiresGrad = true
  const { grads } = valueAndGrad(() => bias(x, b), [b], tenths([1, 1, 1000, 1000]))
  near((await read(grads.get(b)!))[0]!, tenth * MILLION, 'bias')
  const logits = persistent([MILLION, 2])
  const [pooled, loss] = scope(() => [
    globalAveragePool(tenths([1, 1, 1024, 1021])),
    crossEntropy(logits, persistent([MILLION], undefined, 'u32')),
  ])
  near((await read(pooled))[0]!, tenth, 'average pool')
  near((await read(loss))[0]!, Math.log(2), 'loss')
  release(logits)
  const image = tenths([1, 1, 1000, 1000])
  await every('resize area', async what => {
    const [y] = on(what, () => scope(() => [resizeArea(image, [1, 1])]))
    near((await read(y))[0]!, tenth, what)
  })
})

t('softmax of a million equal numbers', async () => {
  const x = tenths([MILLION])
  await every('softmax', async what => {
    const [y, z] = on(what, () => scope(() => [softmax(x), logSoftmax(x)]))
    near((await read(y))[0]!, 1 / MILLION, what)
    near((await read(z))[0]!, -Math.log(MILLION), what)
  })
})

t('statistics of batch norm and its sums backwards, far from zero as well', async () => {
  for (const offset of [0, 3000]) {
    const values = Float32Array.from({ length: MILLION }, (_, i) => offset + Math.sin(i * 12.9898) * 1.5 + 0.1)
    const m = values.reduce((s, v) => s + v, 0) / MILLION
    const variance = values.reduce((s, v) => s + (v - m) ** 2, 0) / (MILLION - 1)
    const x = persistent([4, 1, 250_000], values)
    for (const name of ['batch_norm statistics', 'batch_norm backward sums'])
      await every(name, async what => {
        const of = (v: number) => persistent([1], Float32Array.of(v))
        const [weight, b, running_mean, running_var] = [of(1), of(0), of(0), of(1)] as const
        weight.requiresGrad = b.requiresGrad = true
        const norm = { weight, bias: b, running_mean, running_var }
        const dy = tenths([4, 1, 250_000])
        const { grads } = on(what, () =>
          valueAndGrad(() => batchNorm(x, norm, { training: true, momentum: 1 }), [weight, b], dy),
        )
        near((await read(running_mean))[0]!, m, `${what}: mean`)
        // A mean of float32 is off by up to half its last digit, here 1e-4: the variance by that, squared.
        near((await read(running_var))[0]!, variance, `${what}: variance`)
        near((await read(grads.get(b)!))[0]!, tenth * MILLION, `${what}: dbias`)
        for (const t of [dy, ...Object.values(norm), ...grads.values()]) release(t)
      })
    release(x)
  }
})

t('the gradient of a filter over a million pixels', async () => {
  const shapes: [Shape, number, number][] = [
    [[1, 1, 1000, 1000], 1, MILLION],
    [[4, 1, 500, 500], 1, MILLION],
    [[4, 8, 128, 128], 3, 65_536], // the middle tap of a filter of 3x3 meets all pixels
    [[64, 8, 2, 2], 3, 256],
  ]
  for (const [shape, size, terms] of shapes) {
    const [x, dy, w] = [tenths(shape), tenths(shape), tenths([shape[1]!, shape[1]!, size, size])]
    w.requiresGrad = true
    await every('conv2d backward weight', async (what, rung) => {
      // Large tiles compute thousands of results for this one: once is enough.
      if (rung.consts?.LANE_ROWS && shape !== shapes[0]![0]) return
      const { grads } = on(what, () => valueAndGrad(() => conv2d(x, w, undefined, { padding: size >> 1 }), [w], dy))
      const middle = (size * size) >> 1
      near((await read(grads.get(w)!))[middle]!, tenth * tenth * terms, `${what} [${shape}]`, toleranceOf(rung))
    })
  }
})

t.run()
