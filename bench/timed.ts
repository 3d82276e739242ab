/** Timing of what is submitted, by the GPU's timestamps where it has them. */
import { flush } from '../src/engine/encode.ts'
import { finish } from '../src/engine/transfer.ts'
import { machineClocks, timestamps } from '../src/engine/tune/clocks.ts'
import { gpu } from '../src/gpu/device.ts'

/**
 * Milliseconds that the GPU takes for what `submit` hands to it. The host's clock counts more: it naps for half a
 * millisecond at a time while it waits. So two empty passes, one before and one behind, take the GPU's time. Where the
 * adapter has no timestamps, or they make no sense, the time is the host's.
 */
export async function timed(submit: () => void): Promise<number> {
  const stamps = machineClocks.timestamps ? timestamps() : undefined
  const start = performance.now()
  if (stamps) submitEmpty(stamps.first)
  submit()
  flush()
  if (stamps) submitEmpty(stamps.second)
  await finish()
  const host = performance.now() - start
  if (!stamps) return host
  const encoder = gpu.createCommandEncoder()
  stamps.resolve(encoder)
  gpu.queue.submit([encoder.finish()])
  const ms = await stamps.read()
  return ms > 0 && ms <= host ? ms : host
}

/** An empty pass in a submit of its own. */
function submitEmpty(pass: GPUComputePassDescriptor): void {
  const encoder = gpu.createCommandEncoder()
  encoder.beginComputePass(pass).end()
  gpu.queue.submit([encoder.finish()])
}
