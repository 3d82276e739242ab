/**
 * Kernels: a .wgsl file, how much work its parameters mean, and its compiled variants. Ladders: interchangeable
 * kernels.
 */
import { adapterInfo, env, gpu } from './device.ts'
import { type Consts, includes, loadSource, type Reflection, reflect, specialise } from './shader.ts'

export type Params = Readonly<Record<string, number>>
export type Grid = readonly [x: number, y: number, z: number]

export interface KernelOptions {
  /** Values for `const` lines, the same for every launch. */
  consts?: Consts
  /**
   * Values for `const` lines on adapters that run on the CPU, where small workgroups of one octet are best.
   * KERNELS=naive takes none.
   */
  onCpu?: Consts
  /** Params that are compiled in, as `const` lines of the same name: filter sizes, switches. One pipeline per value. */
  fix?: readonly string[]
  /** Whether a rung of a ladder is right for these params; always, unless told. */
  fits?: (params: Params) => boolean
  /** Whether a rung that fits is also worth taking; always, unless told. `software`: the adapter runs on the CPU. */
  pays?: (params: Params, software: boolean) => boolean
  /** Fewest lanes a subgroup must have for this rung of a ladder to be right; it does not fit adapters with less. */
  subgroup?: number
  /**
   * Keeps its tiles in half precision, on adapters with the feature shader-f16. Only taken with F16=1, for it is less
   * exact.
   */
  half?: boolean
  /** Multiplications and additions of a launch, for the PROFILE=1 table and the benchmarks. */
  flop?: (params: Params) => number
  /**
   * Largest relative difference from rung 1 that is still right (Euclidean norm), where rounding is coarser than
   * float32's.
   */
  tolerance?: number
}

/** One .wgsl file. Declared at module scope by the op that owns it; compiled when first used. */
export interface Kernel extends KernelOptions {
  readonly file: string
  /**
   * Either the number of elements, shared out to invocations (WG of them in a workgroup, STRIP elements each), or the
   * workgroups themselves.
   */
  readonly work: (params: Params) => number | Grid
}

/** Kernels with the same bindings and the same Params, from the one to read to the one to run. */
export interface Ladder {
  readonly name: string
  readonly rungs: readonly [Kernel, ...Kernel[]]
}

/**
 * A rung with tiles in half precision: eleven bits of each number, so products are off by up to 1/1024 and long sums by
 * less.
 */
export const HALF = { half: true, tolerance: 1e-3 } as const

const declared = new Set<Kernel>()

export function kernel(file: string, work: Kernel['work'], options: KernelOptions = {}): Kernel {
  const k = { file, work, ...options }
  declared.add(k)
  return k
}

/** A kernel for the reader: its file, and the constants that tell it from others of the same file. */
export const labelOf = ({ file, consts, half }: Kernel): string =>
  file.replace('.wgsl', '') +
  (half ? ' f16' : '') +
  (consts
    ? ` (${Object.entries(consts)
        .map(([name, v]) => `${name} ${v}`)
        .join(', ')})`
    : '')

const ladders = new Map<string, Ladder>()

export function ladder(name: string, ...rungs: [Kernel, ...Kernel[]]): Ladder {
  const l = { name, rungs }
  ladders.set(name, l)
  return l
}

export const declaredKernels = (): readonly Kernel[] => [...declared]

export const declaredLadders = (): readonly Ladder[] => [...ladders.values()]

export function ladderNamed(name: string): Ladder {
  const l = ladders.get(name)
  if (!l) throw new Error(`no ladder is named ${name}; there are ${[...ladders.keys()].join(', ')}`)
  return l
}

/** Loads the text of every kernel that the modules imported so far declare. */
export const loadKernels = async (): Promise<void> => {
  await Promise.all([...declared].map(k => loadSource(k.file)))
}

const forced = new Map<string, Kernel>()

/**
 * For tests and benchmarks: within `body`, takes this rung of the named ladder wherever it fits. `rung` counts from 0,
 * the naive one.
 */
export function withRung<T>(name: string, rung: number, body: () => T): T {
  const before = forced.get(name)
  const { rungs } = ladderNamed(name)
  if (!rungs[rung]) throw new Error(`${name} has ${rungs.length} rungs, there is no rung ${rung}`)
  forced.set(name, rungs[rung])
  try {
    return body()
  } finally {
    if (before) forced.set(name, before)
    else forced.delete(name)
  }
}

