/** A second reader of .safetensors, slow and plain: it shares nothing with the one that it judges. */

export interface Plain {
  readonly dtype: string
  readonly shape: number[]
  readonly bytes: Uint8Array
}

type Json = null | boolean | number | string | Json[] | { readonly pairs: [string, Json][] }

const BITS: Record<string, number> = { F64: 64, F32: 32, F16: 16, BF16: 16, I64: 64, I32: 32, U8: 8, BOOL: 8 }

/** The tensors of a file by name, or undefined if it breaks a rule of the format. */
export function plainRead(file: Uint8Array): Map<string, Plain> | undefined {
  try {
    return readOrThrow(file)
  } catch {
    return undefined
  }
}

function readOrThrow(file: Uint8Array): Map<string, Plain> {
  const must = (ok: boolean): void => {
    if (!ok) throw new Error('broken')
  }
  must(file.length >= 8)
  let length = 0
  for (let i = 7; i >= 0; i--) length = length * 256 + file[i]!
  must(length <= 100e6 && 8 + length <= file.length && file[8] === '{'.charCodeAt(0))
  const header = parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.slice(8, 8 + length)))
  const numbers = file.slice(8 + length)
  const fields = (v: Json): [string, Json][] => {
    must(typeof v === 'object' && v !== null && 'pairs' in v)
    const { pairs } = v as { pairs: [string, Json][] }
    must(new Set(pairs.map(([k]) => k)).size === pairs.length)
    return pairs
  }
  const whole = (v: Json): number => {
    must(typeof v === 'number' && Number.isSafeInteger(v) && v >= 0 && !Object.is(v, -0))
    return v as number
  }
  const list = (v: Json): Json[] => {
    must(Array.isArray(v))
    return v as Json[]
  }
  const covered = new Uint8Array(numbers.length)
  const found = new Map<string, Plain>()
  const empty: number[] = []
  for (const [name, value] of fields(header)) {
    if (name === '__metadata__') {
      for (const [, text] of fields(value)) must(typeof text === 'string')
      continue
    }
    const entry = new Map(fields(value))
    must(entry.size === 3 && entry.has('dtype') && entry.has('shape') && entry.has('data_offsets'))
    const dtype = entry.get('dtype') as string
    const bits = BITS[dtype]
    must(bits !== undefined && Object.hasOwn(BITS, dtype))
    const shape = list(entry.get('shape')!).map(whole)
    const [from, to, ...rest] = list(entry.get('data_offsets')!).map(whole)
    must(from !== undefined && to !== undefined && !rest.length && from <= to && to <= numbers.length)
    must(BigInt(to! - from!) * 8n === shape.reduce((n, d) => n * BigInt(d), 1n) * BigInt(bits!))
    for (let i = from!; i < to!; i++) {
      must(covered[i] === 0)
      covered[i] = 1
    }
    if (from === to) empty.push(from!)
    found.set(name, { dtype, shape, bytes: numbers.slice(from, to) })
  }
  must(covered.every(n => n === 1))
  // An empty tensor lies between two others, not inside one.
  const ends = new Set([0, numbers.length])
  for (const { 1: value } of fields(header).filter(([n]) => n !== '__metadata__')) {
    const offsets = new Map(fields(value)).get('data_offsets') as number[]
    if (offsets[0] !== offsets[1]) for (const o of offsets) ends.add(o)
  }
  must(empty.every(o => ends.has(o)))
  return found
}

/** JSON (RFC 8259) with objects as lists of pairs, so that a name that comes twice can be seen. */
function parse(text: string): Json {
  let at = 0
  const fail = (): never => {
    throw new Error('no JSON')
  }
  const space = (): void => {
    while (' \t\n\r'.includes(text[at] ?? 'x')) at++
  }
  const take = (c: string): void => {
    space()
    if (text[at++] !== c) fail()
  }
  const peek = (): string | undefined => {
    space()
    return text[at]
  }
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const m = pattern.exec(text)
    if (!m) return fail()
    at += m[0].length
    return m[0]
  }
  const string = (): string => {
    space()
    return JSON.parse(match(/"(?:[ !#-[\]-\u{10ffff}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/uy)) as string
  }
  const several = <T>(open: string, close: string, one: () => T): T[] => {
    const found: T[] = []
    take(open)
    if (peek() === close) {
      at++
      return found
    }
    for (;;) {
      found.push(one())
      if (peek() === close) {
        at++
        return found
      }
      take(',')
    }
  }
  const value = (): Json => {
    const c = peek()
    if (c === '{')
      return {
        pairs: several('{', '}', () => {
          const key = string()
          take(':')
          return [key, value()] as [string, Json]
        }),
      }
    if (c === '[') return several('[', ']', value)
    if (c === '"') return string()
    const word = match(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
    return word === 'true' ? true : word === 'false' ? false : word === 'null' ? null : Number(word)
  }
  const result = value()
  space()
  return at === text.length ? result : fail()
}

/** An element as a number. */
export function element({ dtype, bytes }: Plain, i: number): number {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (dtype) {
    case 'F64':
      return v.getFloat64(8 * i, true)
    case 'F32':
      return v.getFloat32(4 * i, true)
    case 'I64':
      return Number(v.getBigInt64(8 * i, true))
    case 'I32':
      return v.getInt32(4 * i, true)
    case 'U8':
      return v.getUint8(i)
    case 'BOOL':
      return v.getUint8(i) ? 1 : 0
    case 'BF16': {
      const w = new DataView(new ArrayBuffer(4))
      w.setUint16(0, v.getUint16(2 * i, true))
      return w.getFloat32(0)
    }
    default: {
      // F16
      const b = v.getUint16(2 * i, true)
      const e = (b >> 10) & 31
      const f = b & 1023
      const s = b >> 15 ? -1 : 1
      return e === 31 ? (f ? NaN : s / 0) : s * 2 ** (Math.max(e, 1) - 25) * (f + (e ? 1024 : 0))
    }
  }
}
