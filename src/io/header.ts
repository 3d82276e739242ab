/**
 * The beginning of a .safetensors file: eight bytes with the length of a header, then the header. That is JSON with an
 * element type, a shape, and the first and last byte of every tensor. Rules: github.com/huggingface/safetensors, README
 * "Format", and validate() of its reader.
 */
import { bytesOf, ELEMENT_BYTES, type ElementType, isReadable } from './element_types.ts'
import { isObject } from './json.ts'
import { printable, printableJson, quote } from './printable.ts'

/** A tensor's place: the bytes from `from` to before `to` of the file. */
export interface Entry {
  readonly name: string
  /** As the file has it: readableType() tells if it can be converted. */
  readonly dtype: string
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

export interface Header {
  /** Sorted by their bytes. */
  readonly entries: readonly Entry[]
  readonly metadata: Record<string, string>
}

/**
 * Limit on a header, in bytes: it keeps a file from asking for memory and time. The format allows 25 times as many; the
 * header of a ResNet-152 takes 100,000.
 */
const MAX_HEADER = 4_000_000

type Fail = (fault: string) => never
const failing =
  (file: string): Fail =>
  fault => {
    throw new Error(`${file} is not a valid .safetensors file: ${fault}`)
  }

/**
 * Reads the length of the header, in bytes, from the first eight bytes of a file of `size` bytes.
 *
 * @throws an error that names the file, if it cannot be a .safetensors file.
 */
export function headerLength(first: Uint8Array, size: number, file: string): number {
  const fail = failing(file)
  if (first.length < 8) fail(`it has ${size} bytes, and the length of its header alone takes 8`)
  const begins = (...bytes: number[]) => bytes.every((byte, i) => first[i] === byte)
  if (begins(0x50, 0x4b, 3, 4))
    fail(
      'it is a zip archive, as torch.save() writes them; in Python: ' +
        'from safetensors.torch import save_file; save_file(torch.load("weights.pth"), "weights.safetensors")',
    )
  if (begins(0x89, 0x48, 0x44, 0x46))
    fail('it is an HDF5 file, as Keras writes them; a program in examples/README.md#presets makes .safetensors of it')
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER))
    fail(
      `it does not begin like one: its header would have ${length} bytes, more than the ${MAX_HEADER} that are read ` +
        'here; src/README.md#weights-in-and-out converts .pth and .bin files',
    )
  if (length > BigInt(size - 8)) fail(`its header claims ${length} bytes, and ${size - 8} are left in the file`)
  return Number(length)
}

/**
 * Reads and checks the header of a file of `size` bytes. It checks every rule of the format, so following the entries
 * stays inside the file and reads each byte once.
 *
 * @throws an error that names the file and the rule it breaks.
 */
export function parseHeader(header: Uint8Array, size: number, file: string): Header {
  const fail = failing(file)
  const { __metadata__: metadata = {}, ...described } = parseObject(header, fail)
  if (!isObject(metadata) || !Object.values(metadata).every(v => typeof v === 'string'))
    fail('its __metadata__ is not a map of texts')
  const start = 8 + header.length
  const entries = Object.entries(described)
    .map(([name, entry]) => parseEntry(name, entry, start, fail))
    .sort((a, b) => a.from - b.from || a.to - b.to)
  checkPlaces(entries, start, size, fail)
  return { entries, metadata: metadata as Record<string, string> }
}

function parseObject(header: Uint8Array, fail: Fail): Record<string, unknown> {
  if (header[0] !== 0x7b) fail('its header does not begin with "{"')
  let text: string
  let parsed: Record<string, unknown>
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header)
    parsed = JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    return fail(`its header is not a JSON object in UTF-8 (${printable((error as Error).message, 100)})`)
  }
  const twice = duplicateKey(text)
  if (twice !== undefined) fail(`its header has the name ${quote(twice)} twice`)
  return parsed
}

/**
 * Finds a name that an object of this valid JSON text has twice. JSON.parse() would silently take the last. Read letter
 * by letter: a regular expression fails on texts of some megabytes.
 */
function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = []
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') open.push(new Set())
    else if (text[i] === '}') open.pop()
    if (text[i] !== '"') continue
    const start = i++
    for (; text[i] !== '"'; i++) if (text[i] === '\\') i++
    let next = i + 1
    while (' \t\n\r'.includes(text[next]!)) next++
    if (text[next] !== ':') continue
    const key = JSON.parse(text.slice(start, i + 1)) as string
    if (open.at(-1)!.has(key)) return key
    open.at(-1)!.add(key)
  }
  return undefined
}

function parseEntry(name: string, entry: unknown, start: number, fail: Fail): Entry {
  const is = (fault: string) => fail(`the entry of ${quote(name)} ${fault}`)
  if (!isObject(entry)) return is('is not an object')
  const { dtype, shape, data_offsets: offsets, ...rest } = entry
  const extra = Object.keys(rest)[0]
  if (extra !== undefined) is(`has a field ${quote(extra)}; dtype, shape and data_offsets belong there`)
  if (typeof dtype !== 'string') return is('has no dtype')
  if (!areCounts(shape)) return is(`has the shape ${printableJson(shape)}: whole numbers from 0 are needed`)
  if (!areCounts(offsets) || offsets.length !== 2)
    return is(`has the data_offsets ${printableJson(offsets)}: [begin, end] are needed`)
  const [from, to] = offsets as [number, number]
  const elements = shape.reduce((a, b) => a * b, 1)
  const bytes = bytesOf(dtype, elements) ?? Math.max(0, to - from)
  if (to - from !== bytes)
    is(
      `says ${printable(dtype)} [${printable(`${shape}`)}], which takes ${bytes} bytes; its offsets ${from} to ${to} ` +
        `are ${to - from} apart`,
    )
  return { name, dtype, shape, from: start + from, to: start + to }
}

/** The element type of a tensor that is needed. @throws naming file and tensor, if it has no conversion to float32. */
export function readableType({ name, dtype }: Entry, file: string): ElementType {
  if (isReadable(dtype)) return dtype
  throw new Error(
    `${file}: the tensor ${quote(name)} has the element type ${quote(dtype)}; read are ` +
      `${Object.keys(ELEMENT_BYTES).join(', ')}. Convert it to F32`,
  )
}

/** Checks that the tensors follow one another from `start` to the end of the file without gaps. */
function checkPlaces(entries: readonly Entry[], start: number, size: number, fail: Fail): void {
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
}

/**
 * Writes everything of a file that comes before the numbers, for float32 tensors of these shapes in this order.
 *
 * @throws if a name, the metadata or the size is against the format.
 */
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

const areCounts = (v: unknown): v is number[] =>
  Array.isArray(v) && v.every(n => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0))
