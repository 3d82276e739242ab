/**
 * Launches of more than 65,535 workgroups go on in the second axis of the grid: each kernel gives the same bits there.
 * checkRungs() compares them for an op's own ladders, and a run of all tests fails for a ladder that neither has seen.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { type Launch, watchLaunches } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { detached, InGroups } from '../../src/engine/tape.ts'
import { sizeOf, type Tensor } from '../../src/engine/tensor.ts'
import { persistent } from '../../src/engine/transfer.ts'
import { declaredLadders } from '../../src/gpu/kernel.ts'
import { rungsThatFit } from '../../src/gpu/ladder.ts'
import { gridOf, withMaxGroups } from '../../src/gpu/params.ts'
import { variant } from '../../src/gpu/variant.ts'
import { AdamW, accumulate, fill, SGD } from '../../src/nn/optim.ts'
import { liveMean, pickLive } from '../../src/ops/attention.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { concat, gather, slice } from '../../src/ops/batch.ts'
import { batchNorm } from '../../src/ops/batch_norm.ts'
import { conv2d } from '../../src/ops/conv2d.ts'
import { add, bias, mul, relu, relu6, reshape, scale, square } from '../../src/ops/elementwise.ts'
import { sumsOfGroups } from '../../src/ops/groups.ts'
import { augment, CHANGE_SIZE, mirror } from '../../src/ops/image.ts'
import { correct, crossEntropy, softCrossEntropy } from '../../src/ops/loss.ts'
import { matmul } from '../../src/ops/matmul.ts'
import { globalAveragePool, maxPool2d } from '../../src/ops/pool.ts'
import { cumsum, max, mean, sum } from '../../src/ops/reduce.ts'
import { resizeArea, resizeBilinear } from '../../src/ops/resize.ts'
import { sampleGrid, samplingGrid } from '../../src/ops/sampler.ts'
import { softmax } from '../../src/ops/softmax.ts'
import { compareGrids, work } from '../support/grids.ts'
import { setVariable } from '../support/variable.ts'

/** Images, channels: more than a workgroup of either, for kernels with an invocation for each. */
const N = 70
const C = 70

const random = new Random(17)
const noise = (shape: readonly number[]): Tensor => {
  const t = persistent(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-1, 1)),
  )
  t.requiresGrad = true
  return t
}
const labels = (n: number, below: number): Tensor =>
  persistent(
    [n],
    Uint32Array.from({ length: n }, () => random.int(below)),
  )
const once = <T extends Tensor>(f: (...x: T[]) => Tensor, ...x: T[]): Tensor =>
  valueAndGrad(() => sum(f(...x)), x).value

/** A launch of every ladder of the engine, at shapes that take several workgroups on every rung. */
function launches(): Map<string, Launch> {
  const seen = new Map<string, Launch>()
  const stop = watchLaunches(l => {
    const before = seen.get(l.ladder.name)
    if (!before || work(l) > work(before)) seen.set(l.ladder.name, l)
  })
  const x = noise([N, C, 4, 4])
  const small = noise([N, 3, 4, 4])
  const maps = noise([N, C, 6])
  const rows = noise([N, C])
  const params = { weight: noise([C]), bias: noise([C]), running_mean: noise([C]), running_var: noise([C]) }
  const u = persistent([N], new Float32Array(N).fill(0.3))
  try {
    scope(() => {
      once(t => relu(add(t, scale(t, 2))), x)
      once((t, b) => bias(t, b), x, params.bias)
      once(t => square(mul(t, t)), x)
      once(t => slice(concat(t, t), 1, N), x)
      gather([x, x])
      for (const relu of [true, false]) once(t => batchNorm(t, params, { training: true, relu }), x)
      once((t, r) => batchNorm(t, params, { training: true, relu: true, residual: r }), x, noise([N, C, 4, 4]))
      batchNorm(x, params, { training: false })
      once((t, w, b) => conv2d(t, w, b, { padding: 1, relu: true }), x, noise([C, C, 3, 3]), noise([C]))
      once((t, w) => conv2d(t, w, undefined, { padding: 1 }), x, noise([C, C, 3, 3]))
      once((t, w) => conv2d(t, w, undefined, { padding: 1, algorithm: 'winograd' }), x, noise([C, C, 3, 3]))
      once((t, w) => conv2d(t, w, undefined, { padding: 1 }), small, noise([C, 3, 3, 3]))
      for (const stride of [1, 2])
        once((t, w) => conv2d(t, w, undefined, { padding: 1, groups: C, stride }), x, noise([C, 1, 3, 3]))
      once(t => relu6(t), x)
      sumsOfGroups([70, 200, 64, 90].map(n => new InGroups(noise([3, n]))))
      once(t => mirror(t), x)
      augment(
        persistent(
          [N, 4, 4],
          Uint32Array.from({ length: N * 16 }, () => random.int(2 ** 32)),
        ),
        persistent([N, CHANGE_SIZE], new Float32Array(N * CHANGE_SIZE).fill(0.5)),
      )
      once(t => crossEntropy(t, labels(N, C)), rows)
      once((s, t) => softCrossEntropy(s, t, 2), rows, noise([N, C]))
      correct(rows, labels(N, C))
      once((a, b) => matmul(a, b), noise([200, 200]), noise([200, 200]))
      matmul(noise([200, 200]), noise([200, 200]), { parts: 2 })
      const back = setVariable('MACHINE', 'cpu') // only a CPU turns such a side round beforehand
      matmul(noise([80, 256]), noise([300, 256]), { transposeB: true })
      back()
      once(t => maxPool2d(t, 2), x)
      once(t => globalAveragePool(t), x)
      once(t => mean(t, [0]), x)
      once(t => max(t, [1]), x)
      once(t => cumsum(t), rows)
      once(t => resizeBilinear(t, [11, 5]), x)
      resizeArea(x, [2, 2])
      once(t => softmax(t, 1), x)
      once(t => liveMean(t, rows), maps)
      pickLive(maps, rows, u)
      const A = noise([N, 8, 8])
      once((t, map) => sampleGrid(t, samplingGrid(map, [4, 4], [3, 3], { cap: 'exact' })), x, A)
      once(t => sampleGrid(t, samplingGrid(detached(A), [4, 4], [3, 3])), x)
      for (const optimiser of [SGD, AdamW])
        new optimiser(new Map([['x', x]])).step(new Map([[x, reshape(noise([N * C * 16]), x.shape)]]))
      accumulate(persistent(x.shape), x)
      fill(persistent(x.shape), 3)
      return []
    })
  } finally {
    stop()
  }
  return seen
}

const t = suite('engine/spread')

t('every kernel gives the same bits when its workgroups go on in the second axis', async () => {
  const oneGroup: string[] = []
  for (const l of launches().values()) oneGroup.push(...(await compareGrids(l)))
  assert.equal(oneGroup, [], 'these had one workgroup, which proves nothing')
})

t('a grid that is too large is refused with the numbers', () => {
  const l = declaredLadders().find(l => l.name === 'resize area')!
  const params = { N: 3, H: 4, W: 4, OH: 2, OW: 2 }
  const whole = l.rungs.find(r => r.name === 'whole')!
  assert.throws(
    () => withMaxGroups(2, () => gridOf(whole, variant(whole, params), params)),
    /grid of 2 x 3 x 1 workgroups is outside 1 to 2/,
  )
  assert.not(withMaxGroups(2, () => rungsThatFit(l, params)).includes(whole))
})

t.run()
