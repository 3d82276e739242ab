/**
 * launch(): the one call through which every op reaches the GPU; the eager executor behind it; host <-> GPU traffic.
 */
import { gpu, throwGpuErrors, wait } from '../gpu/device.ts'
import {
  choose,
  compileNow,
  type Grid,
  gridOf,
  isFree,
  type Kernel,
  type Ladder,
  type Params,
  paramBytes,
  type Variant,
  variant,
} from '../gpu/kernel.ts'
import { profiler } from '../gpu/profile.ts'
import { type DType, type Shape, type Storage, sizeOf, Tensor } from './tensor.ts'

/** One dispatch: tensors and numbers by their WGSL names. */
export interface Launch {
  readonly variant: Variant
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly params: Params
  readonly grid: Grid
  /** The ladder that the kernel is a rung of, where any of its rungs may take its place. */
  readonly ladder?: Ladder
}

/** Where ops send their work. There are two: `eager` (here) runs it at once, a Plan (plan.ts) writes it down. */
export interface Executor {
  allocate(bytes: number): Storage
  launch(launch: Launch): void
}

/**
 * Tensor buffers that there are now, their bytes, and launches run so far. Tests watch these for leaks, memory is
 * budgeted by them (train/fit.ts).
 */
export const stats = { buffers: 0, bytes: 0, launches: 0 }

/** The largest buffer that can be made and bound whole. */
export const mostBytes = (): number => Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize)

/** @throws where a buffer would be too large for this adapter. */
export function checkBytes(bytes: number, label: string): void {
  const most = mostBytes()
  if (bytes > most)
    throw new Error(
      `a tensor of ${bytes} bytes (${label}) is over this adapter's limit of ${most} bytes: use a smaller batch or ` +
        'image',
    )
}

export function createBuffer(bytes: number, label: string): GPUBuffer {
  // The compiler believes that gpu is always there; a program that forgot open() finds out here.
  if (!(gpu as GPUDevice | undefined)) throw new Error('there is no device yet: `await open()` comes first')
  checkBytes(bytes, label)
  stats.buffers++
  stats.bytes += bytes
  return gpu.createBuffer({
    label,
    size: bytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  })
}

export function destroyBuffer(buffer: GPUBuffer): void {
  stats.buffers--
  stats.bytes -= buffer.size
  buffer.destroy()
}

/** What the debug switches add: launches after every launch, and a verdict before every read. See debug.ts. */
export const hooks: { afterLaunch?: (l: Launch) => readonly Launch[]; beforeRead?: () => Promise<void> } = {}

// ---- the choke point
// -------------------------------------------------------------------------------------------------------

/** An uninitialised tensor that lives until the end of the current scope(). Its maker writes every element. */
export const empty = (shape: Shape, dtype: DType = 'f32'): Tensor =>
  new Tensor(shape, execute.allocate(4 * sizeOf(shape)), dtype)

/**
 * Runs one kernel, or the best-suited rung of a ladder, over tensors and numbers given by their WGSL names.
 * A tensor that is missing, or that the shader lacks, and a number that is missing throw with the shader's file.
 */
export function launch(target: Kernel | Ladder, tensors: Launch['tensors'], params: Params): void {
  const kernel = choose(target, params)
  const v = variant(kernel, params)
  const bindings = v.info.bindings.filter(b => b.access !== 'uniform')
  const names = bindings.map(b => b.name)
  const given = Object.keys(tensors)
  if (names.length !== given.length || !names.every(n => n in tensors)) {
    throw new Error(`${kernel.file} binds ${names.join(', ')}; given: ${given.join(', ')}`)
  }
  for (const { name, dtype } of bindings) {
    const t = tensors[name]!
    if (t.dtype !== dtype)
      throw new Error(`${kernel.file}: ${name} must hold ${dtype}, the tensor of shape [${t.shape}] holds ${t.dtype}`)
  }
  const l: Launch = {
    variant: v,
    tensors,
    params,
    grid: gridOf(kernel, v.info, params),
    ...('rungs' in target && isFree(target) ? { ladder: target } : {}),
  }
  execute.launch(l)
  for (const extra of hooks.afterLaunch?.(l) ?? []) execute.launch(extra)
}

/** The launch on the rung that is chosen now: the tuner may have learnt something since. */
export function rechosen(l: Launch): Launch {
  if (!l.ladder) return l
  const kernel = choose(l.ladder, l.params)
  const v = variant(kernel, l.params)
  return kernel === l.variant.kernel ? l : { ...l, variant: v, grid: gridOf(kernel, v.info, l.params) }
}

/** Runs `body` with another executor. */
export function withExecutor<T>(other: Executor, body: () => T): T {
  const before = execute
  execute = other
  try {
    return body()
  } finally {
    execute = before
  }
}

