/** Checkpoint files: what is written is read back, and what is not a whole file is refused with a reason. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '../../src/io/safetensors.ts'

const tensors = new Map<string, HostTensor>([
  ['a.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -0.1) }],
  ['b', { shape: [1], data: Float32Array.of(7) }],
])
const bytes = encodeSafetensors(tensors, { epoch: '3' })
const withHeader = (text: string, data = new Uint8Array(0)): Uint8Array<ArrayBuffer> => {
  const header = new TextEncoder().encode(text), all = new Uint8Array(8 + header.length + data.length)
  new DataView(all.buffer).setBigUint64(0, BigInt(header.length), true)
  all.set(header, 8)
  all.set(data, 8 + header.length)
  return all
}

const t = suite('io/safetensors')

t('round trip, also from a view into a larger buffer', () => {
  const larger = new Uint8Array(bytes.length + 16)
  larger.set(bytes, 8)
  const pooled = Buffer.from(bytes) as Buffer<ArrayBuffer> // small Buffers are views of a shared pool
  for (const source of [bytes, larger.subarray(8, 8 + bytes.length), pooled]) {
    const file = decodeSafetensors(source, 'x')
    assert.equal([...file.tensors], [...tensors])
    assert.equal(file.metadata, { epoch: '3' })
  }
})

t('the numbers begin at a multiple of 8 bytes', () => {
  const length = new DataView(bytes.buffer).getBigUint64(0, true)
  assert.is(Number(length) % 8, 0)
})

t('every truncation is refused', () => {
  for (let n = 0; n < bytes.length; n++) assert.throws(() => decodeSafetensors(bytes.slice(0, n), 'cut.safetensors'), /cut\.safetensors is not a whole/)
})

t('lying headers are refused without allocating what they claim', () => {
  const huge = bytes.slice()
  new DataView(huge.buffer).setBigUint64(0, 2n ** 60n, true)
  assert.throws(() => decodeSafetensors(huge, 'x'), /claims 1152921504606846976 bytes/)
  assert.throws(() => decodeSafetensors(withHeader('[1]'), 'x'), /not a JSON object/)
  assert.throws(() => decodeSafetensors(withHeader('{"w":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}'), 'x'), /F16/)
  assert.throws(() => decodeSafetensors(withHeader('{"w":{"dtype":"F32","shape":[1e9],"data_offsets":[0,4000000000]}}'), 'x'), /4000000000/)
  assert.throws(() => decodeSafetensors(withHeader('{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}'), 'x'), /no valid shape/)
  assert.throws(() => decodeSafetensors(withHeader('{"w":{"dtype":"F32"}}'), 'x'), /no valid shape/)
})

t.run()
