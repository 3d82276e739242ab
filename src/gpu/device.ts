/**
 * Opens the GPU: in Node and Bun by Dawn (npm `webgpu`), in Deno and browsers by their own WebGPU. Keeps its errors;
 * waits for it without burning a core. When it is closed, all that belongs to it is forgotten.
 */

import { type AdapterInfo, infoOf } from './adapter.ts'
import { bell, dawn } from './dawn.ts'
import type { OpenOptions } from './options.ts'
import { switches } from './switches.ts'

/** Stands in for the device where none is open: whoever uses it is told. */
const NONE = new Proxy({} as GPUDevice, {
  get() {
    throw new Error('no device is open: `await open()` comes first')
  },
})

/** The device that is open. */
export let gpu: GPUDevice = NONE
export const isDeviceOpen = (): boolean => gpu !== NONE

export type { AdapterInfo } from './adapter.ts'
/** The adapter of the device that is open, or was open last. */
export let adapterInfo: AdapterInfo

/** The kind of machine that the rules of the ladders choose for: a software adapter is a CPU. */
export const machine = (): 'cpu' | 'gpu' => switches.machine ?? (adapterInfo.software ? 'cpu' : 'gpu')

/** The device had no memory for a buffer. What was computed since is worth nothing. */
export class OutOfDeviceMemory extends Error {
  override name = 'OutOfDeviceMemory'
  constructor(message: string) {
    super(`the GPU is out of memory: ${message}`)
  }
}

/**
 * The device is gone: its driver was reset, its machine slept, somebody else crashed it. close() and open() give a
 * fresh one, on which all tensors and plans are to be made again.
 */
export class DeviceLost extends Error {
  override name = 'DeviceLost'
}

/** Something was used that went with a device that is closed. */
export class DeviceClosed extends Error {
  override name = 'DeviceClosed'
  /** @param subject what was used, as the beginning of a sentence. */
  constructor(subject: string) {
    super(`${subject} was made on a device that is closed; make it again after open()`)
  }
}

/** All that a device has complained about. */
interface Trouble {
  readonly errors: string[]
  lost?: string
  /** Somebody has heard of the loss. */
  told?: true
  outOfMemory?: string
}
let trouble: Trouble = { errors: [] }

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
export async function openDevice(options: OpenOptions = {}): Promise<GPUDevice> {
  if (isDeviceOpen()) return gpu
  const own = globalThis.navigator?.gpu
  if (own && options.backend !== undefined)
    throw new Error('open: backend chooses among those of Dawn in Node; this host has a WebGPU of its own')
  const api = own ?? (await dawn())
  const { powerPreference = 'high-performance' } = options
  const adapter = options.adapter ?? (await api.requestAdapter({ powerPreference }))
  if (!adapter)
    throw new Error(
      'no WebGPU adapter found. In Node, Bun or Deno: install a Vulkan driver, such as Mesa; in the repository, ' +
        '`npm run setup` does. In a browser: one with WebGPU switched on is needed.',
    )
  const device = await adapter.requestDevice(
    switches.plainDevice
      ? {}
      : {
          requiredFeatures: WANTED_FEATURES.filter(f => adapter.features.has(f)),
          requiredLimits: Object.fromEntries(WANTED_LIMITS.map(name => [name, adapter.limits[name]])),
        },
  )
  // What a device says after it was closed is heard by nobody.
  const its: Trouble = { errors: [] }
  device.addEventListener('uncapturederror', ({ error }) => {
    if (error instanceof GPUOutOfMemoryError) its.outOfMemory ??= error.message
    else its.errors.push(error.message)
  })
  void device.lost.then(({ reason, message }) => {
    its.lost = `the GPU device was lost (${reason}): ${message}`
  })
  adapterInfo = infoOf(adapter, switches.plainDevice ? device.features : adapter.features)
  trouble = its
  gpu = device
  return gpu
}

const forgets: (() => void)[] = []
/** Every module that keeps something of the device says how it forgets that, for the next device to find nothing. */
export const onClose = (forget: () => void): void => {
  forgets.push(forget)
}

/** Ends the device, and forgets all of it. Node does not exit while one is alive, so every entry point closes it. */
export function closeDevice(): void {
  if (!isDeviceOpen()) return
  gpu.destroy()
  gpu = NONE
  trouble = { errors: [] }
  for (const forget of forgets) forget()
}

/** How a device is that was lost: somebody has been told, or not; undefined where it is there, as far as is known. */
export const deviceLoss = (): 'told' | 'untold' | undefined =>
  trouble.lost === undefined ? undefined : trouble.told ? 'told' : 'untold'

function tellLoss(message: string): DeviceLost {
  trouble.told = true
  return new DeviceLost(message)
}

/** A device that is lost fails in many ways, and says so last. Waits for that a little; undefined if it is there. */
export async function lossOfDevice(): Promise<DeviceLost | undefined> {
  if (!isDeviceOpen()) return undefined
  const moment = new Promise(resolve => setTimeout(resolve, 200))
  await Promise.race([gpu.lost, moment])
  return trouble.lost === undefined ? undefined : tellLoss(trouble.lost)
}

/**
 * Throws what the GPU has complained about since the device was opened: a result read after an error is worth nothing.
 */
export function throwGpuErrors(): void {
  const { lost, outOfMemory, errors } = trouble
  if (lost !== undefined) throw tellLoss(lost)
  if (outOfMemory !== undefined) throw new OutOfDeviceMemory(outOfMemory)
  if (errors.length) throw new Error(`the GPU reported ${errors.length} error(s); the first:\n${errors[0]}`)
}

const NAP_MS = 0.5

/**
 * Awaits a promise of the GPU. While one is pending, Dawn's Node binding polls in a busy loop of event-loop turns, and
 * on few cores that starves a software adapter (measured: the same shader 168 ms busy, 111 ms napping). So after a few
 * quick turns the thread sleeps half a millisecond between turns. Browsers neither need nor allow it, and Deno, which
 * sleeps 10 ms itself, would take three times as long.
 * @throws DeviceClosed where the device is closed meanwhile.
 */
export async function wait<T>(promise: Promise<T>): Promise<T> {
  const device = gpu
  let pending = bell !== undefined
  const settled = () => {
    pending = false
  }
  promise.then(settled, settled)
  for (let turn = 0; pending; turn++) {
    if (turn > 4) Atomics.wait(bell!, 0, 0, NAP_MS)
    await new Promise(resolve => {
      setImmediate(resolve)
    })
  }
  return promise.finally(() => {
    if (gpu !== device) throw new DeviceClosed('the result that is waited for')
  })
}
