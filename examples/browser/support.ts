/** The page's question to the browser: is there a WebGPU that the engine can use? A sentence where there is none. */

/** The engine's kernels need this much; WebGPU promises it on every adapter that is not in compatibility mode. */
const NEEDED = {
  maxStorageBuffersPerShaderStage: [8, 'storage buffers in a shader'],
  maxComputeInvocationsPerWorkgroup: [256, 'invocations in a workgroup'],
  maxComputeWorkgroupStorageSize: [16384, 'bytes of workgroup memory'],
  maxStorageBufferBindingSize: [128 * 2 ** 20, 'bytes in a binding'],
} as const

/** The part of an adapter that is asked. */
interface Limited {
  readonly limits: Readonly<Record<keyof typeof NEEDED, number>>
}

/** A sentence that says which limit is too small; undefined where all are large enough. */
export function tooSmall({ limits }: Limited): string | undefined {
  for (const [name, [needed, unit]] of Object.entries(NEEDED) as [keyof typeof NEEDED, readonly [number, string]][]) {
    if (limits[name] < needed)
      return (
        `This adapter allows ${limits[name].toLocaleString('en')} ${unit}, and the engine needs ` +
        `${needed.toLocaleString('en')}. Another adapter or a newer driver may allow more.`
      )
  }
  return undefined
}

/** True where the browser has WebGPU, if not an adapter for it. */
export const hasWebGpu = (): boolean => globalThis.navigator.gpu !== undefined

/** A sentence that says why this browser cannot compute here; undefined where it can. */
export async function obstacle(): Promise<string | undefined> {
  if (!globalThis.isSecureContext)
    return 'WebGPU works on https:// and on localhost only. Open this page by one of them.'
  const { gpu } = globalThis.navigator
  if (!gpu)
    return (
      'This browser has no WebGPU. Chrome and Edge have it from version 113 on, Safari from 26, Firefox from 141 on ' +
      'Windows; on Linux, Chrome may ask for chrome://flags/#enable-unsafe-webgpu.'
    )
  const adapter = await gpu.requestAdapter().catch(() => null)
  if (!adapter)
    return (
      'This browser has WebGPU, but no adapter for it: the graphics driver may be too old or blocked. The page ' +
      'chrome://gpu (Firefox: about:support) says why.'
    )
  return tooSmall(adapter)
}