/** Rungs that were measured to be best (tuner.ts), by launchKey(). They come before the rules. */
export const picks = new Map<string, Kernel>()

/** What launches of a ladder are told apart by. */
export const launchKey = (l: Ladder, params: Params): string => `${l.name} ${JSON.stringify(params)}`

export const pick = (l: Ladder, params: Params, rung: Kernel): void => {
  picks.set(launchKey(l, params), rung)
}

/** Whether this adapter can run the kernel, and its result is right for these params. */
const fits = (k: Kernel, params: Params): boolean => canRun(k) && (!k.fits || k.fits(params))

/** Whether this adapter has what the kernel asks of it. */
export const canRun = (k: Kernel): boolean =>
  (k.subgroup ?? 0) <= adapterInfo.subgroup && (!k.half || adapterInfo.features.includes('shader-f16'))

/** Whether the user wants it: half precision has to be asked for. */
const wanted = (k: Kernel): boolean => !k.half || env('F16') === '1'

/** The rungs that may be taken for these params; with `all`, those too that have to be asked for. */
export const rungsThatFit = (l: Ladder, params: Params, { all = false } = {}): Kernel[] =>
  l.rungs.filter(k => fits(k, params) && (all || wanted(k)))

/**
 * Whether launches of the ladder may now take any rung: a test, a benchmark or KERNELS=naive may have decided already.
 */
export const isFree = (l: Ladder): boolean => !forced.has(l.name) && env('KERNELS') !== 'naive'

/** What was picked, else the highest rung that fits and pays. Rung 1, the naive one, takes everything. */
export function choose(target: Kernel | Ladder, params: Params): Kernel {
  if (!('rungs' in target)) return target
  const wish = forced.get(target.name)
  if (wish && fits(wish, params)) return wish
  if (env('KERNELS') === 'naive') return target.rungs[0]
  const picked = picks.size ? picks.get(launchKey(target, params)) : undefined
  if (picked && fits(picked, params) && wanted(picked)) return picked
  return (
    target.rungs.findLast(k => fits(k, params) && wanted(k) && (!k.pays || k.pays(params, adapterInfo.software))) ??
    target.rungs[0]
  )
}

/** All rungs' names, shader texts and constants: what measurements of a ladder depend on, beside the adapter. */
export const ladderText = (l: Ladder): string =>
  l.rungs
    .map(k => `${labelOf(k)}\n${JSON.stringify(constsOnCpu(k))}\n${specialise(k.file, k.consts, k.half)}`)
    .join('\n')

// ---- compiled variants
// -------------------------------------------------------------------------------------------------

/** A kernel with its constants fixed. */
export interface Variant {
  readonly kernel: Kernel
  /** File and constants: what tells variants apart. */
  readonly key: string
  readonly info: Reflection
  readonly code: string
  readonly layout: GPUBindGroupLayout
  pipeline: GPUComputePipeline | undefined
}
const variants = new Map<string, Variant>()

/**
 * Constants of lib/strip.wgsl for a CPU: one octet of lanes walks 2,048 elements (measured on SGD: 3 times as fast as
 * an element each).
 */
const STRIPS_ON_CPU = { WG: 8, STRIP: 256 }

const constsOnCpu = (k: Kernel): Consts =>
  !adapterInfo.software || env('KERNELS') === 'naive'
    ? {}
    : { ...(includes(k.file, 'lib/strip.wgsl') ? STRIPS_ON_CPU : {}), ...k.onCpu }

/** The variant of a kernel for these params, not necessarily compiled yet. */
export function variant(k: Kernel, params: Params): Variant {
  const fixed = Object.fromEntries((k.fix ?? []).map(name => [name, need(k, params, name)]))
  const consts = { ...constsOnCpu(k), ...k.consts, ...fixed }
  return variantOf(k, `${k.file} ${JSON.stringify(consts)}${k.half ? ' f16' : ''}`, () =>
    specialise(k.file, consts, k.half),
  )
}

/**
 * The same kernel with these bindings declared writable, though it only reads them. WebGPU rejects a buffer that is
 * bound in one dispatch for reading and for writing, but not one that is bound twice for writing on separate bytes.
 */
