/** Tensor: a shape over a block of GPU memory. It has no maths of its own: see ops/. */

/** Elements on each axis; [] is the shape of a single number. */
export type Shape = readonly number[]
/** float32, or whole numbers of 32 bits from 0 on. */
export type DType = 'f32' | 'u32'

/** A block of GPU memory. `buffer` is absent while a plan is being recorded, and after the block's scope has ended. */
export interface Storage {
  readonly bytes: number
  readonly persistent: boolean
  buffer: GPUBuffer | undefined
  /** The block's first byte in the buffer: tensors of a plan share buffers, and so do those of a row (row.ts). */
  offset: number
  /** Made in a plan's step: the plan gives its memory back. */
  readonly planned?: true
  /** A constant(), which is everyone's: release() leaves it. */
  constant?: true
  /** The tensors that lie in this block, if it is a row of them. A row is no part of another, and no stretch. */
  readonly parts?: readonly Tensor[]
  /** The row of a plan that this block is a part of, and its first byte there. */
  within?: { readonly row: Storage; readonly at: number }
  /** The block of which this is a stretch, and its first byte there: a plan's slices share memory. */
  readonly stretchOf?: { readonly block: Storage; readonly at: number }
}

/** The block that has the bytes of this one: itself, or the one of which it is a stretch. */
export const baseOf = (s: Storage): Storage => (s.stretchOf ? baseOf(s.stretchOf.block) : s)

/** `bytes`, rounded up to where the next tensor of a row begins: WebGPU's default alignment of bindings, 256. */
export const alignedBytes = (bytes: number): number => Math.ceil(bytes / 256) * 256

/**
 * A row of blocks of so many bytes: where each begins, aligned, and the bytes of the whole. After the last block the
 * row goes on to whole vec4s, so that launches over it may move four numbers at a time.
 */
export function rowOf(blocks: readonly number[]): { starts: number[]; bytes: number } {
  let end = 0
  const starts = blocks.map(bytes => {
    const start = alignedBytes(end)
    end = start + bytes
    return start
  })
  return { starts, bytes: Math.ceil(end / 16) * 16 }
}

/** Row-major and contiguous, 4 bytes an element. u32 tensors hold labels and indices and carry no gradient. */
export class Tensor {
  readonly shape: Shape
  readonly size: number
  readonly dtype: DType
  readonly storage: Storage
  /** True if valueAndGrad() should follow this tensor. Set on parameters; ops pass it on to their outputs. */
  requiresGrad = false

  constructor(shape: Shape, storage: Storage, dtype: DType = 'f32') {
    this.shape = shape
    this.size = sizeOf(shape)
    this.storage = storage
    this.dtype = dtype
  }
}

/** The number of elements of a shape. Throws unless every axis is a positive whole number. */
export function sizeOf(shape: Shape): number {
  if (!shape.every(n => Number.isInteger(n) && n > 0))
    throw new Error(`[${shape}] is not a shape: axes are whole numbers of at least 1`)
  return shape.reduce((a, b) => a * b, 1)
}

/** Throws an error phrased for the user unless the condition holds. */
export function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new Error(message())
}

/** A number for each word of `Names`: `'N C H W'` gives four. */
type Axes<Names extends string> = Names extends `${string} ${infer Rest}` ? [number, ...Axes<Rest>] : [number]

/** The axes of x, one for each of the names. @throws where x has more or fewer. */
export function axes<const Names extends string>(op: string, name: string, x: Tensor, names: Names): Axes<Names> {
  const expected = names.split(' ').length
  check(x.shape.length === expected, () => `${op}: ${name} must have the axes (${names}), found the shape [${x.shape}]`)
  return [...x.shape] as Axes<Names>
}
