/**
 * .safetensors files in memory: a header (header.ts), then the numbers of all tensors, row-major and little-endian,
 * without gaps. checkpoint.ts reads and writes files.
 */
import { convert, ELEMENT_BYTES } from './element_types.ts'
import { encodeHeader, headerLength, parseHeader, readableType } from './header.ts'

/** A tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array<ArrayBuffer>
}

/** The content of a file. */
export interface SafetensorsFile {
  readonly tensors: Map<string, HostTensor>
  readonly metadata: Record<string, string>
  /** Its name, for errors. */
  readonly file?: string
}

/**
 * Reads a file that is in memory, as in a browser. All element types become float32.
 *
 * @param file its name in errors.
 * @throws if it breaks any rule of the format, or a tensor has an element type without a conversion.
 */
export function decodeSafetensors(bytes: Uint8Array<ArrayBuffer>, file: string): SafetensorsFile {
  const length = headerLength(bytes.subarray(0, 8), bytes.length, file)
  const { entries, metadata } = parseHeader(bytes.subarray(8, 8 + length), bytes.length, file)
  const tensors = new Map(
    entries.map((entry): [string, HostTensor] => {
      const { name, shape, from, to } = entry
      const dtype = readableType(entry, file)
      const data = new Float32Array((to - from) / ELEMENT_BYTES[dtype])
      convert(dtype, bytes.subarray(from, to), data, 0)
      return [name, { shape, data }]
    }),
  )
  return { tensors, metadata, file }
}

/**
 * Writes the bytes of a file that holds these tensors, in this order.
 *
 * @throws if a tensor's shape and data do not fit, or a name or the metadata are against the format.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(new Map([...tensors].map(([name, { shape }]) => [name, shape])), metadata)
  const bytes = new Uint8Array([...tensors.values()].reduce((n, { data }) => n + data.byteLength, header.length))
  bytes.set(header)
  let at = header.length
  for (const [name, { shape, data }] of tensors) {
    const size = shape.reduce((a, b) => a * b, 1)
    if (data.length !== size)
      throw new Error(`.safetensors: ${name} [${shape}] takes ${size} numbers, found ${data.length}`)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}
