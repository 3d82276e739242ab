/** Host tensors into tensors of the same names and shapes. */
import type { Tensor } from '../engine/tensor.ts'
import { write } from '../engine/transfer.ts'
import { notFinite } from './finite.ts'
import type { HostTensor } from './safetensors.ts'

/**
 * Copies host tensors into tensors of the same names and shapes. Names that only the file has are ignored.
 *
 * @param what the tensors' origin, for the error.
 * @throws if any is missing, of another shape, or holds a number that is not finite, before anything has changed.
 */
export function restore(
  tensors: ReadonlyMap<string, Tensor>,
  from: ReadonlyMap<string, HostTensor>,
  what: string,
): void {
  const wrong = [...tensors].flatMap(([name, t]) => {
    const found = from.get(name)
    if (`${found?.shape}` !== `${t.shape}`)
      return [`${name}: the file has ${found ? `[${found.shape}]` : 'none'}, [${t.shape}] is needed`]
    return notFinite(name, found!.data) ?? []
  })
  if (wrong.length) {
    const more = wrong.length > 8 ? `\n  and ${wrong.length - 8} more` : ''
    throw new Error(`${what} does not fit this model:\n  ${wrong.slice(0, 8).join('\n  ')}${more}`)
  }
  for (const [name, t] of tensors) write(t, from.get(name)!.data)
}
