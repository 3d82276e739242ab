/**
 * The switches: options of open(), and for those that are not given variables of the environment. Each is read here and
 * nowhere else, when it is needed, so that a test may set it.
 */

import type { OpenOptions } from './options.ts'
import { inNode } from './runtime.ts'

let given: OpenOptions = {}

/** Options that come before the environment: those of the device that is open. */
export const useOptions = (options: OpenOptions): void => {
  given = options
}

/** An environment variable; undefined where it is empty, and in a browser. */
const env = (name: string): string | undefined => (inNode ? process.env[name] || undefined : undefined)

/** A variable that takes these values only; undefined where it is not set, or empty. @throws on another value. */
function oneOf<V extends string>(name: string, ...values: readonly V[]): V | undefined {
  const value = env(name) as V | undefined
  if (value === undefined || values.includes(value)) return value
  throw new Error(`${name} is ${values.join(' or ')}, found ${JSON.stringify(value)}`)
}

/** True for 1, false for 0, undefined where nothing is set: the program decides. */
function choice(name: string): boolean | undefined {
  const value = oneOf(name, '0', '1')
  return value === undefined ? undefined : value === '1'
}

export const switches = {
  /**
   * DEBUG=1 prints a line for every launch, and once for every ladder and shape why a rung is taken; 2 the WGSL, too.
   * Other libraries read DEBUG as well (DEBUG=express:*): a value of theirs is none of ours.
   */
  get debug(): 0 | 1 | 2 {
    if (given.debug !== undefined) return Number(given.debug) as 0 | 1 | 2
    const value = env('DEBUG')
    return value === '2' ? 2 : value === '1' ? 1 : 0
  },
  /** PROFILE=1 prints a table of GPU time by kernel at the end. */
  get profile(): boolean {
    return given.profile ?? choice('PROFILE') ?? false
  },
  /** CHECK=1 looks for values that are not finite after every launch, and names the first launch that wrote one. */
  get check(): boolean {
    return given.check ?? choice('CHECK') ?? false
  },
  /** KERNELS=naive takes the first rung of every ladder: the one to read. */
  get naive(): boolean {
    return (given.kernels ?? oneOf('KERNELS', 'naive', 'fast')) === 'naive'
  },
  /** PLAN=0 runs training eagerly, without recording it. */
  get plan(): boolean {
    return given.plan ?? choice('PLAN') ?? true
  },
  /**
   * MACHINE=gpu or cpu overrides what the rules of the ladders take the adapter for. Results stay right, only speed
   * changes.
   */
  get machine(): 'cpu' | 'gpu' | undefined {
    return given.machine ?? oneOf('MACHINE', 'cpu', 'gpu')
  },
  /** DEVICE=plain opens a device with no optional feature and WebGPU's default limits: each adapter has that much. */
  get plainDevice(): boolean {
    return given.plainDevice ?? oneOf('DEVICE', 'plain') === 'plain'
  },
  /** BACKEND=null opens Dawn's backend that runs nothing; any other of its backends by its name. Node only. */
  get backend(): string | undefined {
    return given.backend ?? env('BACKEND')
  },
  /** TUNE=1 and 0 switch the tuner on and off; unset, it is on for GPUs. */
  get tune(): boolean | undefined {
    return given.tune ?? choice('TUNE')
  },
  /** TUNE_CACHE=file keeps the tuner's winners there. */
  get tuneCache(): string | undefined {
    return given.tuneCache ?? env('TUNE_CACHE')
  },
  /** The folder for what can be computed again: tasn-webgpu in XDG_CACHE_HOME, or in ~/.cache where that is not set. */
  get cacheFolder(): string | undefined {
    try {
      const home = () => `${process.getBuiltinModule('node:os').homedir()}/.cache`
      return `${env('XDG_CACHE_HOME') ?? home()}/tasn-webgpu`
    } catch {
      return undefined // a page, or a user without a home, as in some containers
    }
  },
  /** WINOGRAD=1 and 0 switch Winograd's algorithm on and off; unset, it is on for CPUs, where it was measured. */
  get winograd(): boolean | undefined {
    return given.winograd ?? choice('WINOGRAD')
  },
  /** F16=1 admits rungs that keep their tiles in half precision. */
  get f16(): boolean {
    return given.f16 ?? choice('F16') ?? false
  },
  /** MEMORY=n is the memory that a training may use, in GiB. */
  get memory(): number | undefined {
    const value = given.memory ?? env('MEMORY')
    if (value === undefined) return undefined
    if (Number(value) > 0) return Number(value)
    throw new Error(`MEMORY is a number of GiB above 0, such as 8, found ${JSON.stringify(value)}`)
  },
}

/** @throws on the first variable with a value that it does not take: at open(), and not where it is first needed. */
export const checkSwitches = (): void => {
  Object.values(switches)
}
