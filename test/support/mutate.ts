/** Damages .safetensors files in all the ways that transport, other programs and malice do. */
import type { Random } from '../../src/engine/random.ts'

type Json = Record<string, unknown>

const WORDS = ['', 'F32', 'F16', 'U8', 'F8_E4M3', '\u001b[2J', '\u202e', '__proto__', 'x'.repeat(5000)]
const NUMBERS = [0, 1, -1, 2, 3, 7, 1.5, 1e3, 1e9, 2 ** 31, 2 ** 53, 1e308]
const SHAPES = [[], [0], [1, 1], [2 ** 40, 2 ** 12], [1e9, 1e9, 1e9], Array<number>(300).fill(1)]
const VALUES: readonly unknown[] = [...WORDS, ...NUMBERS, ...SHAPES, null, true, false, {}, { length: 4 }]

/** A file with one to three kinds of damage; it may by chance still be sound. */
export function mutate(random: Random, sound: Uint8Array): Uint8Array<ArrayBuffer> {
  let file = new Uint8Array(sound)
  for (let k = 0; k <= random.int(3); k++) file = new Uint8Array(pick(random, DAMAGES)(random, file))
  return file
}

const pick = <T>(random: Random, list: readonly T[]): T => list[random.int(list.length)]!

type Damage = (random: Random, file: Uint8Array) => Uint8Array

const lengthOf = (file: Uint8Array): number => {
  if (file.length < 8) return 0
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)
  return length > BigInt(file.length - 8) ? file.length - 8 : Number(length)
}

/** Puts another header before the same numbers. */
function withHeader(file: Uint8Array, header: string): Uint8Array {
  const text = new TextEncoder().encode(header)
  const numbers = file.subarray(8 + lengthOf(file))
  const all = new Uint8Array(8 + text.length + numbers.length)
  new DataView(all.buffer).setBigUint64(0, BigInt(text.length), true)
  all.set(text, 8)
  all.set(numbers, 8 + text.length)
  return all
}

const headerOf = (file: Uint8Array): string => new TextDecoder().decode(file.subarray(8, 8 + lengthOf(file)))

/** Changes the header as an object; leaves a file alone that has none. */
const changed =
  (change: (random: Random, header: Json) => void): Damage =>
  (random, file) => {
    try {
      const header = JSON.parse(headerOf(file)) as Json
      change(random, header)
      return withHeader(file, JSON.stringify(header))
    } catch {
      return file
    }
  }

/** Sets, deletes or doubles a value somewhere below. */
function somewhere(random: Random, tree: Json): void {
  const names = Object.keys(tree)
  if (!names.length) return
  const name = pick(random, names)
  const value = tree[name]
  if (typeof value === 'object' && value !== null && random.next() < 0.8) {
    somewhere(random, value as Json)
    return
  }
  const kind = random.int(6)
  if (kind === 0) delete tree[name]
  else if (kind === 1 && typeof value === 'number') tree[name] = value + pick(random, [-8, -1, 1, 8, 4096])
  else if (kind === 2 && !Array.isArray(tree)) tree[`${name}${pick(random, ['x', '\u0007', '.weight', 'é'])}`] = value
  else tree[name] = pick(random, VALUES)
}

const DAMAGES: readonly Damage[] = [
  // bits and bytes anywhere, in the header, in its length
  (random, file) => {
    for (let i = 0; file.length && i <= random.int(8); i++) file[random.int(file.length)]! ^= 1 << random.int(8)
    return file
  },
  (random, file) => {
    const end = 8 + lengthOf(file)
    for (let i = 0; end > 8 && i <= random.int(4); i++) file[8 + random.int(end - 8)] = random.int(256)
    return file
  },
  (random, file) => {
    if (file.length < 8) return file
    const n = lengthOf(file)
    const lie = pick(
      random,
      [0, 1, n - 1, n + 1, n + 8, 2 ** 31, 2 ** 53, 9e6, 99e6].map(v => Math.max(0, v)),
    )
    new DataView(file.buffer).setBigUint64(0, BigInt(lie), true)
    return file
  },
  // cut anywhere, or longer
  (random, file) => file.subarray(0, random.int(file.length + 1)),
  (random, file) => Uint8Array.from([...file, ...Array(1 + random.int(16)).fill(0)]),
  // one tensor of the header, or the card
  changed(somewhere),
  changed(somewhere),
  changed((random, header) => {
    const metadata = header.__metadata__ as Json
    const card = JSON.parse(metadata.tasn as string) as Json
    somewhere(random, card)
    metadata.tasn = JSON.stringify(card)
  }),
  changed((random, header) => {
    const metadata = header.__metadata__ as Json
    const deep = '['.repeat(1 + random.int(100_000))
    metadata.tasn = pick(random, ['', '{', 'null', deep, `{"config":${deep}`, '{"config":{},"classes":[]}'])
  }),
  // two tensors exchanged, one twice, one with a text that is nested without end
  changed((random, header) => {
    const names = Object.keys(header)
    const [a, b] = [pick(random, names), pick(random, names)]
    const held = header[a]
    header[a] = header[b]
    header[b] = held
  }),
  (random, file) => {
    const header = headerOf(file)
    const entries = header
      .trim()
      .slice(1, -1)
      .split(/,(?=")/)
    return withHeader(file, `{${[...entries, pick(random, entries)].join()}}`)
  },
  (random, file) => {
    const deep = '['.repeat(1 + random.int(100_000))
    return withHeader(file, headerOf(file).replace(/\[/, `${deep}${']'.repeat(deep.length)},[`))
  },
  // numbers that are none
  (random, file) => {
    const start = 8 + lengthOf(file)
    const count = Math.floor((file.length - start) / 4)
    if (!count) return file
    const at = start + 4 * random.int(count)
    new DataView(file.buffer).setFloat32(at, pick(random, [NaN, Infinity, -Infinity, 3e38]), true)
    return file
  },
]
