/** A file's numbers, looked through for those that are not finite. */
import { quote } from './printable.ts'
import type { HostTensor } from './safetensors.ts'

/**
 * Refuses tensors with a NaN or an infinity: a network with a single one answers with nothing but NaN, or with numbers
 * that mean nothing.
 *
 * @param file the tensors' origin, for the error.
 * @throws naming the first such tensor, how many of its numbers are not finite, and where the first of them is.
 */
export function checkFinite(tensors: ReadonlyMap<string, HostTensor>, file: string): void {
  const broken = [...tensors].filter(([, { data }]) => !data.every(Number.isFinite))
  if (!broken.length) return
  const [name, { data }] = broken[0]!
  const first = data.findIndex(v => !Number.isFinite(v))
  const count = data.reduce((n, v) => n + Number(!Number.isFinite(v)), 0)
  const others = broken.length > 1 ? ` (and so it is in ${broken.length - 1} more of its tensors)` : ''
  throw new Error(
    `${file}: ${count} of the ${data.length} numbers of ${quote(name)} are not finite, the first at index ${first}: ` +
      `${data[first]}${others}. The training that wrote it diverged, or the file is damaged: take an earlier one`,
  )
}
