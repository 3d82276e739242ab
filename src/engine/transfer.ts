/** Between host and GPU: tensors that last, and what is written to them and read from them. */
import { gpu, lossOfDevice, onClose, throwGpuErrors, wait } from '../gpu/device.ts'
import { profiler } from '../gpu/profile.ts'
import { checkAlive, createBuffer, destroyBuffer } from './buffers.ts'
import { flush } from './encode.ts'
import { hooks, isRecordingPlan } from './launch.ts'
import { type DType, type Shape, sizeOf, Tensor } from './tensor.ts'

/** The numbers of a tensor on the host, by its type. No other kind of array is taken: see checkData(). */
export type HostData = Float32Array | Uint32Array
const ARRAYS = { f32: Float32Array, u32: Uint32Array } as const

/**
 * A tensor outside every scope: parameters, running statistics, optimiser state, inputs. Zero unless data is given: a
 * Float32Array for f32, a Uint32Array for u32.
 * @throws where data is of another kind, or not as long as the shape says.
 */
export function persistent(
  shape: Shape,
  data?: HostData,
  dtype: DType = data instanceof Uint32Array ? 'u32' : 'f32',
): Tensor {
  const size = sizeOf(shape)
  if (data !== undefined) checkData('persistent', { shape, size, dtype }, data)
  const bytes = 4 * size
  const t = new Tensor(
    shape,
    { bytes, persistent: true, buffer: createBuffer(bytes, `persistent [${shape}]`), offset: 0 },
    dtype,
  )
  if (data !== undefined) upload(t, data)
  return t
}

const constants = new Map<string, Tensor>()
onClose(() => {
  constants.clear()
})
/** A persistent tensor of one value, or of a list, made once per shape and value. Never write to it. */
export function constant(shape: Shape, value: number | readonly number[]): Tensor {
  const key = `${shape}=${value}`
  const known = constants.get(key)
  if (known) return known
  const t = persistent(
    shape,
    typeof value === 'number' ? new Float32Array(sizeOf(shape)).fill(value) : Float32Array.from(value),
  )
  constants.set(key, t)
  t.storage.constant = true
  return t
}

/**
 * Gives back the memory of a tensor that no scope or plan looks after: persistent, or kept from an outermost scope.
 * Used afterwards, it throws. For a constant(), and after its device was closed, it does nothing.
 * @throws where a plan made the tensor.
 */
export function release(t: Tensor): void {
  if (t.storage.planned)
    throw new Error(`release: the tensor of shape [${t.shape}] was made in a plan's step: destroy() the plan instead`)
  if (t.storage.constant) return // an op passed it on, as a gradient say
  flush() // launches that use it may be waiting
  if (t.storage.buffer) destroyBuffer(t.storage.buffer)
  t.storage.buffer = undefined
}

/**
 * Uploads at once. What was launched before must see the old value, so it is submitted first.
 * @throws in a Plan's step: it would happen once, at recording, and never again. And where data is not a Float32Array
 *   for f32 or a Uint32Array for u32, or not as long as the tensor.
 */
export function write(t: Tensor, data: HostData): void {
  if (isRecordingPlan())
    throw new Error('write: inside the step of a plan, which is called once and then only replayed; write before run()')
  checkData('write', t, data)
  upload(t, data)
}

/**
 * Bytes are uploaded as they are, so only the array that holds the tensor's own type is taken. Others are refused and
 * not converted: a -1, a fraction or a byte has no meaning that is clear in every place. It looks before anything is
 * made or written, so that after an error all goes on as before.
 */
function checkData(op: string, { shape, size, dtype }: Pick<Tensor, 'shape' | 'size' | 'dtype'>, data: unknown): void {
  const kind = Object.prototype.toString.call(data).slice(8, -1)
  const length = (data as ArrayLike<unknown> | null)?.length
  const wanted = ARRAYS[dtype].name
  if (kind === wanted && length === size) return
  throw new Error(
    `${op}: a ${dtype} tensor of shape [${shape}] takes ${size} elements, found ${kind}` +
      `${length === undefined ? '' : ` of ${length}`}` +
      `${kind === wanted ? '' : `; it takes a ${wanted} only, so make one of the numbers that are meant`}`,
  )
}

