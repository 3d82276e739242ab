/** What persistent() and write() take from the host, and what they refuse. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { scope } from '../../src/engine/eager.ts'
import { Plan } from '../../src/engine/plan.ts'
import { persistent, read, readAll, readU32, release, write } from '../../src/engine/transfer.ts'
import { gpu } from '../../src/gpu/device.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { add, scale, square } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'

const t = suite('engine/transfer')

/** Four numbers, in all the ways that are not the tensor's own. */
const OTHERS: readonly [string, unknown][] = [
  ['Uint8Array', Uint8Array.of(1, 2, 3, 4)],
  ['Uint8ClampedArray', Uint8ClampedArray.of(1, 2, 3, 4)],
  ['Int8Array', Int8Array.of(1, 2, 3, 4)],
  ['Int16Array', Int16Array.of(1, 2, 3, 4)],
  ['Int32Array', Int32Array.of(-1, 2, 3, 4)],
  ['Float64Array', Float64Array.of(1, 2, 3, 4)],
  ['BigInt64Array', BigInt64Array.of(1n, 2n, 3n, 4n)],
  ['BigUint64Array', BigUint64Array.of(1n, 2n, 3n, 4n)],
  ['Array', [1, 2, 3, 4]],
  ['DataView', new DataView(new ArrayBuffer(16))],
  ['ArrayBuffer', new ArrayBuffer(16)],
  ['Null', null],
  ['String', '1234'],
  ['Number', 4],
]

t('data of another type than the tensor is refused by name, and changes nothing', async () => {
  const f = persistent([4], Float32Array.of(5, 6, 7, 8))
  const u = persistent([4], Uint32Array.of(5, 6, 7, 8))
  const { buffers, bytes } = stats
  for (const [name, data] of OTHERS) {
    const any = data as Float32Array
    const f32 = new RegExp(
      `a f32 tensor of shape \\[4\\] takes 4 elements, found ${name}.*it takes a Float32Array only`,
    )
    const u32 = new RegExp(`a u32 tensor of shape \\[4\\] takes 4 elements, found ${name}.*it takes a Uint32Array only`)
    assert.throws(() => write(f, any), f32)
    assert.throws(() => write(u, any), u32)
    assert.throws(() => persistent([4], any), f32)
    assert.throws(() => persistent([4], any, 'u32'), u32)
  }
  assert.throws(
    () => write(u, Float32Array.of(1.5, Number.NaN, 3, 4)),
    /found Float32Array of 4; it takes a Uint32Array/,
  )
  assert.throws(
    () => persistent([4], Uint32Array.of(1, 2, 3, 4), 'f32'),
    /found Uint32Array of 4; it takes a Float32Arr/,
  )
  assert.equal({ buffers: stats.buffers, bytes: stats.bytes }, { buffers, bytes })
  assert.equal([...(await read(f))], [5, 6, 7, 8])
  assert.equal([...(await readU32(u))], [5, 6, 7, 8])
})

t('views, shared memory and u32 up to the largest are taken as they are', async () => {
  const shared = new Float32Array(new SharedArrayBuffer(16))
  shared.set([1, -2, 3.5, Infinity])
  assert.equal([...(await read(persistent([2, 2], shared)))], [1, -2, 3.5, Infinity])
  assert.equal([...(await read(persistent([2], Float32Array.of(0, 1, 2, 3).subarray(1, 3))))], [1, 2])
  assert.equal([...(await readU32(persistent([2], Uint32Array.of(0, 4294967295))))], [0, 4294967295])
  assert.equal([...(await read(persistent([3])))], [0, 0, 0])
})

/** Counts how often a buffer is mapped while `body` runs. */
async function countingMaps(body: () => Promise<void>): Promise<number> {
  const { mapAsync } = GPUBuffer.prototype
  let maps = 0
  GPUBuffer.prototype.mapAsync = function (...rest) {
    maps++
    return mapAsync.apply(this, rest)
  }
  try {
    await body()
  } finally {
    GPUBuffer.prototype.mapAsync = mapAsync
  }
  return maps
}

