/** What persistent() and write() take from the host, and what they refuse. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stats } from '../../src/engine/buffers.ts'
import { persistent, read, readU32, write } from '../../src/engine/transfer.ts'

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

t.run()
