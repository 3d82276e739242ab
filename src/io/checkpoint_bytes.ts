/** Tensors as the bytes of a .safetensors file, the same ones that checkpoint.ts writes: for pages, without files. */
import type { Tensor } from '../engine/tensor.ts'
import { beginning, CHECKSUM, checkSum, NO_CHECKSUM, placeOf, sumOfBytes } from './checksum.ts'
import { finiteNumbers } from './finite.ts'
import { decodeSafetensors, encodeSafetensors, type HostTensor, type SafetensorsFile } from './safetensors.ts'

/**
 * The bytes that saveTensors() writes for the same tensors and metadata, with their checksum.
 *
 * @throws NotFiniteTensor if one holds a number that is not finite; an error if one has no memory.
 */
export async function encodeTensors(
  tensors: ReadonlyMap<string, Tensor | HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const onHost = new Map<string, HostTensor>()
  for (const [name, t] of tensors) onHost.set(name, { shape: t.shape, data: await finiteNumbers(name, t) })
  const bytes = encodeSafetensors(onHost, { ...metadata, [CHECKSUM]: NO_CHECKSUM })
  bytes.set(new TextEncoder().encode(await sumOfBytes(bytes, NO_CHECKSUM)), placeOf(beginning(bytes), NO_CHECKSUM))
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
  await checkSum(bytes, content, file)
  return content
}