t('readAll() reads many tensors in one round trip, each by its type, and as they are now', async () => {
  const x = persistent([3], Float32Array.of(1, 2, 3))
  const labels = persistent([2], Uint32Array.of(7, 4294967295))
  const plan = await Plan.make(() => [scale(x, 2), sum(square(x), [0])])
  const [doubled] = scope(() => [scale(x, -1)])
  const maps = await countingMaps(async () => {
    const [a, b, c, d, e] = await readAll([x, labels, doubled, ...plan.run(), x] as const)
    assert.equal([a, b, c], [Float32Array.of(1, 2, 3), Uint32Array.of(7, 4294967295), Float32Array.of(-1, -2, -3)])
    assert.equal([d, e], [Float32Array.of(2, 4, 6), Float32Array.of(14)])
    const reading = readAll([x, labels])
    write(x, Float32Array.of(4, 5, 6))
    assert.equal(await reading, [Float32Array.of(1, 2, 3), Uint32Array.of(7, 4294967295)])
  })
  assert.is(maps, 2)
  assert.is(await countingMaps(async () => assert.equal(await readAll([]), [])), 0)
  plan.destroy()
  for (const old of [x, labels, doubled]) release(old)
})

t('a read that fails gives back the memory that it read into', async () => {
  const { mapAsync, destroy } = GPUBuffer.prototype
  const x = persistent([4])
  const given: string[] = []
  GPUBuffer.prototype.mapAsync = () => Promise.reject(new Error('cannot be mapped'))
  GPUBuffer.prototype.destroy = function () {
    given.push(this.label)
    return destroy.call(this)
  }
  try {
    assert.is(await read(x).then(String, (e: Error) => e.message), 'cannot be mapped')
  } finally {
    Object.assign(GPUBuffer.prototype, { mapAsync, destroy })
  }
  assert.equal(given, ['read'])
  release(x)
})

t('readAll() of more than a buffer holds takes two', async () => {
  const { limits } = gpu
  const tensors = [1, 2, 3, 4].map(v => persistent([8], new Float32Array(8).fill(v)))
  Object.defineProperty(gpu, 'limits', { configurable: true, value: { maxBufferSize: 64 } })
  try {
    const maps = await countingMaps(async () => {
      assert.equal(
        (await readAll(tensors)).map(v => v[7]),
        [1, 2, 3, 4],
      )
    })
    assert.is(maps, 2)
  } finally {
    Object.defineProperty(gpu, 'limits', { configurable: true, value: limits })
  }
  for (const old of tensors) release(old)
})

t("readAll() refuses what read() refuses: memory that is gone, and a plan's own tensors in its step", async () => {
  const message = (promise: Promise<unknown>): Promise<string> => promise.then(String, (e: Error) => e.message)
  const x = persistent([4])
  x.requiresGrad = true
  const gone = persistent([5])
  release(gone)
  assert.match(await message(readAll([x, gone])), /^a tensor of shape \[5\] has no memory/)
  const inStep: Promise<string>[] = []
  const step = () => {
    const { value, grads } = valueAndGrad(() => sum(square(x)), [x])
    inStep.push(message(read(value)), message(readAll([x, value])))
    return [value, grads.get(x)!]
  }
  const plan = await Plan.make(step)
  const [one, all] = await Promise.all(inStep)
  assert.match(one!, /^a tensor of shape \[1?\] has no memory: .* it is not an output of its plan$/)
  assert.is(all, one)
  plan.destroy()
  release(x)
})

t('a constant that an op passes on is not given back', async () => {
  const [a, b] = [persistent([1]), persistent([1])]
  a.requiresGrad = true
  const [da] = scope(() => [valueAndGrad(() => add(a, b), [a]).grads.get(a)!])
  release(da)
  const [again] = scope(() => [valueAndGrad(() => add(a, b), [a]).grads.get(a)!])
  assert.equal([...(await read(again))], [1])
  for (const t of [a, b]) release(t)
})

t.run()
