/** When the blocks of a recorded step are in use, and which should not share a buffer. */
import type { Launch } from './launch.ts'
import type { Lifetime } from './placement.ts'
import { baseOf, type Storage, type Tensor } from './tensor.ts'

/** A lifetime with the block that it is of. */
export interface StorageLifetime extends Lifetime {
  readonly storage: Storage
}

/** The outermost block around this one: a row, the block of which this is a stretch, or itself. A plan places those. */
export const outermost = (s: Storage): Storage => baseOf(s).within?.row ?? baseOf(s)

/** The blocks in an outermost block, each with its first byte there: itself and, if it is a row, its parts. */
export const blocksIn = (s: Storage): { storage: Storage; at: number }[] => [
  { storage: s, at: 0 },
  ...(s.parts ?? []).map(({ storage }) => ({ storage, at: storage.within!.at })),
]

/** The first byte of a block in its outermost one. */
const startOf = (s: Storage): number =>
  s.stretchOf ? s.stretchOf.at + startOf(s.stretchOf.block) : (s.within?.at ?? 0)

/** True if two blocks have bytes in common: they are one, or one is a stretch or a part of the other. */
export function overlap(a: Storage, b: Storage): boolean {
  if (outermost(a) !== outermost(b)) return false
  const [x, y] = [startOf(a), startOf(b)]
  return x < y + b.bytes && y < x + a.bytes
}

/**
 * First and last launch of every block that is not persistent, and the blocks it should be kept apart from.
 * Outputs live to the end, and from then on.
 */
export function lifetimes(outputs: readonly Tensor[], launches: readonly Launch[]): StorageLifetime[] {
  interface Life {
    storage: Storage
    bytes: number
    index: number
    first: number
    last: number
    apart: Set<number>
    rather: Set<number>
  }
  const found = new Map<Storage, Life>()
  launches.forEach(({ variant, tensors }, i) => {
    const bound = variant.info.bindings
      .filter(b => b.access !== 'uniform' && !tensors[b.name]!.storage.persistent)
      .map(({ name, access }) => {
        const storage = outermost(tensors[name]!.storage)
        const life = found.get(storage) ?? {
          storage,
          bytes: storage.bytes,
          index: found.size,
          first: i,
          last: i,
          apart: new Set(),
          rather: new Set(),
        }
        life.last = i
        found.set(storage, life)
        return { life, access }
      })
    // A block that is bound twice cannot be bound as writable: two writable bindings of the same bytes are never
    // allowed.
    const blocks = Object.values(tensors)
      .map(t => t.storage)
      .filter(b => !b.persistent)
    const twice = blocks.some((b, i) => blocks.slice(0, i).some(other => overlap(b, other)))
    for (const a of bound)
      for (const b of bound) if (a.access !== b.access) a.life[twice ? 'apart' : 'rather'].add(b.life.index)
  })
  for (const { storage } of outputs) {
    const life = found.get(outermost(storage))
    if (life) life.last = launches.length
  }
  return [...found.values()]
}