/** Tensors by WGSL name -> bind group. `params` is a slice of a uniform buffer. */
export function bindGroup(
  { variant: { kernel, info, layout }, tensors }: Launch,
  params: GPUBufferBinding,
): GPUBindGroup {
  return gpu.createBindGroup({
    label: kernel.file,
    layout,
    entries: info.bindings.map(({ index, name, access }) => {
      if (access === 'uniform') return { binding: index, resource: params }
      const { buffer, bytes, offset } = tensors[name]!.storage
      if (!buffer)
        throw new Error(
          `${kernel.file}: ${name} has no memory: its scope() has ended, it was released, or it belongs to a plan`,
        )
      return { binding: index, resource: { buffer, offset, size: bytes } }
    }),
  })
}

// ---- commands: one open encoder and pass, submitted every so often
// ------------------------------------------------------------

/** Launches per submit: costs nothing (measured) and keeps each submit short for the watchdogs of GPU drivers. */
const SUBMIT_EVERY = 64
/** A slot of a params buffer: WebGPU's alignment for uniform offsets. */
export const SLOT = 256

let encoder: GPUCommandEncoder | undefined
let pass: GPUComputePassEncoder | undefined
let encoded = 0
const arena = { bytes: new Uint8Array(SLOT * SUBMIT_EVERY), used: 0, buffer: undefined as GPUBuffer | undefined }

/** Adds one dispatch to the open pass. */
export function encode(l: Launch, pipeline: GPUComputePipeline, group: GPUBindGroup): void {
  encoder ??= gpu.createCommandEncoder()
  const timed = profiler?.beginPass(encoder, l)
  const p = timed ?? (pass ??= encoder.beginComputePass())
  p.setPipeline(pipeline)
  p.setBindGroup(0, group)
  p.dispatchWorkgroups(...l.grid)
  timed?.end()
  stats.launches++
  if (++encoded === SUBMIT_EVERY) flush()
}

/** Submits what has been encoded. */
export function flush(): void {
  if (!encoder) return
  pass?.end()
  profiler?.resolve(encoder)
  if (arena.used) gpu.queue.writeBuffer(arena.buffer!, 0, arena.bytes, 0, arena.used * SLOT)
  gpu.queue.submit([encoder.finish()])
  encoder = pass = undefined
  encoded = arena.used = 0
}

// ---- eager
// -------------------------------------------------------------------------------------------------------------------

/**
 * Buffers that nobody uses now, by size, and the generation in which they were given back: the last ones are taken
 * first.
 */
const idle = new Map<number, { buffer: GPUBuffer; since: number }[]>()
/**
 * Outermost scopes that have ended; after so many more, an idle buffer is destroyed: sizes change, and what was big
 * once may never come again.
 */
let generation = 0
const KEEP_IDLE = 8
/** Blocks of the open scope. Outside of any nobody counts: such tensors last until release(). */
let born: Storage[] | undefined

const eager: Executor = {
  allocate(bytes) {
    const block = {
      bytes,
      persistent: false,
      buffer: idle.get(bytes)?.pop()?.buffer ?? createBuffer(bytes, 'eager'),
      offset: 0,
    }
    born?.push(block)
    return block
  },
  launch(l) {
    // All params between two submits share one small buffer: it is written just before the submit that reads it.
    const buffer = (arena.buffer ??= gpu.createBuffer({
      label: 'params',
      size: arena.bytes.length,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    }))
    const bytes = paramBytes(l.variant, l.params)
    const offset = arena.used * SLOT
    const pipeline = compileNow(l.variant)
    const group = bindGroup(l, { buffer, offset, size: bytes.length })
    // Only now is nothing left that throws: a launch that fails must not take a slot.
    arena.bytes.set(bytes, offset)
    arena.used++
    encode(l, pipeline, group)
  },
}
let execute: Executor = eager

/**
 * Runs `body`, then gives back the memory of every tensor made inside it except those it returns. These belong to the
 * scope around it; where there is none, release() them. (In a Plan's step it does nothing: a plan knows what is needed
 * when.)
 */
export function scope<T extends readonly Tensor[]>(body: () => T): T {
  const outer = born
  const own: Storage[] = (born = [])
  let kept = new Set<Storage>()
  try {
    const result = body()
    kept = new Set(result.map(t => t.storage))
    return result
  } finally {
    for (const block of own) {
      if (kept.has(block)) outer?.push(block)
      else giveBack(block)
    }
    born = outer
    if (!outer) forgetIdle()
  }
}

function giveBack(block: Storage): void {
  const { buffer } = block
  if (!buffer) return // released by hand
  block.buffer = undefined
  const same = idle.get(buffer.size)
  if (same) same.push({ buffer, since: generation })
  else idle.set(buffer.size, [{ buffer, since: generation }])
}

