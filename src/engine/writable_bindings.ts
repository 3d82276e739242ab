/**
 * Writable bindings: WebGPU refuses a buffer that one launch binds for reading and for writing. In a plan tensors share
 * buffers, so such reads are declared writable here.
 */
import { machine } from '../gpu/device.ts'
import { declaredWritable, type Variant } from '../gpu/variant.ts'
import type { Launch } from './launch.ts'
import { outermost, overlap } from './lifetime.ts'
import { baseOf, type Storage } from './tensor.ts'

/** The number of its buffer for every block that a plan has placed: PlanMemory.homeOf. */
type HomeOf = ReadonlyMap<Storage, number>

interface Bound {
  readonly name: string
  readonly access: 'read' | 'read_write'
  readonly storage: Storage
  readonly home: number | undefined
}

const boundBy = (l: Launch, homeOf: HomeOf): Bound[] =>
  l.variant.info.bindings.flatMap(({ name, access }) => {
    const { storage } = l.tensors[name] ?? {}
    return access === 'uniform' || !storage ? [] : [{ name, access, storage, home: homeOf.get(baseOf(storage)) }]
  })

/**
 * The reads to declare writable: none, unless the launch reads from a buffer that it also writes. Then all its reads
 * from buffers of the plan, so that a kernel mostly has two variants, and less is compiled. Left out are buffers that
 * hold a tensor bound twice.
 * @throws where a tensor is bound twice and its buffer is also written: WebGPU allows neither binding.
 */
function toDeclare(l: Launch, homeOf: HomeOf): string[] {
  const bound = boundBy(l, homeOf).filter(b => b.home !== undefined)
  const written = new Set(bound.filter(b => b.access === 'read_write').map(b => b.home))
  const reads = bound.filter(b => b.access === 'read')
  const isTwice = (b: Bound): boolean => reads.filter(r => overlap(r.storage, b.storage)).length > 1
  const needed = reads.filter(b => written.has(b.home))
  if (needed.some(isTwice))
    throw new Error(
      `${l.rung.file}: a tensor is bound twice and lies in one buffer with one that is written: bind another or a copy`,
    )
  if (!needed.length) return []
  // A tensor that is bound twice stays read-only, and with it all that its buffer holds.
  const readOnly = new Set(reads.filter(isTwice).map(b => b.home))
  return reads.filter(b => !readOnly.has(b.home)).map(b => b.name)
}

/** True if WebGPU takes the launch with these bindings declared writable. */
function mayDeclare(l: Launch, homeOf: HomeOf, names: readonly string[]): boolean {
  const bound = boundBy(l, homeOf)
  // Two persistent tensors (both without home) count as one buffer: row.ts may still move them into one.
  const inOneBuffer = (a: Bound, b: Bound): boolean =>
    outermost(a.storage) === outermost(b.storage) || a.home === b.home
  // A b that stays read-only may not lie in a's buffer. A writable b may, but must not overlap a.
  const clash = (a: Bound, b: Bound): boolean =>
    b.access === 'read' && !names.includes(b.name) ? inOneBuffer(a, b) : overlap(a.storage, b.storage)
  return bound.every(a => !names.includes(a.name) || bound.every(b => b === a || !clash(a, b)))
}

/**
 * The launches, with reads declared writable where toDeclare() says so: such a launch gets another variant.
 *
 * Compiling takes a CPU up to a second for each variant. There, the kernel's other launches take the writable variant
 * as well, where they may, so that mostly only one is compiled; it runs as fast. A GPU may read faster what is declared
 * read-only, so there both stay.
 */
export function withWritableBindings(launches: readonly Launch[], homeOf: HomeOf): Launch[] {
  const names = launches.map(l => toDeclare(l, homeOf))
  if (machine() === 'cpu') {
    const declared = new Map<Variant, string[]>()
    launches.forEach(({ variant }, i) => {
      if (names[i]!.length && !declared.has(variant)) declared.set(variant, names[i]!)
    })
    launches.forEach((l, i) => {
      const others = declared.get(l.variant)
      if (!names[i]!.length && others && mayDeclare(l, homeOf, others)) names[i] = others
    })
  }
  return launches.map((l, i) => (names[i]!.length ? { ...l, variant: declaredWritable(l.variant, names[i]!) } : l))
}
