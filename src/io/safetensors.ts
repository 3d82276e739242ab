/** The .safetensors format: a length, a JSON header, raw little-endian numbers. Written and read as float32. */

/** A tensor on the host. */
export interface HostTensor { readonly shape: readonly number[], readonly data: Float32Array<ArrayBuffer> }

export interface SafetensorsFile { readonly tensors: Map<string, HostTensor>, readonly metadata: Record<string, string> }

/** The bytes of a file that holds these tensors, in this order. */
export function encodeSafetensors(tensors: ReadonlyMap<string, HostTensor>, metadata: Record<string, string> = {}): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  // Padded with spaces to a multiple of 8, so that the numbers behind it are aligned.
  const json = JSON.stringify(header), text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8))
  const bytes = new Uint8Array(8 + text.length + offset)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  let at = 8 + text.length
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

/** Reads a file's bytes. Throws, with `name`, on anything that breaks the format, and on element types other than F32. */
export function decodeSafetensors(bytes: Uint8Array<ArrayBuffer>, name: string): SafetensorsFile {
  const fail = (what: string): never => { throw new Error(`${name} is not a whole .safetensors file: ${what}`) }
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, the length of its header alone takes 8`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), length = view.getBigUint64(0, true)
  if (length > BigInt(bytes.length - 8)) fail(`its header claims ${length} bytes, the file has ${bytes.length}`)
  const start = 8 + Number(length)
  const header = parse(new TextDecoder().decode(bytes.subarray(8, start)), fail)
  const { __metadata__: metadata = {}, ...entries } = header
  const tensors = new Map<string, HostTensor>()
  for (const [key, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: [from, to] = [] } = entry as { dtype?: string, shape?: number[], data_offsets?: number[] }
    if (dtype !== 'F32') fail(`${key} has the element type ${dtype}; F32 is read`)
    const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0
    if (!Array.isArray(shape) || !shape.every(isCount) || !isCount(from) || !isCount(to)) fail(`the entry of ${key} has no valid shape and offsets`)
    else {
      const size = 4 * shape.reduce((a, b) => a * b, 1)
      if (to - from !== size || start + to > bytes.length) fail(`${key} [${shape}] takes ${size} bytes, its offsets are ${from} to ${to} of ${bytes.length - start}`)
      // Not bytes.slice(): on Node's Buffer that is a view of the whole file.
      tensors.set(key, { shape, data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to)) })
    }
  }
  return { tensors, metadata: metadata as Record<string, string> }
}

function parse(text: string, fail: (what: string) => never): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text)
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return header as Record<string, unknown>
  } catch { /* told below */ }
  return fail('its header is not a JSON object')
}
