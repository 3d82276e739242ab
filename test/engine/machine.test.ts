/**
 * The rules of one kind of machine, run on the other: MACHINE=gpu takes the rungs that GPUs get, with the same results.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { watchLaunches } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release, write } from '../../src/engine/transfer.ts'
import { declaredLadders, ladderNamed, type Rung } from '../../src/gpu/kernel.ts'
import { explain } from '../../src/gpu/ladder.ts'
import { reflect, specialise } from '../../src/gpu/shader.ts'
import { AdamW, accumulate, fill, SGD } from '../../src/nn/optim.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { concat, gather, slice } from '../../src/ops/batch.ts'
import { addRelu, bias, exp, relu, relu6 } from '../../src/ops/elementwise.ts'
import { augment, NO_CHANGE } from '../../src/ops/image.ts'
import { sum } from '../../src/ops/reduce.ts'
import { resizeArea } from '../../src/ops/resize.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { relative } from '../support/check.ts'
import { hasTwoSizes, proved } from '../support/grids.ts'
import { setVariable } from '../support/variable.ts'

const t = suite('engine/machine')

/** `body` under the rules of a kind of machine, and the rungs that it ran. */
function under<T>(machine: 'cpu' | 'gpu', body: () => T): { result: T; rungs: Set<Rung> } {
  const rungs = new Set<Rung>()
  const putBack = setVariable('MACHINE', machine)
  const stop = watchLaunches(l => rungs.add(l.rung))
  try {
    return { result: body(), rungs }
  } finally {
    stop()
    putBack()
  }
}

t('a shader gives the same bits with the workgroups of a GPU and with those of a CPU', async () => {
  const random = new Random(5)
  const noise = (...shape: number[]): Tensor => {
    const x = persistent(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.uniform(-1, 1)),
    )
    x.requiresGrad = true
    return x
  }
  // More than a strip of 2,048 elements, and no multiple of anything.
  const [a, b, c] = [noise(3, 7, 313), noise(3, 7, 313), noise(7)]
  const pixels = persistent(
    [2, 9, 11],
    Uint32Array.from({ length: 198 }, () => random.int(2 ** 32)),
  )
  const change = persistent(
    [2, NO_CHANGE.length],
    Float32Array.from([...NO_CHANGE, ...NO_CHANGE], v => 0.9 * v + 0.01),
  )
  const image = noise(1, 3, 12, 20)
  const body = (): readonly Tensor[] => {
    const { grads } = valueAndGrad(() => {
      const y = addRelu(bias(concat(a, b), c), relu6(relu(concat(exp(b), a))))
      return sum(slice(y, 1, 4))
    }, [a, b, c])
    const total = persistent(a.shape)
    const copies = [a, b].map(x => persistent(x.shape, new Float32Array(x.size).fill(0.5)))
    const [w, v] = copies as [Tensor, Tensor]
    const gradients = new Map([a, b].map((x, i) => [copies[i]!, grads.get(x)!]))
    for (const o of [new SGD(new Map([['w', w]])), new AdamW(new Map([['v', v]]))]) {
      o.advance(0.1)
      o.step(gradients)
    }
    fill(total, 0.25)
    accumulate(total, grads.get(a)!)
    return [...grads.values(), w, v, total, gather([w, total]), augment(pixels, change), resizeArea(image, [4, 5])]
  }
  const [onCpu, onGpu] = (['cpu', 'gpu'] as const).map(machine => under(machine, () => scope(body)))
  for (const [i, y] of onCpu!.result.entries()) {
    assert.equal(await read(onGpu!.result[i]!), await read(y), `result ${i}`)
  }
  // A run of all tests fails for a ladder that is neither here nor in a test of its op by checkRungs().
  const both = declaredLadders().filter(
    l => hasTwoSizes(l) && onGpu!.rungs.has(l.rungs[0]) && onCpu!.rungs.has(l.rungs[1]!),
  )
  assert.ok(both.length >= 12, `${both.length}`)
  for (const l of both) proved.sizes.add(l)
  for (const x of [a, b, c, pixels, change, image]) release(x)
})

t('a step of TASN on the rungs that GPUs get agrees with one on those that CPUs get', async () => {
  const { model: size } = PRESETS.tiny
  const model = new Tasn(new Random(23), { ...size, classes: 16 })
  const params = [...model.parameters().values()]
  // No ReLU of this network and these images is so near its kink that rounding decides.
  const random = new Random(24)
  const N = 3
  const x = persistent([N, 3, ...size.imageSize])
  write(
    x,
    Float32Array.from({ length: x.size }, () => random.uniform(-2, 2)),
  )
  const labels = persistent([N], Uint32Array.of(1, 5, 9))
  const u = persistent([N], Float32Array.of(0.1, 0.5, 0.9))
  const step = () =>
    scope(() => {
      const { value, grads } = valueAndGrad(() => model.forward(x, labels, u).loss, params)
      return [value, ...params.map(p => grads.get(p)!)]
    })
  const [onCpu, onGpu] = (['cpu', 'gpu'] as const).map(machine => under(machine, step))
  assert.not.ok([...onGpu!.rungs].some(r => r.on === 'cpu'))
  assert.not.ok([...onCpu!.rungs].some(r => r.on === 'gpu'))
  const lanes = ({ file, consts }: Rung) => reflect(file, specialise(file, consts)).workgroup.reduce((a, b) => a * b)
  const narrow = [...onGpu!.rungs].filter(r => lanes(r) < 32).map(r => r.file)
  assert.equal(narrow, ['loss/weighted_sum.wgsl'], 'workgroups that leave lanes of a GPU idle')
  for (const [i, y] of onCpu!.result.entries()) {
    const error = relative(await read(onGpu!.result[i]!), await read(y))
    assert.ok(error < 2e-3, `result ${i} is off by ${error.toExponential(1)}`)
  }
  for (const y of [...onCpu!.result, ...onGpu!.result, ...model.state().values(), x, labels, u]) release(y)
})

t('explain() gives a reason for every rung, and the one that is taken', () => {
  const l = ladderNamed('matmul')
  const params = { TA: 0, TB: 0, batch: 1, M: 512, N: 512, K: 512 }
  const { result } = under('cpu', () => explain(l, params))
  assert.is(result.filter(r => r.taken).length, 1)
  assert.match(result.find(r => r.rung.name === 'workgroup')!.why, /made for a GPU/)
  const gpu = under('gpu', () => explain(l, params)).result
  assert.is(gpu.find(r => r.taken)!.rung.name, '32x32')
  assert.match(gpu.find(r => r.rung.name === '128x128')!.why, /does not pay/)
  assert.match(gpu.find(r => r.rung.name === 'workgroup f16')!.why, /F16=1|lacks/)
  const small = under('gpu', () => explain(l, { ...params, M: 8, N: 8 })).result
  assert.match(small.find(r => r.rung.name === 'workgroup')!.why, /does not pay/)
})

t('MACHINE takes two values', () => {
  const putBack = setVariable('MACHINE', 'tpu')
  try {
    assert.throws(() => scope(() => [relu(persistent([2]))]), /MACHINE is cpu or gpu, found "tpu"/)
  } finally {
    putBack()
  }
})

t.run()
