/** Tensors as the bytes of a .safetensors file, the same ones that checkpoint.ts writes: for pages, without files. */
import type { Tensor } from '../engine/tensor.ts'
import { read } from '../engine/transfer.ts'
import { blanked, CHECKSUM, damaged, NO_CHECKSUM, placeOf } from './checksum.ts'
import { NotFiniteTensor, notFinite } from './finite.ts'
import { headerLength } from './header.ts'
import { decodeSafetensors, encodeSafetensors, type HostTensor, type SafetensorsFile } from './safetensors.ts'

/**
 * The bytes that saveTensors() writes for the same tensors and metadata, with their checksum.
 *
 * @throws NotFiniteTensor if one holds a number that is not finite; an error if one has no memory.
 */
export async function encodeTensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const onHost = new Map<string, HostTensor>()
  for (const [name, t] of tensors) {
    const data = await read(t)
    const fault = notFinite(name, data)
    if (fault) throw new NotFiniteTensor(fault)
    onHost.set(name, { shape: t.shape, data })
  }
  const bytes = encodeSafetensors(onHost, { ...metadata, [CHECKSUM]: NO_CHECKSUM })
  bytes.set(new TextEncoder().encode(await sumOf(bytes)), placeOf(beginning(bytes), NO_CHECKSUM))
  return bytes
}

/**
 * Reads such bytes, as readTensors() reads a file.
 *
 * @param file their name in errors.
 * @throws if they break any rule of the format, or have a checksum that is not theirs.
 */
export async function decodeTensors(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<SafetensorsFile> {
  const content = decodeSafetensors(bytes, file)
  const wanted = content.metadata[CHECKSUM]
  if (wanted !== undefined && (await sumOf(bytes, wanted)) !== wanted) throw damaged(file, content.tensors)
  return content
}

/** Everything before the numbers. */
const beginning = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  bytes.subarray(0, 8 + headerLength(bytes.subarray(0, 8), bytes.length, 'the file'))

/** SHA-256 of a whole file in which the checksum `sum` counts as zeros, in hex. */
async function sumOf(bytes: Uint8Array<ArrayBuffer>, sum = NO_CHECKSUM): Promise<string> {
  const whole = bytes.slice()
  whole.set(blanked(beginning(bytes), sum))
  const digest = await crypto.subtle.digest('SHA-256', whole)
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}
