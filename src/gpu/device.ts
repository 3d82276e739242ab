/**
 * Opens the GPU once: in Node and Bun by Dawn (npm `webgpu`), in Deno and browsers by their own WebGPU. Keeps its
 * errors; waits for it without burning a core.
 */

import { notInstalled } from './runtime.ts'
import { switches } from './switches.ts'

/** The device, undefined until `openDevice()`. */
export let gpu: GPUDevice

/** The machine, as a run records it. */
export interface AdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  readonly description: string
  /** A software adapter runs on the CPU: other kernels are fast there. */
  readonly software: boolean
  /** Fewest lanes that a subgroup may have here; 0 where shaders cannot use subgroups. */
  readonly subgroup: number
  readonly features: readonly string[]
}
export let adapterInfo: AdapterInfo

/** The device had no memory for a buffer. What was computed since is worth nothing. */
export class OutOfDeviceMemory extends Error {
  override name = 'OutOfDeviceMemory'
  constructor(message: string) {
    super(`the GPU is out of memory: ${message}`)
  }
}

/** The kind of machine that the rules of the ladders choose for: a software adapter is a CPU. */
export const machine = (): 'cpu' | 'gpu' => switches.machine ?? (adapterInfo.software ? 'cpu' : 'gpu')

const errors: string[] = []
let closing = false
let lost: string | undefined
let outOfMemory: string | undefined

/** The device is gone: its driver was reset, its machine slept, somebody else crashed it. Only a new process helps. */
export class DeviceLost extends Error {
  override name = 'DeviceLost'
}

/** Asked for as far as the adapter goes. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxStorageBuffersPerShaderStage',
] as const
const WANTED_FEATURES = ['timestamp-query', 'subgroups', 'shader-f16'] as const

/**
 * Finds an adapter and opens a device on it, with the adapter's own limits (TASN at full size needs bindings over 128
 * MiB).
 */
export async function openDevice(): Promise<GPUDevice> {
  if (closing) throw new Error('the device was closed: open() works once in a process')
  if (gpu) return gpu
  const api = globalThis.navigator?.gpu ?? (await nodeGpu())
  const adapter = await api.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter)
    throw new Error(
      'no WebGPU adapter found. In Node, Bun or Deno: run `npm run setup`, which installs a software Vulkan driver ' +
        'where there is no GPU driver. In a browser: one with WebGPU switched on is needed.',
    )
  const device = await adapter.requestDevice(
    switches.plainDevice
      ? {}
      : {
          requiredFeatures: WANTED_FEATURES.filter(f => adapter.features.has(f)),
          requiredLimits: Object.fromEntries(WANTED_LIMITS.map(name => [name, adapter.limits[name]])),
        },
  )
  device.addEventListener('uncapturederror', ({ error }) => {
    if (error instanceof GPUOutOfMemoryError) outOfMemory ??= error.message
    else errors.push(error.message)
  })
  void device.lost.then(({ reason, message }) => {
    if (!closing) lost = `the GPU device was lost (${reason}): ${message}`
  })
  const { vendor, architecture, device: name, description, subgroupMinSize = 0 } = adapter.info
  const { features } = switches.plainDevice ? device : adapter
  const subgroup = features.has('subgroups') ? subgroupMinSize : 0
  const software = /llvmpipe|lavapipe|swiftshader|software|microsoft basic/i.test(
    `${architecture} ${name} ${description}`,
  )
  adapterInfo = {
    vendor,
    architecture,
    device: name,
    description,
    software,
    subgroup,
    features: [...features].sort(),
  }
  gpu = device
  return gpu
}

/** Ends the device. Node does not exit while one is alive, so every entry point closes it. */
export function closeDevice(): void {
  closing = true
  gpu?.destroy()
}

async function nodeGpu(): Promise<GPU> {
  // Vulkan's software driver refuses to start without it.
  process.env.XDG_RUNTIME_DIR ??= process.env.TMPDIR ?? '/tmp'
  bell = new Int32Array(new SharedArrayBuffer(4))
  const { create, globals } = await import('webgpu').catch(notInstalled('webgpu', 'computing in Node and Bun'))
  Object.assign(globalThis, globals)
  // Dawn lives only as long as this object can be reached from globalThis. A module-level variable that no function
  // mentions is collected, and the process then aborts, hangs or crashes at some later garbage collection.
  // `null` is Dawn's backend that runs nothing: what is left is what launching costs the host (bench/dispatch.ts).
  // Dawn rounds timestamps to 65 us, so that web pages cannot measure too well; a benchmark has to.
  const api = create([
    'disable-dawn-features=timestamp_quantization',
    ...(switches.backend ? [`backend=${switches.backend}`] : []),
  ])
  Object.assign(globalThis, { tasnWebgpuDawn: api })
  return api
}

/** A device that is lost fails in many ways, and says so last. Waits for that a little; undefined if it is there. */
export async function lossOfDevice(): Promise<DeviceLost | undefined> {
  const moment = new Promise(resolve => setTimeout(resolve, 200))
  await Promise.race([gpu?.lost, moment])
  return lost === undefined ? undefined : new DeviceLost(lost)
}

/**
 * Throws what the GPU has complained about since the device was opened: a result read after an error is worth nothing.
 */
export function throwGpuErrors(): void {
  if (lost !== undefined) throw new DeviceLost(lost)
  if (outOfMemory !== undefined) throw new OutOfDeviceMemory(outOfMemory)
  if (errors.length) throw new Error(`the GPU reported ${errors.length} error(s); the first:\n${errors[0]}`)
}

const NAP_MS = 0.5
/** The naps wait on it; undefined where the GPU is not Dawn's Node binding. */
let bell: Int32Array | undefined

/**
 * Awaits a promise of the GPU. While one is pending, Dawn's Node binding polls in a busy loop of event-loop turns, and
 * on few cores that starves a software adapter (measured: the same shader 168 ms busy, 111 ms napping). So after a few
 * quick turns the thread sleeps half a millisecond between turns. Browsers neither need nor allow it, and Deno, which
 * sleeps 10 ms itself, would take three times as long.
 */
export async function wait<T>(promise: Promise<T>): Promise<T> {
  if (!bell) return promise
  let pending = true
  const settled = () => {
    pending = false
  }
  promise.then(settled, settled)
  for (let turn = 0; pending; turn++) {
    if (turn > 4) Atomics.wait(bell, 0, 0, NAP_MS)
    await new Promise(resolve => {
      setImmediate(resolve)
    })
  }
  return promise
}