function forgetIdle(): void {
  generation++
  for (const [bytes, same] of idle) {
    const old = same.findIndex(({ since }) => since >= generation - KEEP_IDLE)
    const n = old < 0 ? same.length : old
    if (n) flush() // launches that use them may be waiting
    for (const { buffer } of same.splice(0, n)) destroyBuffer(buffer)
    if (!same.length) idle.delete(bytes)
  }
}

// ---- host <-> GPU
// --------------------------------------------------------------------------------------------------------------

/** A tensor outside every scope: parameters, running statistics, optimiser state, inputs. Zero unless data is given. */
export function persistent(
  shape: Shape,
  data?: Float32Array | Uint32Array,
  dtype: DType = data instanceof Uint32Array ? 'u32' : 'f32',
): Tensor {
  const bytes = 4 * sizeOf(shape)
  const t = new Tensor(
    shape,
    { bytes, persistent: true, buffer: createBuffer(bytes, `persistent [${shape}]`), offset: 0 },
    dtype,
  )
  if (data) upload(t, data)
  return t
}

const constants = new Map<string, Tensor>()
/** A persistent tensor filled with one value, made once per shape and value. Never write to it. */
export function constant(shape: Shape, value: number): Tensor {
  const key = `${shape}=${value}`
  const known = constants.get(key)
  if (known) return known
  const t = persistent(shape, new Float32Array(sizeOf(shape)).fill(value))
  constants.set(key, t)
  return t
}

/**
 * Gives back the memory of a tensor that no scope or plan looks after: persistent, or kept from an outermost scope.
 * Used afterwards, it throws.
 */
export function release(t: Tensor): void {
  flush() // launches that use it may be waiting
  if (t.storage.buffer) destroyBuffer(t.storage.buffer)
  t.storage.buffer = undefined
}

/**
 * Uploads at once. What was launched before must see the old value, so it is submitted first.
 * @throws in a Plan's step: it would happen once, at recording, and never again.
 */
export function write(t: Tensor, data: Float32Array | Uint32Array): void {
  if (execute !== eager)
    throw new Error('write: inside the step of a plan, which is called once and then only replayed; write before run()')
  upload(t, data)
}

function upload(t: Tensor, data: Float32Array | Uint32Array): void {
  if (data.length !== t.size || data instanceof Uint32Array !== (t.dtype === 'u32')) {
    throw new Error(
      `write: a ${t.dtype} tensor of shape [${t.shape}] takes ${t.size} elements, found ${data.constructor.name} ` +
        `of ${data.length}`,
    )
  }
  flush()
  // Dawn's Node binding refuses views of shared memory: copy those first.
  const bytes = data.buffer instanceof ArrayBuffer ? (data as Float32Array<ArrayBuffer>) : data.slice()
  gpu.queue.writeBuffer(bufferOf(t), t.storage.offset, bytes)
}

/** Downloads. Throws if the GPU has reported any error since the device was opened. */
export const read = async (t: Tensor): Promise<Float32Array<ArrayBuffer>> => new Float32Array(await readBytes(t, 'f32'))

/** Downloads a u32 tensor. */
export const readU32 = async (t: Tensor): Promise<Uint32Array<ArrayBuffer>> =>
  new Uint32Array(await readBytes(t, 'u32'))

async function readBytes(t: Tensor, dtype: DType): Promise<ArrayBuffer> {
  if (t.dtype !== dtype)
    throw new Error(`a tensor of ${t.dtype} is read by ${t.dtype === 'u32' ? 'readU32()' : 'read()'}`)
  flush()
  const { bytes, offset } = t.storage
  const source = bufferOf(t)
  const staging = gpu.createBuffer({
    label: 'read',
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  })
  const copy = gpu.createCommandEncoder()
  copy.copyBufferToBuffer(source, offset, staging, 0, bytes)
  gpu.queue.submit([copy.finish()])
  try {
    await wait(staging.mapAsync(GPUMapMode.READ))
  } finally {
    throwGpuErrors()
  }
  const data = staging.getMappedRange().slice(0)
  staging.destroy()
  await hooks.beforeRead?.()
  return data
}

/** Waits until the GPU has done everything that was launched. */
export async function finish(): Promise<void> {
  flush()
  await wait(gpu.queue.onSubmittedWorkDone().then(() => {}))
  throwGpuErrors()
  await hooks.beforeRead?.()
}

function bufferOf(t: Tensor): GPUBuffer {
  if (!t.storage.buffer)
    throw new Error(
      `a tensor of shape [${t.shape}] has no memory: its scope() has ended, it was released, or it is not an ` +
        'output of its plan',
    )
  return t.storage.buffer
}
