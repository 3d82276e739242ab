/** Checkpoints: everything a run needs to go on, in one .safetensors file. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { read, write } from '../execute.ts'
import type { Tensor } from '../tensor.ts'
import { decodeSafetensors, encodeSafetensors, type HostTensor, type SafetensorsFile } from './safetensors.ts'

/** Writes the tensors under their names. An interrupted write leaves the file that was there before. */
export async function saveTensors(file: string, tensors: ReadonlyMap<string, Tensor>, metadata: Record<string, string> = {}): Promise<void> {
  const host = new Map<string, HostTensor>()
  for (const [name, t] of tensors) host.set(name, { shape: t.shape, data: await read(t) })
  await writeFile(`${file}.part`, encodeSafetensors(host, metadata))
  await rename(`${file}.part`, file)
}

export async function readTensors(file: string): Promise<SafetensorsFile> {
  let bytes: Buffer<ArrayBuffer>
  try {
    bytes = await readFile(file) as Buffer<ArrayBuffer>
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as Error).message}`)
  }
  return decodeSafetensors(bytes, file)
}

/** Copies host tensors into tensors of the same names and shapes; throws on any difference, before anything is changed. */
export function restore(tensors: ReadonlyMap<string, Tensor>, from: ReadonlyMap<string, HostTensor>, what: string): void {
  const wrong = [...tensors].filter(([name, t]) => `${from.get(name)?.shape}` !== `${t.shape}`)
    .map(([name, t]) => `${name}: the file has ${from.has(name) ? `[${from.get(name)!.shape}]` : 'none'}, [${t.shape}] is needed`)
  if (wrong.length) {
    const more = wrong.length > 8 ? `\n  and ${wrong.length - 8} more` : ''
    throw new Error(`${what} does not fit this model:\n  ${wrong.slice(0, 8).join('\n  ')}${more}`)
  }
  for (const [name, t] of tensors) write(t, from.get(name)!.data)
}
