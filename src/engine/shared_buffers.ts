/** The launches of a plan whose tensors share buffers, as WebGPU takes them. */
import { machine } from '../gpu/device.ts'
import { type Variant, writable } from '../gpu/variant.ts'
import type { Launch } from './launch.ts'
import { overlap, placed } from './lifetime.ts'
import { baseOf, type Storage } from './tensor.ts'

/** The shared buffers by number, for the blocks that lie in them. */
type Homes = ReadonlyMap<Storage, number>

interface Bound {
  readonly name: string
  readonly access: 'read' | 'read_write'
  readonly storage: Storage
  readonly home: number | undefined
}

const boundBy = (l: Launch, homes: Homes): Bound[] =>
  l.variant.info.bindings.flatMap(({ name, access }) => {
    const { storage } = l.tensors[name] ?? {}
    return access === 'uniform' || !storage ? [] : [{ name, access, storage, home: homes.get(baseOf(storage)) }]
  })

/**
 * The bindings that a launch only reads and has to declare writable, as it writes to their buffer, too. All those of
 * the plan's buffers are, and not only those which have to be: so a kernel has two variants and not one for each set of
 * neighbours, and compiling takes time.
 * @throws where WebGPU has no way: a tensor is bound twice and lies beside one that is written.
 */
function toDeclare(l: Launch, homes: Homes): string[] {
  const bound = boundBy(l, homes).filter(b => b.home !== undefined)
  const written = new Set(bound.filter(b => b.access === 'read_write').map(b => b.home))
  const reads = bound.filter(b => b.access === 'read')
  const isTwice = (b: Bound): boolean => reads.filter(r => overlap(r.storage, b.storage)).length > 1
  const needed = reads.filter(b => written.has(b.home))
  if (needed.some(isTwice))
    throw new Error(
      `${l.rung.file}: a tensor is bound twice, and lies in a row with one that is written: bind another, or a copy`,
    )
  if (!needed.length) return []
  // A buffer is bound in one way: what is bound twice stays readable, and with it what else its buffer holds.
  const readable = new Set(reads.filter(isTwice).map(b => b.home))
  return reads.filter(b => !readable.has(b.home)).map(b => b.name)
}

/** True if WebGPU takes the launch with these bindings declared writable, though nothing asks for it. */
function mayDeclare(l: Launch, homes: Homes, names: readonly string[]): boolean {
  const bound = boundBy(l, homes)
  // Persistent tensors, which have no home, may still be moved into one row (row.ts).
  const inOneBuffer = (a: Bound, b: Bound): boolean => placed(a.storage) === placed(b.storage) || a.home === b.home
  const clash = (a: Bound, b: Bound): boolean =>
    b.access === 'read' && !names.includes(b.name) ? inOneBuffer(a, b) : overlap(a.storage, b.storage)
  return bound.every(a => !names.includes(a.name) || bound.every(b => b === a || !clash(a, b)))
}

/**
 * The launches as WebGPU takes them. Where one reads from a buffer that it also writes, its bindings are declared
 * writable: a variant of its own.
 *
 * Compiling takes a CPU up to a second for each variant. There, the other launches of the kernel take the writable one
 * as well, so that only one is compiled; it runs as fast. A GPU may read faster what is declared read-only, so there
 * both stay.
 */
export function inSharedBuffers(launches: readonly Launch[], homes: Homes): Launch[] {
  const names = launches.map(l => toDeclare(l, homes))
  if (machine() === 'cpu') {
    const declared = new Map<Variant, string[]>()
    launches.forEach(({ variant }, i) => {
      if (names[i]!.length && !declared.has(variant)) declared.set(variant, names[i]!)
    })
    launches.forEach((l, i) => {
      const others = declared.get(l.variant)
      if (!names[i]!.length && others && mayDeclare(l, homes, others)) names[i] = others
    })
  }
  return launches.map((l, i) => (names[i]!.length ? { ...l, variant: writable(l.variant, names[i]!) } : l))
}
