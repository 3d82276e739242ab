/** Buffers of tensors: made, counted and destroyed in one place. */
import { gpu } from '../gpu/device.ts'

/**
 * Tensor buffers that there are now, their bytes, and launches run so far. Tests watch these for leaks, memory is
 * budgeted by them (train/fit.ts).
 */
export const stats = { buffers: 0, bytes: 0, launches: 0 }

/** The largest buffer that can be made and bound whole. */
export const mostBytes = (): number => Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize)

/** @throws where a buffer would be too large for this adapter. */
export function checkBytes(bytes: number, label: string): void {
  const most = mostBytes()
  if (bytes > most)
    throw new Error(
      `a tensor of ${bytes} bytes (${label}) is over this adapter's limit of ${most} bytes: use a smaller batch or ` +
        'image',
    )
}

export function createBuffer(bytes: number, label: string): GPUBuffer {
  // The compiler believes that gpu is always there; a program that forgot open() finds out here.
  if (!(gpu as GPUDevice | undefined)) throw new Error('there is no device yet: `await open()` comes first')
  checkBytes(bytes, label)
  stats.buffers++
  stats.bytes += bytes
  return gpu.createBuffer({
    label,
    size: bytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  })
}

export function destroyBuffer(buffer: GPUBuffer): void {
  stats.buffers--
  stats.bytes -= buffer.size
  buffer.destroy()
}
