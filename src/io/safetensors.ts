/**
 * The .safetensors format: eight bytes with the length of a header, the header (JSON: for every name an element type, a
 * shape, and where its numbers begin and end), then the numbers, row-major and little-endian, without gaps.
 * Rules: github.com/huggingface/safetensors, README "Format" and validate() of its reader. No file access in here: see
 * checkpoint.ts.
 */

/** A tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array<ArrayBuffer>
}

export interface SafetensorsFile {
  readonly tensors: Map<string, HostTensor>
  readonly metadata: Record<string, string>
}

/** Where a file keeps a tensor: bytes from..to-1 of the file. */
export interface Entry {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

export interface Header {
  readonly entries: readonly Entry[]
  readonly metadata: Record<string, string>
}

/** Element types that are read, with their bytes. All become float32: F64, I32 and I64 are rounded to the nearest. */
const SIZES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const
export type DType = keyof typeof SIZES

/** The format's own limit, which keeps a lying length from asking for memory. */
const MAX_HEADER = 100_000_000

type Fail = (what: string) => never
const failing =
  (file: string): Fail =>
  what => {
    throw new Error(`${file} is not a valid .safetensors file: ${what}`)
  }

// ---- reading
// -------------------------------------------------------------------------------------------------------------------

/** Bytes of the header of a file of `size` bytes that begins with these eight. Throws if it cannot be. */
export function headerLength(first: Uint8Array, size: number, file: string): number {
  const fail = failing(file)
  if (first.length < 8) fail(`it has ${size} bytes, and the length of its header alone takes 8`)
  if (first[0] === 0x50 && first[1] === 0x4b && first[2] === 3 && first[3] === 4) {
    fail(
      'it is a zip archive, as torch.save() writes them; in Python: ' +
        'from safetensors.torch import save_file; save_file(torch.load("weights.pth"), "weights.safetensors")',
    )
  }
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER))
    fail(`its header claims ${length} bytes, more than the ${MAX_HEADER} that the format allows`)
  if (length > BigInt(size - 8)) fail(`its header claims ${length} bytes, and ${size - 8} are left in the file`)
  return Number(length)
}

/**
 * Reads and checks the header of a file of `size` bytes: every rule of the format, so that whoever follows the entries
 * stays inside the file and reads each byte once. Entries come in the order of their bytes.
 */
export function parseHeader(header: Uint8Array, size: number, file: string): Header {
  const fail = failing(file)
  if (header[0] !== 0x7b) fail('its header does not begin with "{"')
  let text: string
  let parsed: Record<string, unknown>
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header)
    parsed = JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    return fail(`its header is not a JSON object in UTF-8 (${(error as Error).message.slice(0, 100)})`)
  }
  const twice = duplicateKey(text)
  if (twice !== undefined) fail(`its header has the name ${quote(twice)} twice`)

  const { __metadata__: metadata = {}, ...described } = parsed
  if (!isObject(metadata) || !Object.values(metadata).every(v => typeof v === 'string'))
    fail('its __metadata__ is not a map of texts')
  const start = 8 + header.length
  const entries = Object.entries(described)
    .map(([name, entry]) => parseEntry(name, entry, start, fail))
    .sort((a, b) => a.from - b.from || a.to - b.to)
  let end = start
  for (const { name, from, to } of entries) {
    if (from !== end)
      fail(
        `${quote(name)} begins at byte ${from - start} of the numbers, ` +
          `${from < end ? 'inside another tensor' : 'behind a gap'}: ${end - start} was expected`,
      )
    end = to
  }
  if (end !== size)
    fail(
      `its tensors end at byte ${end}, the file at ${size}: ` +
        `${end > size ? 'it is cut short' : 'something else is behind them'}`,
    )
  return { entries, metadata: metadata as Record<string, string> }
}

function parseEntry(name: string, entry: unknown, start: number, fail: Fail): Entry {
  const is = (what: string) => fail(`the entry of ${quote(name)} ${what}`)
  if (!isObject(entry)) return is('is not an object')
  const { dtype, shape, data_offsets: offsets, ...rest } = entry
  const extra = Object.keys(rest)[0]
  if (extra !== undefined) is(`has a field ${quote(extra)}; dtype, shape and data_offsets belong there`)
  if (typeof dtype !== 'string') return is('has no dtype')
  if (!Object.hasOwn(SIZES, dtype))
    return is(`has the element type ${quote(dtype)}; read are ${Object.keys(SIZES).join(', ')}`)
  const counts = (v: unknown): v is number[] =>
    Array.isArray(v) && v.every(n => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0))
  if (!counts(shape)) return is(`has the shape ${quote(JSON.stringify(shape))}: whole numbers from 0 are needed`)
  if (!counts(offsets) || offsets.length !== 2)
    return is(`has the data_offsets ${quote(JSON.stringify(offsets))}: [begin, end] are needed`)
  const [from, to] = offsets as [number, number]
  const bytes = shape.reduce((a, b) => a * b, 1) * SIZES[dtype as DType]
  if (to - from !== bytes)
    is(`says ${dtype} [${shape}], which takes ${bytes} bytes; its offsets ${from} to ${to} are ${to - from} apart`)
  return { name, dtype: dtype as DType, shape, from: start + from, to: start + to }
}

