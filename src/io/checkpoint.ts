/** Tensors in .safetensors files, streamed: reading one takes no more memory than its tensors. */
import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Tensor } from '../engine/tensor.ts'
import { blanked, CHECKSUM, damaged, NO_CHECKSUM, placeOf } from './checksum.ts'
import { append, writeWhole } from './durable.ts'
import { convert, ELEMENT_BYTES } from './element_types.ts'
import { finiteNumbers } from './finite.ts'
import { type Entry, encodeHeader, type Header, headerLength, parseHeader, readableType } from './header.ts'
import type { HostTensor, SafetensorsFile } from './safetensors.ts'

/**
 * Writes the tensors under their names, one after another: none waits in memory for the next. The file appears under
 * its name when it is whole and on the disk, so an interrupted writing leaves the file that was there before. Its
 * metadata get a checksum of all bytes, by which readTensors() knows a damaged file.
 *
 * @throws WriteError if the file cannot be written, a tensor has no memory, or one holds a number that is not finite:
 *   such numbers are nobody's to train on.
 */
export async function saveTensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor | HostTensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]))
  const header = encodeHeader(shapes, { ...metadata, [CHECKSUM]: NO_CHECKSUM })
  await writeWhole(file, async handle => {
    const sum = sumOf(header, NO_CHECKSUM)
    await append(handle, header)
    for (const [name, t] of tensors) {
      const { buffer, byteOffset, byteLength } = await finiteNumbers(name, t)
      const bytes = new Uint8Array(buffer, byteOffset, byteLength)
      sum.update(bytes)
      await append(handle, bytes)
    }
    await handle.write(Buffer.from(sum.digest('hex')), 0, NO_CHECKSUM.length, placeOf(header, NO_CHECKSUM))
  })
}

/** Number of bytes that are read at a time where they are not kept: a multiple of every element's size. */
const CHUNK = 1 << 20

/**
 * Reads the tensors of a file as float32: all, or those whose names `only` wants.
 *
 * @throws an error that names the file, if it cannot be read, breaks any rule of the format, has a wanted tensor of an
 *   element type without a conversion, or has a checksum that its bytes do not have.
 */
export async function readTensors(
  file: string,
  only: (name: string) => boolean = () => true,
): Promise<SafetensorsFile> {
  return opened(file, async (handle, { entries, metadata }, beginning) => {
    const wanted = metadata[CHECKSUM]
    const sum = wanted === undefined ? undefined : sumOf(beginning, wanted)
    const tensors = new Map<string, HostTensor>()
    for (const entry of entries) {
      const data = only(entry.name) ? await numbers(handle, entry, file, sum) : undefined
      if (data) tensors.set(entry.name, { shape: entry.shape, data })
      else if (sum) await chunks(handle, entry, file, bytes => sum.update(bytes))
    }
    if (sum && sum.digest('hex') !== wanted) throw damaged(file, tensors)
    return { tensors, metadata, file }
  })
}

/** Begins the sum of a file, of which `header` is everything before the numbers and holds the checksum `sum`. */
const sumOf = (header: Uint8Array<ArrayBuffer>, sum: string): Hash => createHash('sha256').update(blanked(header, sum))

/**
 * Reads what a file holds, without its numbers: enough to see if they are wanted.
 *
 * @throws an error that names the file, if it cannot be read or breaks any rule of the format.
 */
export const readHeader = (file: string): Promise<Header> => opened(file, async (_, header) => header)

/** Opens a file and reads its header. `beginning` are all bytes before the numbers. */
async function opened<T>(
  file: string,
  use: (handle: FileHandle, header: Header, beginning: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  const unreadable = (error: Error) => {
    throw new Error(`cannot read ${file}: ${error.message}`)
  }
  // Before it is opened: opening a pipe waits for somebody who writes into it.
  if (!(await stat(file).catch(unreadable)).isFile()) throw new Error(`cannot read ${file}: it is not a file`)
  const handle = await open(file).catch(unreadable)
  try {
    const { size } = await handle.stat()
    const first = await bytesAt(handle, 0, Math.min(8, size), file)
    const beginning = await bytesAt(handle, 0, 8 + headerLength(first, size, file), file)
    return await use(handle, parseHeader(beginning.subarray(8), size, file), beginning)
  } finally {
    await handle.close()
  }
}

/** Reads the numbers of a tensor as float32, and adds their bytes to the sum, where there is one. */
async function numbers(
  handle: FileHandle,
  entry: Entry,
  file: string,
  sum: Hash | undefined,
): Promise<Float32Array<ArrayBuffer>> {
  const dtype = readableType(entry, file)
  const data = new Float32Array((entry.to - entry.from) / ELEMENT_BYTES[dtype])
  let done = 0
  await chunks(handle, entry, file, bytes => {
    sum?.update(bytes)
    convert(dtype, bytes, data, done)
    done += bytes.length / ELEMENT_BYTES[dtype]
  })
  return data
}

/** Reads the bytes of a tensor piece by piece. */
async function chunks(
  handle: FileHandle,
  { from, to }: Entry,
  file: string,
  use: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  for (let at = from; at < to; at += CHUNK) use(await bytesAt(handle, at, Math.min(CHUNK, to - at), file))
}

/** Reads bytes of a file into a buffer of their own. */
async function bytesAt(
  handle: FileHandle,
  from: number,
  length: number,
  file: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, from + done)
    if (!bytesRead) throw new Error(`cannot read ${file}: it became shorter while it was read`)
    done += bytesRead
  }
  return bytes
}
