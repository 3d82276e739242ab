/** The options of open(): the switches, for programs and pages that set no environment, and the adapter. */

/** An option that is not given is as the environment says (see switches.ts); in a page as without any switch. */
export interface OpenOptions {
  /** true or 1 prints every launch, and why its rung is taken; 2 the WGSL, too. */
  readonly debug?: boolean | 0 | 1 | 2
  /** Prints a table of GPU time by kernel when the device is closed. */
  readonly profile?: boolean
  /** Looks for values that are not finite after every launch; the next read() names the first launch that wrote one. */
  readonly check?: boolean
  /** 'naive' takes the first rung of every ladder, 'fast' the one that suits. */
  readonly kernels?: 'naive' | 'fast'
  /** false runs training eagerly, without recording it. */
  readonly plan?: boolean
  /** The kind of machine that rungs are chosen for, whatever the adapter is. */
  readonly machine?: 'cpu' | 'gpu'
  /** Opens a device with no optional feature and WebGPU's default limits. */
  readonly plainDevice?: boolean
  /** A backend of Dawn, by its name: 'vulkan', 'null' ... In Node only. */
  readonly backend?: string
  /** New plans measure their rungs, or do not. */
  readonly tune?: boolean
  /** The file in which the tuner keeps its winners. In Node only: a page keeps them in the Cache API. */
  readonly tuneCache?: string
  /** Large 3x3 convolutions go by Winograd's algorithm, or do not. */
  readonly winograd?: boolean
  /** Admits rungs that keep their tiles in half precision. */
  readonly f16?: boolean
  /** GiB that a training may use. */
  readonly memory?: number
  /** The GPU, where a machine has two: 'high-performance' unless given. */
  readonly powerPreference?: 'high-performance' | 'low-power'
  /** An adapter of your own. It gives one device, so the next open() needs another. */
  readonly adapter?: GPUAdapter
}

type Rule = readonly [expected: string, fits: (v: unknown) => boolean]

const flag: Rule = ['true or false', v => typeof v === 'boolean']
const text: Rule = ['a text', v => typeof v === 'string' && v !== '']
const oneOf = (...values: readonly unknown[]): Rule => [
  values.map(v => JSON.stringify(v)).join(' or '),
  v => values.includes(v),
]

const RULES: Readonly<Record<keyof OpenOptions, Rule>> = {
  debug: oneOf(false, true, 0, 1, 2),
  profile: flag,
  check: flag,
  kernels: oneOf('naive', 'fast'),
  plan: flag,
  machine: oneOf('cpu', 'gpu'),
  plainDevice: flag,
  backend: text,
  tune: flag,
  tuneCache: text,
  winograd: flag,
  f16: flag,
  memory: ['a number of GiB above 0', v => typeof v === 'number' && v > 0],
  powerPreference: oneOf('high-performance', 'low-power'),
  adapter: ['a GPUAdapter', v => typeof (v as GPUAdapter | null)?.requestDevice === 'function'],
}

/**
 * The options that are given, without those that are undefined.
 * @throws on an option that there is not, with those that there are, and on a value that an option does not take.
 */
export function checkedOptions(options: OpenOptions): OpenOptions {
  if (typeof options !== 'object' || options === null)
    throw new Error(`open: options are an object, such as { profile: true }; found ${shown(options)}`)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof OpenOptions] : undefined
    if (!rule) throw new Error(`open: there is no option ${name}; there are ${Object.keys(RULES).join(', ')}`)
    const [expected, fits] = rule
    if (!fits(value)) throw new Error(`open: ${name} is ${expected}, found ${shown(value)}`)
  }
  return Object.fromEntries(given)
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
