/**
 * Rows: tensors that lie side by side in one buffer, so that one launch works on all of them. Parameters lie in rows,
 * and so does what an optimiser keeps of them. Gradients are joined to rows.
 *
 * Each tensor begins at a multiple of 256 bytes, as WebGPU asks of what is bound. What lies between two of them is
 * nobody's: a launch over a row may read and write there, and no result depends on it.
 */
import { gpu } from '../gpu/device.ts'
import { checkAlive, createBuffer, destroyBuffer, mostBytes } from './buffers.ts'
import { flush } from './encode.ts'
import { canJoin, joined, mostToJoin } from './launch.ts'
import { alignedBytes, rowOf, type Shape, sizeOf, Tensor } from './tensor.ts'

/**
 * Bytes of a row that is joined, at most. A plan keeps the memory of all its gradients from the first of them on, so
 * with one long row a step would need more memory.
 */
const MOST_JOINED = 2 ** 25

/** Persistent tensors of these shapes, zero, side by side as far as a buffer may be bound. */
export function zerosInRow(shapes: readonly Shape[]): Tensor[] {
  return buffersFor(shapes.map(s => 4 * sizeOf(s))).flatMap(({ buffer, offsets, from }) =>
    offsets.map((offset, i) => {
      const shape = shapes[from + i]!
      return new Tensor(shape, { bytes: 4 * sizeOf(shape), persistent: true, buffer, offset })
    }),
  )
}

/**
 * Moves persistent tensors side by side, with what they hold. A tensor that lies in a row already stays there.
 * Plans that were recorded before find their tensors in the new place: they bind again (plan.ts).
 */
export function moveIntoRow(tensors: readonly Tensor[]): void {
  for (const { shape, storage } of tensors)
    if (storage.buffer) checkAlive(storage.buffer, () => `a tensor of shape [${shape}]`)
  const blocks = new Set(tensors.map(t => t.storage))
  const alone = tensors
    .filter(t => blocks.delete(t.storage))
    .filter(t => t.storage.persistent && t.storage.buffer && t.storage.buffer.size === t.storage.bytes)
  if (alone.length < 2) return
  flush()
  const encoder = gpu.createCommandEncoder()
  const old = alone.map(t => t.storage.buffer!)
  for (const { buffer, offsets, from } of buffersFor(alone.map(t => t.storage.bytes))) {
    offsets.forEach((offset, i) => {
      const { storage } = alone[from + i]!
      encoder.copyBufferToBuffer(storage.buffer!, 0, buffer, offset, storage.bytes)
      Object.assign(storage, { buffer, offset })
    })
  }
  gpu.queue.submit([encoder.finish()])
  for (const buffer of old) destroyBuffer(buffer)
  moves++
}

let moves = 0
/** The number of moves so far: a plan that was bound before a move binds again. */
export const movesSoFar = (): number => moves

/** Buffers for blocks of so many bytes, in their order: each takes as many as may be bound at once. */
function buffersFor(bytes: readonly number[]): { buffer: GPUBuffer; offsets: number[]; from: number }[] {
  const found: { buffer: GPUBuffer; offsets: number[]; from: number }[] = []
  for (let from = 0; from < bytes.length; ) {
    let to = from + 1
    let row = rowOf(bytes.slice(from, to))
    for (; to < bytes.length; to++) {
      const longer = rowOf(bytes.slice(from, to + 1))
      if (longer.bytes > mostBytes()) break
      row = longer
    }
    found.push({ buffer: createBuffer(row.bytes, `row of ${to - from}`, to - from), offsets: row.starts, from })
    from = to
  }
  return found
}

/**
 * Puts what belongs together, tensor by tensor (a parameter, its gradient, its velocity), into rows of what lies side
 * by side: one launch each does for all. Gradients are not there yet when a plan is recorded: they are joined, in a
 * plan by making them side by side, else by copying.
 * @param sets the tensors of each set are of one size, under the same names in each set.
 */
export function inRows<Name extends string>(
  sets: readonly Readonly<Record<Name, Tensor>>[],
): Readonly<Record<Name, Tensor>>[] {
  const rows: Readonly<Record<Name, Tensor>>[][] = []
  for (const set of sets) {
    const row = rows.at(-1)
    if (row && fits(row, set)) row.push(set)
    else rows.push([set])
  }
  return rows.map(row => {
    const [first] = row as [Readonly<Record<Name, Tensor>>]
    if (row.length === 1) return first
    const whole = (name: Name): Tensor => {
      const parts = row.map(set => set[name])
      return first[name].storage.persistent ? spanning(parts) : joined(parts)
    }
    return Object.fromEntries((Object.keys(first) as Name[]).map(name => [name, whole(name)])) as Record<Name, Tensor>
  })
}

function fits<Name extends string>(
  row: readonly Readonly<Record<Name, Tensor>>[],
  set: Readonly<Record<Name, Tensor>>,
): boolean {
  const last = row.at(-1)!
  return (Object.keys(set) as Name[]).every(name => {
    const [a, b] = [last[name], set[name]]
    if (a.storage.persistent || b.storage.persistent) return areNeighbours(a, b)
    const bytes = [...row.map(s => s[name].storage.bytes), b.storage.bytes]
    return (
      canJoin(a) &&
      canJoin(b) &&
      row.every(s => s[name].storage !== b.storage) &&
      rowOf(bytes).bytes <= Math.min(MOST_JOINED, mostToJoin())
    )
  })
}

const areNeighbours = ({ storage: a }: Tensor, { storage: b }: Tensor): boolean =>
  a.persistent && b.persistent && a.buffer === b.buffer && b.offset === a.offset + alignedBytes(a.bytes)

/** One persistent tensor over neighbours. It follows them when they move. */
function spanning(parts: readonly Tensor[]): Tensor {
  const [{ storage: first }] = parts as [Tensor]
  const { bytes } = rowOf(parts.map(t => t.storage.bytes))
  return new Tensor([bytes / 4], {
    bytes,
    persistent: true,
    parts,
    get buffer() {
      return first.buffer
    },
    get offset() {
      return first.offset
    },
  } as Tensor['storage'])
}
