/** Numbers that are not finite, looked for before they are saved or used. */
import type { Tensor } from '../engine/tensor.ts'
import { read } from '../engine/transfer.ts'
import { quote } from './printable.ts'
import type { HostTensor } from './safetensors.ts'

/** A tensor's numbers that are not finite, in words: how many, and the place and value of the first. */
export function notFinite(name: string, data: Float32Array): string | undefined {
  let count = 0
  let first = 0
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]) && count++ === 0) first = i
  if (!count) return undefined
  const where = `the first at index ${first}: ${data[first]}`
  return `${count} of the ${data.length} numbers of ${quote(name)} are not finite, ${where}`
}

/**
 * Refuses tensors with a NaN or an infinity: a network with a single one answers with nothing but NaN, or with numbers
 * that mean nothing.
 *
 * @param file the tensors' origin, for the error.
 * @throws naming the first such tensor, how many of its numbers are not finite, and where the first of them is.
 */
export function checkFinite(tensors: ReadonlyMap<string, HostTensor>, file: string): void {
  const broken = [...tensors].flatMap(([name, { data }]) => notFinite(name, data) ?? [])
  if (!broken.length) return
  const others = broken.length > 1 ? ` (and so it is in ${broken.length - 1} more of its tensors)` : ''
  throw new Error(
    `${file}: ${broken[0]}${others}. The training that wrote it diverged, or the file is damaged: take an earlier one`,
  )
}

/** A tensor that is not saved, for its numbers are not finite. Of a file it is the cause of the WriteError. */
export class NotFiniteTensor extends Error {
  override name = 'NotFiniteTensor'
}

/** The numbers of a tensor that is to be saved. @throws NotFiniteTensor; an error if it has no memory. */
export async function finiteNumbers(name: string, t: Tensor | HostTensor): Promise<Float32Array<ArrayBuffer>> {
  const data = 'data' in t ? t.data : await read(t)
  const fault = notFinite(name, data)
  if (fault) throw new NotFiniteTensor(fault)
  return data
}
