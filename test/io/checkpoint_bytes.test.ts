/** Tensors as bytes: those of the file that saveTensors() writes, with a checksum that finds any damage. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Tensor } from '../../src/engine/tensor.ts'
import { persistent, release, write } from '../../src/engine/transfer.ts'
import { saveTensors } from '../../src/io/checkpoint.ts'
import { decodeTensors, encodeTensors } from '../../src/io/checkpoint_bytes.ts'
import { NotFiniteTensor } from '../../src/io/finite.ts'
import { sameJson } from '../../src/io/json.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-bytes-'))
const t = suite('io/checkpoint_bytes')
let tensors: Map<string, Tensor>

t.before(() => {
  tensors = new Map([
    ['a.weight', persistent([2, 3], Float32Array.of(1, -2, 3e-30, 4, 5, 6.5))],
    ['ä', persistent([1], Float32Array.of(7))],
  ])
})
t.after(() => {
  for (const one of tensors.values()) release(one)
  rmSync(dir, { recursive: true })
})

t('the bytes are those of the file', async () => {
  const file = join(dir, 'x.safetensors')
  // A name of two bytes a letter in front of the checksum: its place counts bytes, not letters.
  const metadata = { position: '{"größe":1}', training: 'x' }
  await saveTensors(file, tensors, metadata)
  const bytes = await encodeTensors(tensors, metadata)
  assert.ok(readFileSync(file).equals(bytes))
  const { metadata: read, tensors: values } = await decodeTensors(bytes, 'x')
  assert.is(read.position, metadata.position)
  assert.equal([...values.get('a.weight')!.data], [...Float32Array.of(1, -2, 3e-30, 4, 5, 6.5)])
})

t('no byte can be damaged unseen', async () => {
  const sound = await encodeTensors(tensors, { epoch: '3' })
  for (let at = 0; at < sound.length; at++) {
    const bytes = sound.slice()
    bytes[at]! ^= 1 << (at % 8)
    const got = await decodeTensors(bytes, 'x').catch((error: Error) => error)
    // A damaged name of the checksum leaves bytes without one: who relies on it asks for it (train/position.ts).
    assert.ok(got instanceof Error || got.metadata.sha256 === undefined, `byte ${at}`)
  }
  const bytes = sound.slice()
  bytes[bytes.length - 1]! ^= 1
  const error = await decodeTensors(bytes, 'mine').catch((e: Error) => e)
  assert.match((error as Error).message, /^mine is damaged: .*checksum differs/)
})

t('numbers that are not finite are not written', async () => {
  const w = persistent([2])
  write(w, Float32Array.of(1, NaN))
  const error = await encodeTensors(new Map([['w', w]])).catch((e: Error) => e)
  assert.instance(error, NotFiniteTensor)
  assert.match((error as Error).message, /1 of the 2 numbers of "w" are not finite/)
  release(w)
})

t('JSON is the same whatever the order of its fields, and in nothing else', () => {
  const one = { a: [1, { b: null, c: 'x' }], d: true }
  assert.ok(sameJson(one, { d: true, a: [1, { c: 'x', b: null }] }))
  for (const other of [
    { a: [1, { b: null, c: 'x' }] },
    { a: [1, { b: null, c: 'y' }], d: true },
    { a: [1, { b: null }], d: true },
    { a: [1, { b: null, e: 'x' }], d: true },
    { a: [1], d: true },
    { a: { 0: 1 }, d: true },
    [one],
    null,
    undefined,
  ]) {
    assert.not(sameJson(one, other))
    assert.not(sameJson(other, one))
  }
})

t.run()