function upload(t: Tensor, data: HostData): void {
  const buffer = bufferOf(t)
  flush()
  // Dawn's Node binding refuses views of shared memory: copy those first.
  const bytes = data.buffer instanceof ArrayBuffer ? (data as Float32Array<ArrayBuffer>) : data.slice()
  gpu.queue.writeBuffer(buffer, t.storage.offset, bytes)
}

/** Downloads. Throws if the GPU has reported any error since the device was opened. */
export const read = async (t: Tensor): Promise<Float32Array<ArrayBuffer>> => new Float32Array(await readOne(t, 'f32'))

/** Downloads a u32 tensor. */
export const readU32 = async (t: Tensor): Promise<Uint32Array<ArrayBuffer>> => new Uint32Array(await readOne(t, 'u32'))

/**
 * Downloads many tensors in one round trip: a Float32Array of each f32 tensor and a Uint32Array of each u32 tensor, all
 * as they are now. Throws as read() does.
 */
export async function readAll<const T extends readonly Tensor[]>(tensors: T): Promise<HostArrays<T>> {
  const found = await readBytes(tensors)
  return found.map((bytes, i) => new ARRAYS[tensors[i]!.dtype](bytes)) as HostArrays<T>
}
export type HostArrays<T> = { -readonly [I in keyof T]: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> }

async function readOne(t: Tensor, dtype: DType): Promise<ArrayBuffer> {
  if (t.dtype !== dtype)
    throw new Error(`a tensor of ${t.dtype} is read by ${t.dtype === 'u32' ? 'readU32()' : 'read()'}`)
  return (await readBytes([t]))[0]!
}

/** The copies are enqueued before this returns: later launches do not change them. */
async function readBytes(tensors: readonly Tensor[]): Promise<ArrayBuffer[]> {
  const sources = tensors.map(t => ({ buffer: bufferOf(t), from: t.storage.offset }))
  const sizes = tensors.map(t => 4 * t.size) // a row goes on behind its last tensor
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total > gpu.limits.maxBufferSize && tensors.length > 1) {
    const middle = tensors.length >> 1
    return (await Promise.all([tensors.slice(0, middle), tensors.slice(middle)].map(readBytes))).flat()
  }
  flush()
  if (!total) return []
  const staging = gpu.createBuffer({
    label: 'read',
    size: total,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  })
  const copy = gpu.createCommandEncoder()
  let end = 0
  const places = sources.map(({ buffer, from }, i) => {
    const begin = end
    end += sizes[i]!
    copy.copyBufferToBuffer(buffer, from, staging, begin, sizes[i]!)
    return [begin, end] as const
  })
  gpu.queue.submit([copy.finish()])
  const times = collectTimes()
  let found: ArrayBuffer[]
  try {
    await wait(staging.mapAsync(GPUMapMode.READ)).catch(lossOr).finally(throwGpuErrors)
    const mapped = staging.getMappedRange()
    found = places.map(([begin, end]) => mapped.slice(begin, end))
  } finally {
    staging.destroy()
  }
  await times
  await hooks.beforeRead?.()
  return found
}

/** @throws DeviceLost where that is why, which a host may say last; else the error. */
async function lossOr(error: unknown): Promise<never> {
  throw (await lossOfDevice()) ?? error
}

/**
 * Adds the times of all that is submitted by now to the profile, if there is one: each submit has a buffer of them, and
 * a training has many submits. What fails here fails the read, too, which says so.
 */
const collectTimes = (): Promise<void> | undefined => profiler?.collect().catch(() => {})

/** Waits until the GPU has done everything that was launched. */
export async function finish(): Promise<void> {
  flush()
  const times = collectTimes()
  try {
    await wait(gpu.queue.onSubmittedWorkDone().then(() => {})).catch(lossOr)
  } finally {
    throwGpuErrors()
  }
  await times
  await hooks.beforeRead?.()
}

function bufferOf(t: Tensor): GPUBuffer {
  if (!t.storage.buffer)
    throw new Error(
      `a tensor of shape [${t.shape}] has no memory: its scope() has ended, it was released, or it is not an ` +
        'output of its plan',
    )
  checkAlive(t.storage.buffer, () => `a tensor of shape [${t.shape}]`)
  return t.storage.buffer
}
