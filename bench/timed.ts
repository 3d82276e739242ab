/** Timing of what is submitted, by the GPU's timestamps where it has them. */
import { flush } from '../src/engine/encode.ts'
import { finish } from '../src/engine/transfer.ts'
import { gpu, wait } from '../src/gpu/device.ts'

/**
 * Milliseconds that the GPU takes for what `submit` hands to it. The host's clock counts more: it naps for half a
 * millisecond at a time while it waits. So two empty passes, one before and one behind, take the GPU's time. Where the
 * adapter has no timestamps, or they make no sense, the time is the host's.
 */
export async function timed(submit: () => void): Promise<number> {
  const stamps = gpu.features.has('timestamp-query') ? stampsOf() : undefined
  const start = performance.now()
  stamps?.write({ beginningOfPassWriteIndex: 0 })
  submit()
  flush()
  stamps?.write({ endOfPassWriteIndex: 1 })
  await finish()
  const host = performance.now() - start
  const ms = await stamps?.read()
  return ms !== undefined && ms > 0 && ms <= host ? ms : host
}

/** Two timestamps, each in a submit of its own, and their way to the host. */
function stampsOf() {
  const querySet = gpu.createQuerySet({ type: 'timestamp', count: 2 })
  const resolved = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC })
  const staging = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  return {
    write(where: Omit<GPUComputePassTimestampWrites, 'querySet'>) {
      const encoder = gpu.createCommandEncoder()
      encoder.beginComputePass({ timestampWrites: { querySet, ...where } }).end()
      gpu.queue.submit([encoder.finish()])
    },
    async read(): Promise<number> {
      const encoder = gpu.createCommandEncoder()
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0)
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16)
      gpu.queue.submit([encoder.finish()])
      try {
        await wait(staging.mapAsync(GPUMapMode.READ))
        const [begin, end] = new BigInt64Array(staging.getMappedRange())
        return Number(end! - begin!) / 1e6
      } finally {
        for (const made of [querySet, resolved, staging]) made.destroy()
      }
    },
  }
}