export function writable(v: Variant, names: readonly string[]): Variant {
  const declared = new RegExp(`var<storage, read> (${names.join('|')}):`, 'g')
  return variantOf(v.kernel, `${v.key} writable ${names.join()}`, () =>
    v.code.replace(declared, 'var<storage, read_write> $1:'),
  )
}

function variantOf(k: Kernel, key: string, text: () => string): Variant {
  let v = variants.get(key)
  if (!v) {
    const code = text()
    const info = reflect(k.file, code)
    const type = { read: 'read-only-storage', read_write: 'storage', uniform: 'uniform' } as const
    const layout = gpu.createBindGroupLayout({
      label: k.file,
      entries: info.bindings.map(b => ({
        binding: b.index,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: type[b.access] },
      })),
    })
    variants.set(key, (v = { kernel: k, key, info, code, layout, pipeline: undefined }))
    if (env('DEBUG') === '2') console.log(`---- ${key}\n${code}`)
  }
  return v
}

const descriptor = (v: Variant): GPUComputePipelineDescriptor => ({
  label: v.kernel.file,
  layout: gpu.createPipelineLayout({ bindGroupLayouts: [v.layout] }),
  compute: { module: gpu.createShaderModule({ label: v.kernel.file, code: v.code }), entryPoint: 'main' },
})

/** Compiles at once: eager launches. A bad shader is reported by the device, so the next read() throws. */
export const compileNow = (v: Variant): GPUComputePipeline => (v.pipeline ??= gpu.createComputePipeline(descriptor(v)))

/** Compiles many variants side by side. Throws the compiler's messages with file, line and text. */
export async function compile(list: Iterable<Variant>): Promise<void> {
  await Promise.all(
    [...new Set(list)]
      .filter(v => !v.pipeline)
      .map(async v => {
        const d = descriptor(v)
        try {
          v.pipeline = await gpu.createComputePipelineAsync(d)
        } catch (error) {
          const { messages } = await d.compute.module.getCompilationInfo()
          const lines = v.code.split('\n')
          const report = messages.map(
            m => `  line ${m.lineNum}: ${m.message}\n    ${lines[m.lineNum - 1]?.trim() ?? ''}`,
          )
          throw new Error(`${v.kernel.file} does not compile:\n${report.join('\n') || String(error)}`)
        }
      }),
  )
}

// ---- what a launch sends
// ---------------------------------------------------------------------------------------------------

/** Workgroups on one axis of a grid, at most. */
export const MAX_GROUPS = 65535

/**
 * A grid of n workgroups. Past the limit of one axis it goes on in y: n may then be exceeded, and shaders check their
 * number.
 */
export const spread = (n: number): Grid => (n <= MAX_GROUPS ? [n, 1, 1] : [MAX_GROUPS, Math.ceil(n / MAX_GROUPS), 1])

export function gridOf(k: Kernel, info: Reflection, params: Params): Grid {
  for (const { name } of info.params) need(k, params, name)
  const work = k.work(params)
  if (typeof work === 'number') {
    if (!(work >= 1)) throw new Error(`${k.file}: nothing to do (${work} invocations)`)
    // Shaders number their invocations by lib/flat.wgsl or lib/strip.wgsl.
    return spread(Math.ceil(work / (info.workgroup[0] * info.strip)))
  }
  if (!work.every(n => Number.isInteger(n) && n >= 1 && n <= MAX_GROUPS)) {
    throw new Error(`${k.file}: a grid of ${work.join(' x ')} workgroups is outside 1 to ${MAX_GROUPS} on an axis`)
  }
  return work
}

const need = (k: Kernel, params: Params, name: string): number => {
  const value = params[name]
  if (value === undefined) throw new Error(`${k.file}: param ${name} is not given`)
  return value
}

/** Numbers by name -> the bytes of the shader's `struct Params`, padded to 16. */
export function paramBytes({ kernel: k, info }: Variant, params: Params): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(Math.ceil(info.params.length / 4) * 16))
  info.params.forEach(({ name, type }, i) => {
    const value = need(k, params, name)
    if (type !== 'f32' && !Number.isInteger(value))
      throw new Error(`${k.file}: param ${name} must be a whole number, found ${value}`)
    if (type === 'f32') view.setFloat32(4 * i, value, true)
    else if (type === 'i32') view.setInt32(4 * i, value, true)
    else view.setUint32(4 * i, value, true)
  })
  return new Uint8Array(view.buffer)
}
