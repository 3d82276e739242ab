/** Commands: one open encoder and pass, submitted every so often. */
import { gpu, onClose } from '../gpu/device.ts'
import { paramBytes } from '../gpu/params.ts'
import { profiler } from '../gpu/profile.ts'
import { compileNow } from '../gpu/variant.ts'
import { checkAlive, stats } from './buffers.ts'
import type { Launch } from './launch.ts'
import type { Storage } from './tensor.ts'

/** Launches per submit: costs nothing (measured) and keeps each submit short for the watchdogs of GPU drivers. */
const SUBMIT_EVERY = 64
/** A slot of a params buffer: WebGPU's alignment for uniform offsets. */
export const SLOT = 256

let encoder: GPUCommandEncoder | undefined
let pass: GPUComputePassEncoder | undefined
let encoded = 0

/**
 * The params of launches that are encoded once and never replayed. Those between two submits share one small buffer,
 * which is written just before the submit that reads it.
 */
const arena = { bytes: new Uint8Array(SLOT * SUBMIT_EVERY), used: 0, buffer: undefined as GPUBuffer | undefined }

onClose(() => {
  encoder = pass = arena.buffer = undefined
  encoded = arena.used = 0
})

/** Tensors by WGSL name -> bind group. `params` is a slice of a uniform buffer. */
export function bindGroup(
  { rung, variant: { info, layout }, tensors }: Launch,
  params: GPUBufferBinding,
): GPUBindGroup {
  return gpu.createBindGroup({
    label: rung.file,
    layout,
    entries: info.bindings.map(({ index, name, access }) => {
      if (access === 'uniform') return { binding: index, resource: params }
      const { shape, storage } = tensors[name]!
      const { buffer, bytes, offset } = storage
      if (!buffer)
        throw new Error(
          `${rung.file}: ${name} has no memory: its scope() has ended, it was released, or it belongs to a plan`,
        )
      checkAlive(buffer, () => `${rung.file}: ${name} [${shape}]`)
      return { binding: index, resource: { buffer, offset, size: bytes } }
    }),
  })
}

/** Adds one dispatch to the open pass. */
export function encode(l: Launch, pipeline: GPUComputePipeline, group: GPUBindGroup): void {
  encoder ??= gpu.createCommandEncoder()
  const timed = profiler?.beginPass(encoder, l)
  if (!timed) pass ??= encoder.beginComputePass()
  const p = timed ?? pass!
  p.setPipeline(pipeline)
  p.setBindGroup(0, group)
  p.dispatchWorkgroups(...l.grid)
  timed?.end()
  stats.launches++
  if (++encoded === SUBMIT_EVERY) flush()
}

/** Compiles if need be, binds and encodes a launch that will not be replayed. */
export function encodeOnce(l: Launch): void {
  arena.buffer ??= gpu.createBuffer({
    label: 'params',
    size: arena.bytes.length,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  })
  const bytes = paramBytes(l.variant, l.params)
  const offset = arena.used * SLOT
  const pipeline = compileNow(l.variant)
  const group = bindGroup(l, { buffer: arena.buffer, offset, size: bytes.length })
  // Only now is nothing left that throws: a launch that fails must not take a slot.
  arena.bytes.set(bytes, offset)
  arena.used++
  encode(l, pipeline, group)
}

/** The encoder, outside of any pass. */
function betweenPasses(): GPUCommandEncoder {
  encoder ??= gpu.createCommandEncoder()
  pass?.end()
  pass = undefined
  return encoder
}

/** Copies one block into another, behind the launches encoded so far. */
export function encodeCopy(from: Storage, to: Storage, at: number): void {
  if (!from.buffer || !to.buffer) throw new Error('a tensor that is copied has no memory: its scope() has ended')
  checkAlive(from.buffer, () => 'a tensor that is copied')
  betweenPasses().copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset + at, from.bytes)
}

/** Fills a block with zeros, behind the launches encoded so far. */
export function encodeClear({ buffer, offset, bytes }: Storage): void {
  betweenPasses().clearBuffer(buffer!, offset, bytes)
}

/** Submits what has been encoded. */
export function flush(): void {
  if (!encoder) return
  pass?.end()
  profiler?.resolve(encoder)
  if (arena.used) gpu.queue.writeBuffer(arena.buffer!, 0, arena.bytes, 0, arena.used * SLOT)
  gpu.queue.submit([encoder.finish()])
  encoder = pass = undefined
  encoded = arena.used = 0
}
