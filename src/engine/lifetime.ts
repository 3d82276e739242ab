/** When the blocks of a recorded step are in use, and what WebGPU asks of blocks that share a buffer. */
import { writable } from '../gpu/variant.ts'
import type { Launch } from './launch.ts'
import type { Lifetime } from './placement.ts'
import { baseOf, type Storage, type Tensor } from './tensor.ts'

/** A lifetime with the block that it is of. */
export interface StorageLifetime extends Lifetime {
  readonly storage: Storage
}

/** The block that is placed: the one of which it is a stretch, the row that this is a part of, or itself. */
export const placed = (s: Storage): Storage => baseOf(s).within?.row ?? baseOf(s)

/** The blocks in a placed block, each with its first byte there: itself and, if it is a row, its parts. */
export const blocksIn = (s: Storage): { storage: Storage; at: number }[] => [
  { storage: s, at: 0 },
  ...(s.parts ?? []).map(({ storage }) => ({ storage, at: storage.within!.at })),
]

/** The first byte of a block in the one that is placed. */
const startOf = (s: Storage): number =>
  s.stretchOf ? s.stretchOf.at + startOf(s.stretchOf.block) : (s.within?.at ?? 0)

/** True if two blocks have bytes in common: they are one, or one is a stretch or a part of the other. */
export function overlap(a: Storage, b: Storage): boolean {
  if (placed(a) !== placed(b)) return false
  const [x, y] = [startOf(a), startOf(b)]
  return x < y + b.bytes && y < x + a.bytes
}

/**
 * The launch as WebGPU takes it where it reads from a buffer that it also writes: with its bindings declared writable.
 * All those of the plan are, and not only those which have to be: so a kernel has two variants and not one for each set
 * of neighbours, and compiling takes time.
 */
export function inSharedBuffers(l: Launch, home: ReadonlyMap<Storage, number>): Launch {
  const bindings = l.variant.info.bindings
    .filter(b => b.access !== 'uniform')
    .map(b => ({ ...b, storage: l.tensors[b.name]!.storage, home: home.get(baseOf(l.tensors[b.name]!.storage)) }))
  const written = new Set(bindings.filter(b => b.access === 'read_write' && b.home !== undefined).map(b => b.home))
  const reads = bindings.filter(b => b.access === 'read' && b.home !== undefined)
  const isTwice = (b: { storage: Storage }): boolean => reads.filter(r => overlap(r.storage, b.storage)).length > 1
  const needed = reads.filter(b => written.has(b.home))
  if (!needed.length) return l
  if (needed.some(isTwice))
    throw new Error(
      `${l.rung.file}: a tensor is bound twice, and lies in a row with one that is written: bind another, or a copy`,
    )
  // A buffer is bound in one way: what is bound twice stays readable, and with it what else its buffer holds.
  const readable = new Set(reads.filter(isTwice).map(b => b.home))
  const names = reads.filter(b => !readable.has(b.home)).map(b => b.name)
  return { ...l, variant: writable(l.variant, names) }
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
        const storage = placed(tensors[name]!.storage)
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
    const life = found.get(placed(storage))
    if (life) life.last = launches.length
  }
  return [...found.values()]
}
