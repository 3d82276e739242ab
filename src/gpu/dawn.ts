/** Dawn, the WebGPU of Node and Bun: npm `webgpu`. */
import { inNode } from './runtime.ts'
import { switches } from './switches.ts'

/** The naps of wait() wait on it; undefined where the GPU is not Dawn's Node binding. */
export let bell: Int32Array | undefined

/**
 * Dawn lives only as long as its object can be reached from globalThis. A module-level variable that no function
 * mentions is collected, and the process then aborts, hangs or crashes at some later garbage collection. So each
 * backend's object is kept there for good: whoever opens a device again gets the same one.
 */
const kept = globalThis as { tasnWebgpuDawn?: Map<string | undefined, GPU> }

/**
 * Dawn with the backend that is asked for, made once in a process.
 * @throws where npm `webgpu` is not installed, or has no Dawn for this machine; and in a page, which has its own WebGPU
 *   or none.
 */
export async function dawn(): Promise<GPU> {
  if (!inNode)
    throw new Error(
      'this browser shows no WebGPU (navigator.gpu): it takes a browser with WebGPU switched on, and a page that ' +
        'comes by https or from localhost',
    )
  // Vulkan's software driver refuses to start without it.
  process.env.XDG_RUNTIME_DIR ??= process.env.TMPDIR ?? '/tmp'
  const { backend } = switches
  const { create, globals } = await import('webgpu').catch(explain)
  Object.assign(globalThis, globals)
  bell ??= new Int32Array(new SharedArrayBuffer(4))
  kept.tasnWebgpuDawn ??= new Map()
  const known = kept.tasnWebgpuDawn.get(backend)
  if (known) return known
  // `null` is Dawn's backend that runs nothing: what is left is what launching costs the host (bench/dispatch.ts).
  // Dawn rounds timestamps to 65 us, so that web pages cannot measure too well; a benchmark has to.
  const api = create(['disable-dawn-features=timestamp_quantization', ...(backend ? [`backend=${backend}`] : [])])
  kept.tasnWebgpuDawn.set(backend, api)
  return api
}

function explain(error: Error & { code?: string }): never {
  const missing = /(?:cannot find (?:package|module)|import) ['"]?webgpu['"]?/i.test(error.message)
  throw new Error(
    missing
      ? 'Node has no WebGPU of its own: install the package that brings it, by `npm install webgpu`'
      : `the package webgpu, which brings WebGPU to Node, does not load on this machine: ${error.message}`,
    { cause: error },
  )
}
