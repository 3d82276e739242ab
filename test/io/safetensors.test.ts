/** .safetensors: every element type, every rule, thousands of damaged files, and memory no larger than the tensors. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/engine/random.ts'
import { persistent, release, write } from '../../src/engine/transfer.ts'
import { readHeader, readTensors, saveTensors } from '../../src/io/checkpoint.ts'
import { checkFinite } from '../../src/io/finite.ts'
import { encodeHeader } from '../../src/io/header.ts'
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '../../src/io/safetensors.ts'
import { child } from '../support/child.ts'
import { element, plainRead } from '../support/safetensors.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-safetensors-'))
const tensors = new Map<string, HostTensor>([
  ['a.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -0.1) }],
  ['b', { shape: [1], data: Float32Array.of(7) }],
])
const bytes = encodeSafetensors(tensors, { epoch: '3' })

/** A file with this header and so many zero bytes of numbers. */
const withHeader = (header: string | Uint8Array, numbers: number | Uint8Array = 0): Uint8Array<ArrayBuffer> => {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const data = typeof numbers === 'number' ? new Uint8Array(numbers) : numbers
  const all = new Uint8Array(8 + text.length + data.length)
  new DataView(all.buffer).setBigUint64(0, BigInt(text.length), true)
  all.set(text, 8)
  all.set(data, 8 + text.length)
  return all
}
const entry = (dtype: string, shape: string, from: number | string, to: number | string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${from},${to}]}`
const refused = (header: string | Uint8Array, numbers: number, message: RegExp): void => {
  assert.throws(() => decodeSafetensors(withHeader(header, numbers), 'x'), message)
}

const t = suite('io/safetensors')
t.after(() => {
  rmSync(dir, { recursive: true })
})

t('round trip, also from a view into a larger buffer', () => {
  const larger = new Uint8Array(bytes.length + 19)
  larger.set(bytes, 11)
  const pooled = Buffer.from(bytes) as Buffer<ArrayBuffer> // small Buffers are views of a shared pool
  for (const source of [bytes, larger.subarray(11, 11 + bytes.length), pooled]) {
    const file = decodeSafetensors(source, 'x')
    assert.equal([...file.tensors], [...tensors])
    assert.equal(file.metadata, { epoch: '3' })
  }
})

t('every element type, and odd places in the file', () => {
  const random = new Random(1)
  const types = { U8: 1, F16: 2, BOOL: 1, F32: 4, BF16: 2, I64: 8, I32: 4, F64: 8 }
  const entries: string[] = []
  const data: number[] = []
  for (const [dtype, size] of Object.entries(types)) {
    const from = data.length
    for (let i = 0; i < 999 * size; i++) data.push(random.int(256))
    entries.push(`"${dtype}":${entry(dtype, '[27,37]', from, data.length)}`)
  }
  const file = withHeader(`{${entries.join()}}`, Uint8Array.from(data))
  const got = decodeSafetensors(file, 'x').tensors
  const want = plainRead(file)!
  assert.is(got.size, 8)
  for (const [name, w] of want) {
    const { shape, data } = got.get(name)!
    assert.equal(shape, [27, 37])
    for (let i = 0; i < 999; i++)
      assert.ok(Object.is(data[i], Math.fround(element(w, i))), `${name}[${i}]: ${data[i]}, not ${element(w, i)}`)
  }
})

t('half precision: every one of the 65,536 numbers', () => {
  const file = withHeader(
    `{"h":${entry('F16', '[65536]', 0, 131072)}}`,
    new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer),
  )
  const { data } = decodeSafetensors(file, 'x').tensors.get('h')!
  const plain = plainRead(file)!.get('h')!
  assert.ok(data.every((v, i) => Object.is(v, Math.fround(element(plain, i)))))
  assert.equal([data[1], data[0x3c00], data[0x7bff], data[0xfc00]], [2 ** -24, 1, 65504, -Infinity])
})

t('scalars, empty tensors and strange names are legal', () => {
  const names = ['__proto__', 'constructor', '0', '', 'ä/日本', 'a"b\\c', 'toString']
  const many = new Map(
    names.map((n, i): [string, HostTensor] => [
      n,
      { shape: i ? [] : [2, 0, 3], data: new Float32Array(i ? 1 : 0).fill(i) },
    ]),
  )
  const file = encodeSafetensors(many, { __proto__: 'x', note: 'ü' })
  const { tensors: got, metadata } = decodeSafetensors(file, 'x')
  assert.equal(new Map([...got].sort()), new Map([...many].sort()))
  assert.is(metadata.note, 'ü')
  assert.is(plainRead(file)!.size, names.length)
})

t('the numbers begin at a multiple of 8 bytes', () => {
  for (const name of ['a', 'ab', 'ä', 'abcd', 'abcde', '日']) {
    const header = encodeHeader(new Map([[name, [1]]]))
    assert.is(header.length % 8, 0)
    assert.is(Number(new DataView(header.buffer).getBigUint64(0, true)), header.length - 8)
  }
})

t('the writer refuses what no reader would take', () => {
  assert.throws(() => encodeHeader(new Map([['__metadata__', [1]]])), /called __metadata__/)
  assert.throws(() => encodeHeader(new Map(), { n: 3 as unknown as string }), /metadata are texts, n is number/)
  assert.throws(
    () => encodeSafetensors(new Map([['w', { shape: [2], data: new Float32Array(3) }]])),
    /w \[2\] takes 2 numbers, found 3/,
  )
})

t('every truncation is refused, and so is anything behind the end', () => {
  for (let n = 0; n < bytes.length; n++)
    assert.throws(() => decodeSafetensors(bytes.slice(0, n), 'cut.safetensors'), /^cut\.safetensors is not a valid/)
  const longer = new Uint8Array(bytes.length + 1)
  longer.set(bytes)
  assert.throws(() => decodeSafetensors(longer, 'x'), /something else is behind them/)
})

t('each rule has its message', () => {
  const huge = bytes.slice()
  new DataView(huge.buffer).setBigUint64(0, 2n ** 60n, true)
  assert.throws(
    () => decodeSafetensors(huge, 'x'),
    /not begin like one: .* 1152921504606846976 bytes, more than the 4000000/,
  )
  new DataView(huge.buffer).setBigUint64(0, 3_999_999n, true)
  assert.throws(() => decodeSafetensors(huge, 'x'), /claims 3999999 bytes, and \d+ are left/)
  assert.throws(
    () => decodeSafetensors(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 1), 'w.pth'),
    /w\.pth .*torch\.save\(\).*save_file/,
  )
  const hdf5 = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0)
  assert.throws(
    () => decodeSafetensors(hdf5, 'w.h5'),
    /^w\.h5 .* it is an HDF5 file.* examples\/README\.md#presets makes/,
  )
  const pickle = Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9)
  assert.throws(
    () => decodeSafetensors(pickle, 'w.pth'),
    /^w\.pth .* it does not begin like one: .*src\/README\.md#weights-in-and-out converts \.pth and \.bin files$/,
  )
  refused('[1]', 0, /does not begin with "\{"/)
  refused(' {}', 0, /does not begin with "\{"/)
  refused('{"a":}', 0, /not a JSON object in UTF-8/)
  refused(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 0, /not a JSON object in UTF-8/)
  refused(`{"w":${entry('F32', '[1]', 0, 4)},"\\u0077":${entry('F32', '[1]', 4, 8)}}`, 8, /the name "w" twice/)
  refused('{"__metadata__":{"a":"1","a":"2"}}', 0, /the name "a" twice/)
  refused('{"__metadata__":{"a":1}}', 0, /__metadata__ is not a map of texts/)
  refused('{"__metadata__":[]}', 0, /__metadata__ is not a map of texts/)
  refused('{"w":3}', 0, /"w" is not an object/)
  refused('{"w":{"shape":[1],"data_offsets":[0,4]}}', 4, /"w" has no dtype/)
  refused(
    `{"w":${entry('F8_E4M3', '[1]', 0, 1)}}`,
    1,
    /^x: the tensor "w" has the element type "F8_E4M3"; read are F64, F32, F16, BF16, I64, I32, U8, BOOL\. Convert/,
  )
  refused(`{"w":${entry('toString', '[1]', 0, 1)}}`, 1, /element type "toString"/)
  refused(`{"w":${entry('U16', '[3]', 0, 4)}}`, 4, /says U16 \[3\], which takes 6 bytes/)
  refused(`{"w":${entry('F4', '[3]', 0, 2)}}`, 2, /says F4 \[3\], which takes 1.5 bytes/)
  refused(`{"w":${entry('toString', '[1]', 1, 0)}}`, 0, /-1 apart/)
  refused(`{"w":${entry('F32', '[1]', 0, 4).replace('}', ',"x":1}')}}`, 4, /field "x"/)
  for (const shape of ['[-1]', '[1.5]', '["1"]', '1', 'null', '[9007199254740993]', '[[1]]'])
    refused(`{"w":${entry('F32', shape, 0, 4)}}`, 4, /"w" has the shape/)
  for (const offsets of ['[0]', '[0,4,4]', '[-4,0]', '[0,"4"]', '{}'])
    refused(`{"w":{"dtype":"F32","shape":[1],"data_offsets":${offsets}}}`, 4, /data_offsets/)
  refused(`{"w":${entry('F32', '[1000000000]', 0, 4000000000)}}`, 4, /cut short/)
  refused(`{"w":${entry('F32', '[94906267,94906267]', 0, 36028798092705120)}}`, 4, /data_offsets/)
  refused(`{"w":${entry('F32', '[2]', 0, 4)}}`, 4, /takes 8 bytes; its offsets 0 to 4 are 4 apart/)
  refused(`{"w":${entry('F32', '[1]', 4, 0)}}`, 4, /-4 apart/)
  refused(
    `{"a":${entry('F32', '[1]', 0, 4)},"b":${entry('F32', '[1]', 2, 6)}}`,
    6,
    /inside another tensor: 4 was expected/,
  )
  refused(`{"a":${entry('F32', '[1]', 0, 4)},"b":${entry('F32', '[1]', 8, 12)}}`, 12, /behind a gap: 4 was expected/)
  const long = '['.repeat(3_900_000)
  assert.is(decodeSafetensors(withHeader(`{"__metadata__":{"a":"${long}"}}`), 'x').metadata.a, long)
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  refused(`{"a":${deep}}`, 0, /"a" is not an object/)
  refused(`{"w":${entry('F32', deep, 0, 4)}}`, 4, /"w" has the shape something nested too deeply/)
  refused(`{"\\u001b[2J\\u202e":3}`, 0, /entry of "\\u001b\[2J\\u202e" is not an object/)
  refused(
    `{"w":${entry('F32', `[${'1,'.repeat(90_000)}2]`, 0, 4)}}`,
    4,
    /says F32 \[[1,]{60}\.\.\.\], which takes 8 bytes/,
  )
})

// ---- fuzz

const FUZZ = 4000

/** A small valid file: a few tensors of random types, with metadata. */
function sound(random: Random): { header: string; numbers: Uint8Array } {
  const types = Object.entries({ U8: 1, F16: 2, BOOL: 1, F32: 4, BF16: 2, I64: 8, I32: 4, F64: 8 })
  const entries: string[] = []
  let at = 0
  for (let i = 0; i <= random.int(4); i++) {
    const [dtype, size] = types[random.int(types.length)]!
    const shape = Array.from({ length: random.int(3) }, () => random.int(4))
    const end = at + size * shape.reduce((a, b) => a * b, 1)
    entries.push(`"t${i}":${entry(dtype, JSON.stringify(shape), at, end)}`)
    at = end
  }
  if (random.next() < 0.5) entries.splice(random.int(entries.length), 0, '"__metadata__":{"format":"pt"}')
  return {
    header: `{${entries.join()}}${' '.repeat(random.int(3))}`,
    numbers: Uint8Array.from({ length: at }, () => random.int(256)),
  }
}

const WORDS = [
  '0',
  '1',
  '-1',
  '4',
  '1e3',
  '1.5',
  '9007199254740992',
  '1e400',
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '"F32"',
  '"F16"',
  '"U8"',
  'NaN',
  '[0,0]',
  '[2]',
  '-0',
  '4294967296',
  '"t0"',
  '"dtype"',
  '"__proto__"',
  ',',
  ':',
  '}',
  '{',
  '\\',
  '\u0000',
  'é',
  '[['.repeat(50),
]

/** One or a few changes: bits, bytes and lengths of the file, or words of its header. */
function damaged(random: Random): Uint8Array<ArrayBuffer> {
  let { header, numbers } = sound(random)
  const kind = random.int(7)
  if (kind === 0) {
    // a word for another
    const tokens = header.match(/"[^"]*"|-?[\d.e+]+|[^"\d]/g)!
    for (let i = 0; i <= random.int(3); i++) tokens[random.int(tokens.length)] = WORDS[random.int(WORDS.length)]!
    header = tokens.join('')
  } else if (kind === 1) {
    // an entry twice, gone, or in another place
    const entries = header
      .trim()
      .slice(1, -1)
      .split(/,(?="(?:t\d|__metadata__)":)/)
    const i = random.int(entries.length)
    const j = random.int(entries.length)
    const swap = entries[i]!
    if (random.next() < 0.3) entries.splice(i, 1)
    else if (random.next() < 0.5) entries.splice(j, 0, entries[i]!)
    else [entries[i], entries[j]] = [entries[j]!, swap]
    header = `{${entries.join()}}`
  } else if (kind === 2) {
    // a number a little off
    const found = [...header.matchAll(/\d+/g)].filter(m => !/["tFUI]/.test(header[m.index - 1] ?? ''))
    if (found.length) {
      const m = found[random.int(found.length)]!
      const n = Math.max(0, Number(m[0]) + [-8, -4, -1, 1, 2, 4, 8][random.int(7)]!)
      header = header.slice(0, m.index) + n + header.slice(m.index + m[0].length)
    }
  } else if (kind === 3) {
    // more or fewer numbers
    const by = random.int(9) - 4
    numbers =
      by < 0
        ? numbers.slice(0, Math.max(0, numbers.length + by))
        : Uint8Array.from([...numbers, ...new Array<number>(by).fill(1)])
  }
  let file = withHeader(header, numbers)
  if (kind === 4) for (let i = 0; i <= random.int(3); i++) file[random.int(file.length)]! ^= 1 << random.int(8)
  if (kind === 5) file = file.slice(0, random.int(file.length + 1))
  if (kind === 6) {
    const view = new DataView(file.buffer)
    const n = Number(view.getBigUint64(0, true))
    view.setBigUint64(
      0,
      BigInt([n + 1, n - 1, 0, 2 ** 31, 2 ** 53, 99e6, n + 8, Math.max(0, n - 8)][random.int(8)]!),
      true,
    )
  }
  return file
}

t(`${FUZZ} damaged files: each is read right or refused by name, as a second reader judges`, async () => {
  const random = new Random(20)
  const path = join(dir, 'fuzz.safetensors')
  let accepted = 0
  const start = performance.now()
  for (let i = 0; i < FUZZ; i++) {
    const file = damaged(random)
    const want = plainRead(file)
    let got: Map<string, HostTensor> | undefined
    let message = ''
    try {
      got = decodeSafetensors(file, `fuzz-${i}`).tensors
    } catch (error) {
      message = (error as Error).message
    }
    assert.is(
      got !== undefined,
      want !== undefined,
      `file ${i} is ${want ? 'sound' : 'broken'}; ${message || 'it was read'}: ` +
        `${JSON.stringify(new TextDecoder().decode(file))}`,
    )
    if (got) {
      accepted++
      assert.equal([...got.keys()].sort(), [...want!.keys()].sort())
      for (const [name, plain] of want!) {
        const { shape, data } = got.get(name)!
        assert.equal(shape, plain.shape)
        assert.ok(
          data.every((v, k) => Object.is(v, Math.fround(element(plain, k)))),
          `file ${i}: ${name}`,
        )
      }
    } else
      assert.ok(
        /^fuzz-\d+( is not a valid .safetensors file: |: the tensor .* has the element type )/s.test(message) &&
          message.length < 600,
        message,
      )
    if (i % 20) continue
    // From a file it is the same, and nothing is allocated that the file does not have: it is checked before that.
    writeFileSync(path, file)
    const streamed = await readTensors(path).then(
      f => f.tensors,
      (error: Error) => error,
    )
    if (got) assert.equal(streamed, got)
    else assert.is((streamed as Error).message, message.replace(`fuzz-${i}`, path))
  }
  console.log(
    `  ${FUZZ} damaged files: ${accepted} were still sound and read right, the others refused, ` +
      `${((performance.now() - start) / 1000).toFixed(1)} s`,
  )
  assert.ok(accepted > FUZZ / 20 && accepted < FUZZ / 2)
})

// ---- files

t('a tensor that nobody asks for may be of any type', async () => {
  const path = join(dir, 'types.safetensors')
  const types = { I8: 1, U16: 2, U64: 8, F8_E4M3: 1, NEW_TYPE: 5 }
  let at = 4
  const others = Object.entries(types).map(([type, size]) => {
    at += size
    return `"${type}":${entry(type, '[1]', at - size, at)}`
  })
  writeFileSync(path, withHeader(`{"w":${entry('F32', '[1]', 0, 4)},${others}}`, at))
  assert.equal([...(await readTensors(path, name => name === 'w')).tensors.keys()], ['w'])
  assert.equal(
    (await readHeader(path)).entries.map(e => e.dtype),
    ['F32', ...Object.keys(types)],
  )
  const needed = await readTensors(path, name => name === 'U16').catch((error: Error) => error.message)
  assert.is(
    needed,
    `${path}: the tensor "U16" has the element type "U16"; read are F64, F32, F16, BF16, I64, I32, U8, BOOL. ` +
      'Convert it to F32',
  )
})

t('numbers that are not finite are named', () => {
  const data = Float32Array.of(1, 2, Infinity, NaN, 0)
  const sound: [string, HostTensor] = ['a', { shape: [1], data: Float32Array.of(3) }]
  checkFinite(new Map([sound]), 'x')
  assert.throws(
    () => checkFinite(new Map([sound, ['b\u001b', { shape: [5], data }]]), 'x'),
    /^x: 2 of the 5 numbers of "b\\u001b" are not finite, the first at index 2: Infinity\. The training/,
  )
})

t('files: saved, read in part, and left whole when writing fails', async () => {
  const file = join(dir, 'w.safetensors')
  const w = persistent([2, 3], tensors.get('a.weight')!.data)
  const b = persistent([1], Float32Array.of(7))
  await saveTensors(
    file,
    new Map([
      ['a.weight', w],
      ['b', b],
    ]),
    { epoch: '3' },
  )
  const saved = readFileSync(file)
  const { tensors: read, metadata } = decodeSafetensors(new Uint8Array(saved), 'x')
  assert.equal([...read], [...tensors])
  assert.is(metadata.epoch, '3')
  // The sum is that of the file with zeros in its place.
  const sum = metadata.sha256!
  const blank = Buffer.from(saved.toString('latin1').replace(sum, '0'.repeat(64)), 'latin1')
  assert.is(createHash('sha256').update(blank).digest('hex'), sum)
  assert.equal([...(await readTensors(file, name => name === 'b')).tensors.keys()], ['b'])
  release(b)
  try {
    await saveTensors(
      file,
      new Map([
        ['a.weight', w],
        ['b', b],
      ]),
    )
    assert.unreachable('a tensor without memory was saved')
  } catch (error) {
    assert.match((error as Error).message, /cannot write .*w\.safetensors: .*no memory/)
  }
  assert.ok(readFileSync(file).equals(saved))
  write(w, new Float32Array(6).fill(1, 0, 4).fill(Infinity, 4))
  try {
    await saveTensors(file, new Map([['a.weight', w]]))
    assert.unreachable('infinity was saved')
  } catch (error) {
    assert.match(
      (error as Error).message,
      /cannot write .*: 2 of the 6 numbers of "a\.weight" are not finite, the first at index 4: Inf/,
    )
  }
  assert.ok(readFileSync(file).equals(saved))
  assert.not(readdirSync(dir).some(name => name.endsWith('.part')))
  release(w)
  const pipe = join(dir, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const [path, message] of [
    [join(dir, 'none'), /cannot read .*ENOENT/],
    [dir, /cannot read .*: it is not a file/],
    [pipe, /cannot read .*: it is not a file/],
  ] as const) {
    const error = await readTensors(path).then(
      () => undefined,
      (e: Error) => e,
    )
    assert.match(error!.message, message)
  }
})

t('a file with a checksum: no byte of it can be damaged unseen, nor can it be cut', async () => {
  const file = join(dir, 'sum.safetensors')
  const w = persistent([5], Float32Array.of(1, 2, 3, 4, 5))
  const b = persistent([1], Float32Array.of(7))
  const both = new Map(Object.entries({ w, b }))
  await saveTensors(file, both, { epoch: '3', text: 'as long as the checksum finds a place before or after it' })
  const saved = readFileSync(file)
  for (let at = 0; at < saved.length; at++) {
    const damaged = Buffer.from(saved)
    damaged[at]! ^= 1 << (at % 8)
    writeFileSync(file, damaged)
    // A damaged name of the checksum leaves a file without one: who relies on it asks for it (train/save.ts).
    for (const only of [undefined, (name: string) => name === 'b']) {
      const got = await readTensors(file, only).catch((error: Error) => error)
      assert.ok(got instanceof Error || got.metadata.sha256 === undefined, `byte ${at}`)
    }
  }
  writeFileSync(file, saved)
  assert.is((await readTensors(file)).metadata.epoch, '3')
  for (const t of both.values()) release(t)
  rmSync(file)
})

t('a file of 100 MB costs no more memory than its tensors', async () => {
  const file = join(dir, 'large.safetensors')
  const handle = openSync(file, 'w')
  writeSync(handle, encodeHeader(new Map(Array.from({ length: 25 }, (_, i) => [`t${i}`, [1024, 1024]]))))
  for (let i = 0; i < 25; i++) writeSync(handle, new Float32Array(1 << 20).fill(i))
  closeSync(handle)
  const { out, code } = await child(
    `
    import { readTensors } from './src/io/checkpoint.ts'
    globalThis.gc()
    const before = process.memoryUsage.rss()
    let peak = 0
    const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()) }, 1)
    const { tensors } = await readTensors(${JSON.stringify(file)})
    peak = Math.max(peak, process.memoryUsage.rss())
    clearInterval(timer)
    console.log('GREW', peak - before, [...tensors.values()].reduce((s, t) => s + t.data[77], 0))`,
    {},
    ['--expose-gc'],
  )
  const [, grew, sum] = /GREW (-?\d+) (\d+)/.exec(out) ?? []
  assert.is(code, 0, out)
  assert.is(Number(sum), 300)
  console.log(`  reading a file of 105 MB took ${(Number(grew) / 1e6).toFixed(0)} MB of memory`)
  assert.ok(Number(grew) > 100e6 && Number(grew) < 125e6, `${grew} bytes`)
})

t.run()
