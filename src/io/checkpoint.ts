/** Tensors in .safetensors files, streamed: reading one takes no more memory than its tensors. */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import type { Tensor } from '../engine/tensor.ts'
import { read, write } from '../engine/transfer.ts'
import { convert, ELEMENT_BYTES } from './element_types.ts'
import { type Entry, encodeHeader, type Header, headerLength, parseHeader, readableType } from './header.ts'
import type { HostTensor, SafetensorsFile } from './safetensors.ts'

/**
 * Writes the tensors under their names, one after another: none waits in memory for the next. The file appears under
 * its name when it is whole, so an interrupted writing leaves the file that was there before.
 *
 * @throws if the file cannot be written, or a tensor has no memory.
 */
export async function saveTensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const unfinished = `${file}.part`
  const handle = await open(unfinished, 'w').catch((error: Error) => {
    throw new Error(`cannot write ${file}: ${error.message}`)
  })
  try {
    await writeAll(handle, encodeHeader(new Map([...tensors].map(([name, { shape }]) => [name, shape])), metadata))
    for (const t of tensors.values()) await writeAll(handle, new Uint8Array((await read(t)).buffer))
    await handle.sync()
    await handle.close()
    await rename(unfinished, file)
  } catch (error) {
    await handle.close().catch(() => {}) // it may be closed already
    await rm(unfinished, { force: true })
    throw new Error(`cannot write ${file}: ${(error as Error).message}`)
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten
}

/** Number of bytes that are converted to float32 at a time: a multiple of every element's size. */
const CHUNK = 1 << 20

/**
 * Reads the tensors of a file as float32: all, or those whose names `only` wants.
 *
 * @throws an error that names the file, if it cannot be read, breaks any rule of the format, or has a wanted tensor of
 *   an element type without a conversion.
 */
export async function readTensors(
  file: string,
  only: (name: string) => boolean = () => true,
): Promise<SafetensorsFile> {
  return opened(file, async (handle, { entries, metadata }) => {
    const tensors = new Map<string, HostTensor>()
    for (const entry of entries)
      if (only(entry.name)) tensors.set(entry.name, { shape: entry.shape, data: await numbers(handle, entry, file) })
    return { tensors, metadata, file }
  })
}

/**
 * Reads what a file holds, without its numbers: enough to see if they are wanted.
 *
 * @throws an error that names the file, if it cannot be read or breaks any rule of the format.
 */
export const readHeader = (file: string): Promise<Header> => opened(file, async (_, header) => header)

async function opened<T>(file: string, use: (handle: FileHandle, header: Header) => Promise<T>): Promise<T> {
  const unreadable = (error: Error) => {
    throw new Error(`cannot read ${file}: ${error.message}`)
  }
  // Before it is opened: opening a pipe waits for somebody who writes into it.
  if (!(await stat(file).catch(unreadable)).isFile()) throw new Error(`cannot read ${file}: it is not a file`)
  const handle = await open(file).catch(unreadable)
  try {
    const { size } = await handle.stat()
    const first = await bytesAt(handle, 0, Math.min(8, size), file)
    const length = headerLength(first, size, file)
    return await use(handle, parseHeader(await bytesAt(handle, 8, length, file), size, file))
  } finally {
    await handle.close()
  }
}

async function numbers(handle: FileHandle, entry: Entry, file: string): Promise<Float32Array<ArrayBuffer>> {
  const { from, to } = entry
  const dtype = readableType(entry, file)
  if (dtype === 'F32') return new Float32Array((await bytesAt(handle, from, to - from, file)).buffer)
  const data = new Float32Array((to - from) / ELEMENT_BYTES[dtype])
  for (let at = from; at < to; at += CHUNK) {
    convert(dtype, await bytesAt(handle, at, Math.min(CHUNK, to - at), file), data, (at - from) / ELEMENT_BYTES[dtype])
  }
  return data
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

/**
 * Copies host tensors into tensors of the same names and shapes. Names that only the file has are ignored.
 *
 * @param what the tensors' origin, for the error.
 * @throws if any is missing or of another shape, before anything has changed.
 */
export function restore(
  tensors: ReadonlyMap<string, Tensor>,
  from: ReadonlyMap<string, HostTensor>,
  what: string,
): void {
  const wrong = [...tensors]
    .filter(([name, t]) => `${from.get(name)?.shape}` !== `${t.shape}`)
    .map(
      ([name, t]) =>
        `${name}: the file has ${from.has(name) ? `[${from.get(name)!.shape}]` : 'none'}, [${t.shape}] is needed`,
    )
  if (wrong.length) {
    const more = wrong.length > 8 ? `\n  and ${wrong.length - 8} more` : ''
    throw new Error(`${what} does not fit this model:\n  ${wrong.slice(0, 8).join('\n  ')}${more}`)
  }
  for (const [name, t] of tensors) write(t, from.get(name)!.data)
}
