/** Joining and cutting batches along axis 0. */
import { canJoin, empty, isRecordingPlan, joined, launch, stretch } from '../engine/launch.ts'
import { record, recordConstant } from '../engine/tape.ts'
import { alignedBytes, check, rowOf, type Shape, sizeOf, Tensor } from '../engine/tensor.ts'
import { strips } from '../gpu/kernel.ts'
import { put } from './put.ts'

const join = strips<{ n: number; na: number }>('batch/concat.wgsl', p => p.n)
const cut = strips<{ n: number; start: number }>('batch/slice.wgsl', p => p.n)
const pad = strips<Record<'n' | 'start' | 'count' | 'ADD', number>>('batch/pad.wgsl', p => p.n)

/**
 * y (A+B,...) = a (A,...), then b (B,...). A plan copies neither, where they fit side by side.      da and db are the
 * two parts of dy.
 */
export function concat(a: Tensor, b: Tensor): Tensor {
  const [A, ...rest] = a.shape as [number, ...number[]]
  const [B, ...restB] = b.shape as [number, ...number[]]
  checkFloats('concat', [a, b])
  check(`${rest}` === `${restB}`, () => `concat: [${a.shape}] and [${b.shape}] may differ on axis 0 only`)
  const y = sideBySide(a, b, [A + B, ...rest]) ?? empty([A + B, ...rest])
  if (!y.storage.parts) launch(join, { a, b, y }, { n: y.size, na: a.size })

  return record('concat', y, [a, b], dy => [
    a.requiresGrad ? slice(dy, 0, A) : null,
    b.requiresGrad ? slice(dy, A, A + B) : null,
  ])
}

/** A plan moves nothing here, so it has to say what a kernel would say eagerly. */
const checkFloats = (op: string, tensors: readonly Tensor[]): void => {
  for (const t of tensors) check(t.dtype === 'f32', () => `${op}: f32 tensors are taken, found ${t.dtype} [${t.shape}]`)
}

/** a and b as one tensor of this shape, in a plan that can make them side by side without anything in between. */
function sideBySide(a: Tensor, b: Tensor, shape: Shape): Tensor | undefined {
  const bytes = 4 * a.size
  const can = isRecordingPlan() && alignedBytes(bytes) === bytes && a.storage !== b.storage && canJoin(a) && canJoin(b)
  return can ? new Tensor(shape, joined([a, b]).storage) : undefined
}

/**
 * y (to-from,...) = x[from..to-1]. In a plan y shares x's memory, where it begins at a place that can be bound.
 * dx = dy there, 0 elsewhere.
 */
export function slice(x: Tensor, from: number, to: number): Tensor {
  const [N, ...rest] = x.shape as [number, ...number[]]
  const row = sizeOf(rest)
  checkFloats('slice', [x])
  const whole = Number.isInteger(from) && Number.isInteger(to)
  check(
    whole && from >= 0 && from < to && to <= N,
    () => `slice: ${from} to ${to} is not inside axis 0 of [${x.shape}]`,
  )
  const shape = [to - from, ...rest]
  const y = stretch(x, from * row, shape) ?? empty(shape)
  if (!y.storage.stretchOf) launch(cut, { x, y }, { n: y.size, start: from * row })

  return record('slice', y, [x], (dy, take) => {
    const dx = empty(x.shape)
    const { so_far, ADD } = put(take(0))
    launch(pad, { dy, dx, so_far }, { n: dx.size, start: from * row, count: dy.size, ADD })
    return [dx]
  })
}

const copy = strips<{ n: number }>('batch/copy.wgsl', p => p.n)

/**
 * All tensors side by side in one vector, so that one read() fetches them: gathered() takes the numbers apart. In a
 * plan that costs nothing, since tensors are made where they are wanted; only what cannot be moved is copied. Not
 * differentiable: a gradient that is wanted through it throws.
 */
export function gather(tensors: readonly Tensor[]): Tensor {
  checkFloats('gather', tensors)
  const seen = new Set<Tensor['storage']>()
  const parts = tensors.map(x => {
    const free = canJoin(x) && !seen.has(x.storage)
    seen.add(x.storage)
    if (free) return x
    const y = empty(x.shape)
    launch(copy, { x, y }, { n: x.size })
    return y
  })
  return recordConstant('gather', joined(parts), tensors)
}

/** The numbers of a gather() of tensors of these sizes, each by itself. */
export function gathered(v: Float32Array, sizes: readonly number[]): Float32Array[] {
  const { starts } = rowOf(sizes.map(size => 4 * size))
  return sizes.map((size, i) => v.slice(starts[i]! / 4, starts[i]! / 4 + size))
}
