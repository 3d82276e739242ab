/** Recording: a step is called once with tensors that have no memory, and its launches are written down, not run. */
import { type Launch, withExecutor } from './launch.ts'
import { synchronously } from './synchronous.ts'
import { baseOf, rowOf, type Storage, type Tensor } from './tensor.ts'

/**
 * Calls `step` and returns its result with the launches that it made, in order.
 * @throws where a launch uses a tensor that was made outside the step and is not persistent: it would be gone at
 *   replay. And where `step` is async: what it launches later would not be recorded.
 */
export function writeDown<T>(step: () => T, most: number): { result: T; launches: Launch[] } {
  const launches: Launch[] = []
  const own = new Set<Storage>()
  const twice = new Set<Storage>()
  const allocate = (bytes: number): Storage => {
    const block: Storage = { bytes, persistent: false, planned: true, buffer: undefined, offset: 0 }
    own.add(block)
    return block
  }
  const launch = (l: Launch): void => {
    for (const [name, { shape, storage }] of Object.entries(l.tensors)) {
      if (storage.persistent || own.has(baseOf(storage))) continue
      throw new Error(
        `${l.rung.file}: ${name} [${shape}] was made outside the step of this plan, where only persistent() tensors ` +
          'last',
      )
    }
    const bound = Object.values(l.tensors).map(t => baseOf(t.storage))
    for (const [i, s] of bound.entries()) if (bound.indexOf(s) < i) twice.add(s)
    launches.push(l)
  }
  // A row is in no other row. And what a launch binds twice may not lie beside what it writes, so it is in none.
  const canJoin = ({ storage }: Tensor): boolean =>
    own.has(storage) && !storage.within && !storage.parts && !twice.has(storage)
  const join = (parts: readonly Tensor[]): Storage => {
    const { starts, bytes } = rowOf(parts.map(t => t.storage.bytes))
    const row = Object.assign(allocate(bytes), { parts })
    for (const [i, { storage }] of parts.entries()) storage.within = { row, at: starts[i]! }
    return row
  }
  const stretch = ({ storage }: Tensor, at: number, bytes: number): Storage | undefined => {
    if (!own.has(baseOf(storage))) return undefined
    // Where the whole block lies is known only when it is placed.
    return {
      bytes,
      persistent: false,
      planned: true,
      stretchOf: { block: storage, at },
      get buffer() {
        return storage.buffer
      },
      get offset() {
        return storage.offset + at
      },
    } as Storage
  }
  const recorder = { allocate, launch, canJoin, join, stretch, most: () => most }
  return { result: withExecutor(recorder, () => synchronously('Plan', step)), launches }
}
