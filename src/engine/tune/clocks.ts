/** The clocks that a launch can be timed by: timestamps of the GPU, where it has them, and the clock of the host. */
import { gpu, throwGpuErrors, wait } from '../../gpu/device.ts'
import { paramBytes } from '../../gpu/params.ts'
import { compileNow } from '../../gpu/variant.ts'
import { bindGroup, flush } from '../encode.ts'
import type { Launch } from '../launch.ts'

/** All that measuring knows of time. Tests give clocks that tick slowly, stand still, jump or tremble. */
export interface Clocks {
  /** True where run() gives times by the GPU's timestamps. */
  readonly timestamps: boolean
  /** The host's clock, milliseconds. */
  now(): number
  /**
   * Runs a launch so many times, one run after the other, and waits for the last one.
   * @returns milliseconds by the GPU's timestamps, as they are: browsers round them, and drivers may set them back.
   */
  run(l: Launch, times: number): Promise<number | undefined>
}

/** The clocks of this machine. */
export const machineClocks: Clocks = {
  get timestamps() {
    return gpu.features.has('timestamp-query')
  },
  now: () => performance.now(),
  run: runPass,
}

/** Milliseconds of one run, by timestamps where there are any. */
export async function milliseconds(l: Launch): Promise<number> {
  const start = machineClocks.now()
  return (await machineClocks.run(l, 1)) ?? machineClocks.now() - start
}

/**
 * One pass with a timestamp at either end. Runs follow each other as launches of a plan do, so what a pass costs is
 * shared among them. The debug switches and PROFILE=1 do not see it: such launches are not the user's.
 */
export async function runPass(l: Launch, times: number): Promise<number | undefined> {
  flush() // what was launched before comes first
  const bytes = paramBytes(l.variant, l.params)
  const size = Math.max(16, bytes.length)
  const params = gpu.createBuffer({ label: 'params', size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST })
  gpu.queue.writeBuffer(params, 0, bytes)
  const stamps = machineClocks.timestamps ? timestamps() : undefined
  const encoder = gpu.createCommandEncoder()
  const pass = encoder.beginComputePass(stamps?.both)
  pass.setPipeline(compileNow(l.variant))
  pass.setBindGroup(0, bindGroup(l, { buffer: params, offset: 0, size }))
  for (let i = 0; i < times; i++) pass.dispatchWorkgroups(...l.grid)
  pass.end()
  stamps?.resolve(encoder)
  gpu.queue.submit([encoder.finish()])
  try {
    if (stamps) return await stamps.read()
    await wait(gpu.queue.onSubmittedWorkDone().then(() => {}))
    return undefined
  } finally {
    params.destroy()
    throwGpuErrors()
  }
}

/** Two timestamps, of one pass or of two, and their way to the host. */
export function timestamps() {
  const querySet = gpu.createQuerySet({ type: 'timestamp', count: 2 })
  const resolved = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC })
  const staging = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  const [begins, ends] = [{ beginningOfPassWriteIndex: 0 }, { endOfPassWriteIndex: 1 }]
  return {
    /** Descriptors of passes that write the first at their beginning, the second at their end, or both. */
    both: { timestampWrites: { querySet, ...begins, ...ends } },
    first: { timestampWrites: { querySet, ...begins } },
    second: { timestampWrites: { querySet, ...ends } },
    resolve(encoder: GPUCommandEncoder) {
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0)
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16)
    },
    /** Waits, and gives back the memory. @returns milliseconds from the one to the other. */
    async read(): Promise<number> {
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
