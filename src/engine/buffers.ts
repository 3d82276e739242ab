/** Buffers of tensors: made, counted and destroyed in one place. */
import { DeviceClosed, gpu, onClose } from '../gpu/device.ts'

/**
 * Tensor buffers that there are now, their bytes, and launches run so far. Tests watch these for leaks, memory is
 * budgeted by them (train/fit.ts).
 */
export const stats = { buffers: 0, bytes: 0, launches: 0 }

/** The buffers of the device that is open. */
let alive = new WeakSet<GPUBuffer>()
onClose(() => {
  alive = new WeakSet()
  Object.assign(stats, { buffers: 0, bytes: 0, launches: 0 })
})

/** @throws DeviceClosed where the buffer went with its device. `subject` is the tensor in it, for the error. */
export function checkAlive(buffer: GPUBuffer, subject: () => string): void {
  if (!alive.has(buffer)) throw new DeviceClosed(subject())
}

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

/** Tensors that share a buffer and have not been released yet. */
const tenants = new WeakMap<GPUBuffer, number>()

/** @param shared the number of tensors that will live in it: it is destroyed with the last of them. */
export function createBuffer(bytes: number, label: string, shared = 1): GPUBuffer {
  checkBytes(bytes, label)
  stats.buffers++
  stats.bytes += bytes
  const buffer = gpu.createBuffer({
    label,
    size: bytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  })
  alive.add(buffer)
  if (shared > 1) tenants.set(buffer, shared)
  return buffer
}

/** Gives a buffer back: its memory goes with the last tensor in it, or went with its device. */
export function destroyBuffer(buffer: GPUBuffer): void {
  if (!alive.has(buffer)) return
  const left = (tenants.get(buffer) ?? 1) - 1
  tenants.set(buffer, left)
  if (left > 0) return
  stats.buffers--
  stats.bytes -= buffer.size
  buffer.destroy()
}