/** A name that an object of this valid JSON text has twice: JSON.parse() would silently take the last. */
function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (colon !== undefined) {
      const key = JSON.parse(token.slice(0, -colon.length)) as string
      const keys = open.at(-1)!
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}

/** Elements of a tensor as float32, from `at` on in `out`. `bytes` holds whole elements. */
export function convert(dtype: DType, bytes: Uint8Array<ArrayBuffer>, out: Float32Array, at: number): void {
  if (dtype === 'F32') {
    new Uint8Array(out.buffer, out.byteOffset + 4 * at, bytes.length).set(bytes)
    return
  }
  const { buffer, byteOffset } = bytes.byteOffset % 8 ? bytes.slice() : bytes
  const n = bytes.length / SIZES[dtype]
  if (dtype === 'F64') out.set(new Float64Array(buffer, byteOffset, n), at)
  else if (dtype === 'I32') out.set(new Int32Array(buffer, byteOffset, n), at)
  else if (dtype === 'U8') out.set(bytes, at)
  else if (dtype === 'BOOL') for (let i = 0; i < n; i++) out[at + i] = bytes[i] ? 1 : 0
  else if (dtype === 'BF16') {
    // A bfloat16 is the upper half of a float32.
    const bits = new Uint32Array(out.buffer, out.byteOffset + 4 * at, n)
    const half = new Uint16Array(buffer, byteOffset, n)
    for (let i = 0; i < n; i++) bits[i] = half[i]! << 16
  } else if (dtype === 'F16') {
    const table = (halves ??= Float32Array.from({ length: 65536 }, (_, i) => half(i)))
    const v = new Uint16Array(buffer, byteOffset, n)
    for (let i = 0; i < n; i++) out[at + i] = table[v[i]!]!
  } else {
    const low = new Uint32Array(buffer, byteOffset, 2 * n)
    const high = new Int32Array(buffer, byteOffset, 2 * n)
    for (let i = 0; i < n; i++) out[at + i] = high[2 * i + 1]! * 2 ** 32 + low[2 * i]!
  }
}

let halves: Float32Array | undefined
/** The value of an IEEE 754 half-precision number: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  return (
    sign *
    (exponent === 31
      ? fraction
        ? NaN
        : Infinity
      : exponent
        ? 2 ** (exponent - 15) * (1 + fraction / 1024)
        : (2 ** -14 * fraction) / 1024)
  )
}

/**
 * Reads a file that is in memory, as in a browser. `file` names it in errors: anything that breaks the format is one.
 */
export function decodeSafetensors(bytes: Uint8Array<ArrayBuffer>, file: string): SafetensorsFile {
  const length = headerLength(bytes.subarray(0, 8), bytes.length, file)
  const { entries, metadata } = parseHeader(bytes.subarray(8, 8 + length), bytes.length, file)
  const tensors = new Map(
    entries.map(({ name, dtype, shape, from, to }): [string, HostTensor] => {
      const data = new Float32Array((to - from) / SIZES[dtype])
      convert(dtype, bytes.subarray(from, to), data, 0)
      return [name, { shape, data }]
    }),
  )
  return { tensors, metadata }
}

/** Bytes of one element. */
export const elementBytes = (dtype: DType): number => SIZES[dtype]

// ---- writing
// -------------------------------------------------------------------------------------------------------------------

/** The beginning of a file that holds float32 tensors of these shapes in this order: what comes before the numbers. */
export function encodeHeader(
  shapes: ReadonlyMap<string, readonly number[]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = [['__metadata__', metadata]]
  let offset = 0
  for (const [name, shape] of shapes) {
    if (name === '__metadata__') throw new Error('.safetensors: no tensor can be called __metadata__')
    const end = offset + 4 * shape.reduce((a, b) => a * b, 1)
    header.push([name, { dtype: 'F32', shape, data_offsets: [offset, end] }])
    offset = end
  }
  const wrong = Object.entries(metadata).find(([, v]) => typeof v !== 'string')
  if (wrong) throw new Error(`.safetensors: metadata are texts, ${wrong[0]} is ${typeof wrong[1]}`)
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  if (json.length > MAX_HEADER)
    throw new Error(`.safetensors: the header takes ${json.length} bytes, the format allows ${MAX_HEADER}`)
  // Padded with spaces to a multiple of 8, so that the numbers behind it are aligned.
  const length = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, 8)
  return bytes
}

/** The bytes of a file that holds these tensors, in this order. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(new Map([...tensors].map(([name, { shape }]) => [name, shape])), metadata)
  const bytes = new Uint8Array([...tensors.values()].reduce((n, { data }) => n + data.byteLength, header.length))
  bytes.set(header)
  let at = header.length
  for (const [name, { shape, data }] of tensors) {
    checkLength(name, shape, data)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

/** Throws unless there are as many numbers as the shape says. */
export function checkLength(name: string, shape: readonly number[], data: Float32Array): void {
  const size = shape.reduce((a, b) => a * b, 1)
  if (data.length !== size)
    throw new Error(`.safetensors: ${name} [${shape}] takes ${size} numbers, found ${data.length}`)
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)
const quote = (text: string | undefined): string =>
  JSON.stringify(text !== undefined && text.length > 60 ? `${text.slice(0, 60)}...` : (text ?? null))
