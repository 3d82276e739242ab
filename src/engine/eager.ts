/** The eager executor: a launch runs at once, and a tensor's memory lives until the scope() around it ends. */
import { onClose } from '../gpu/device.ts'
import { createBuffer, destroyBuffer, mostBytes } from './buffers.ts'
import { encodeClear, encodeCopy, encodeOnce, flush } from './encode.ts'
import type { Executor } from './launch.ts'
import { synchronously } from './synchronous.ts'
import { rowOf, type Storage, type Tensor } from './tensor.ts'

/**
 * Buffers that nobody uses now, by size, and the generation in which they were given back: the last ones are taken
 * first.
 */
const idle = new Map<number, { buffer: GPUBuffer; since: number }[]>()
onClose(() => {
  idle.clear()
})
/**
 * Outermost scopes that have ended. A buffer that stays idle for KEEP_IDLE more of them is destroyed: sizes change, and
 * a large buffer may never be asked for again.
 */
let generation = 0
const KEEP_IDLE = 8
/** Blocks of the open scope; undefined outside of any, where tensors last until release(). */
let born: Storage[] | undefined

export const eager: Executor = {
  allocate(bytes) {
    const buffer = idle.get(bytes)?.pop()?.buffer ?? createBuffer(bytes, 'eager')
    const block = { bytes, persistent: false, buffer, offset: 0 }
    born?.push(block)
    return block
  },
  launch: encodeOnce,
  most: mostBytes,
  stretch: () => undefined,
  canJoin: t => !t.storage.persistent,
  join(parts) {
    const { starts, bytes } = rowOf(parts.map(t => t.storage.bytes))
    const row = Object.assign(eager.allocate(bytes), { parts })
    encodeClear(row) // between the parts, too: who reads a row must not see leftover numbers
    for (const [i, { storage }] of parts.entries()) encodeCopy(storage, row, starts[i]!)
    return row
  },
}

/**
 * Runs `body`, then gives back the memory of every tensor made inside it except those it returns. These belong to the
 * scope around it; where there is none, release() them. (In a Plan's step it does nothing: a plan knows what is needed
 * when.)
 * @throws where `body` is async, for the memory would be gone before its work, or returns no list of tensors.
 */
export function scope<T extends readonly Tensor[]>(body: () => T): T {
  const outer = born
  const own: Storage[] = []
  born = own
  let kept = new Set<Storage>()
  try {
    const result = synchronously('scope', body)
    if (!Array.isArray(result))
      throw new Error(`scope: its function returns the tensors to keep, as a list: [] for none`)
    kept = new Set(result.map(t => t.storage))
    return result
  } finally {
    for (const block of own) {
      if (kept.has(block)) outer?.push(block)
      else giveBack(block)
    }
    born = outer
    if (!outer) forgetIdle()
  }
}

function giveBack(block: Storage): void {
  const { buffer } = block
  if (!buffer) return // released by hand
  block.buffer = undefined
  const same = idle.get(buffer.size)
  if (same) same.push({ buffer, since: generation })
  else idle.set(buffer.size, [{ buffer, since: generation }])
}

function forgetIdle(): void {
  generation++
  for (const [bytes, same] of idle) {
    const old = same.findIndex(({ since }) => since >= generation - KEEP_IDLE)
    const n = old < 0 ? same.length : old
    if (n) flush() // launches that use them may be waiting
    for (const { buffer } of same.splice(0, n)) destroyBuffer(buffer)
    if (!same.length) idle.delete(bytes)
  }
}
