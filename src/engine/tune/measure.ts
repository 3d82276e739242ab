/** Measuring: rungs run on the same data, are checked against the first one, and are timed. */
import { gpu, machine, OutOfDeviceMemory } from '../../gpu/device.ts'
import { type Params, type Rung, toleranceOf } from '../../gpu/kernel.ts'
import { rungsThatFit } from '../../gpu/ladder.ts'
import { compile, variant } from '../../gpu/variant.ts'
import { flush } from '../encode.ts'
import { type Launch, prepare } from '../launch.ts'
import { Random } from '../random.ts'
import { type Shape, sizeOf, type Tensor } from '../tensor.ts'
import { persistent, readAll, release, write } from '../transfer.ts'
import { type Case, withImages, workOf } from './cases.ts'
import { runPass } from './clocks.ts'
import type { Trial } from './fastest.ts'
import { race, type Timing } from './race.ts'
import type { Stopwatch } from './stopwatch.ts'

/** Largest relative difference (Euclidean norm) from rung 1: different orders of summation, no more. */
const TOLERANCE = 1e-4

/** Images that results are compared on: more take longer to read back, and one alone may be right by chance. */
const COMPARED = 4
/** Longest time in ms that the fastest rung may take at full size to be raced there: others take twice as long. */
const MOST_FULL_MS = 100

/** The rungs worth measuring. A GPU is spared those made for CPUs: there are many, and time is short. */
export const candidates = ({ ladder, params }: Pick<Case, 'ladder' | 'params'>): Rung[] =>
  rungsThatFit(ladder, params).filter(r => machine() === 'cpu' || r.on !== 'cpu')

/**
 * Runs every candidate on the same data, checks it against rung 1, and times those that are right, taking turns. Where
 * a launch is too large for that, all are timed with fewer images, `cut`; then those race at full size that were no
 * more than twice as slow as the fastest, for a larger launch may have another winner.
 * @returns undefined where no clock tells how long one of them takes.
 */
export async function measure(c: Case, watch: Stopwatch, cut = c): Promise<Trial[] | undefined> {
  const list = candidates(c)
  const right = await rightOf(await compiled(list, c.params), cut)
  const larger = workOf(c) / workOf(cut)
  const times = await timesOf(right, cut, watch, larger)
  if (times && cut !== c) {
    const leader = Math.min(...[...times.values()].map(t => t.ms))
    const front = right.filter(r => times.get(r)!.ms <= 2 * leader)
    const full = leader <= MOST_FULL_MS ? await timesOf(front, c, watch) : undefined
    for (const [rung, timing] of full ?? []) times.set(rung, timing)
  }
  return times && list.map(rung => ({ rung, timing: times.get(rung) }))
}

/** Those rungs whose results are rung 1's, on a few images. */
export function rightOf(list: readonly Rung[], c: Case): Promise<Rung[]> {
  const few = withImages(c, COMPARED)
  // Whether a rung is right may depend on the number of images.
  return onInputs(list.every(r => r.right?.(few.params) ?? true) ? few : c, async (launchOf, tensors) => {
    const outputs = launchOf(c.ladder.rungs[0])
      .variant.info.bindings.filter(b => b.access === 'read_write')
      .map(b => [tensors[b.name]!, c.ladder.updates?.includes(b.name)] as const)
    let reference: Float32Array[] | undefined
    const right: Rung[] = []
    for (const rung of list) {
      // What a rung leaves out must not be there from the one before.
      for (const [y, updated] of outputs) write(y, new Float32Array(y.size).fill(updated ? 1 : NaN))
      await runPass(launchOf(rung), 1)
      const result = (await readAll(outputs.map(([y]) => y))) as Float32Array[]
      reference ??= result
      if (result.every((r, i) => distance(r, reference![i]!) <= (toleranceOf(rung) ?? TOLERANCE))) right.push(rung)
    }
    return right
  })
}

/** The times of rungs, each so many `times`: by the watch, or where that is of no use by the host's clock. */
const timesOf = (list: readonly Rung[], c: Case, watch: Stopwatch, times = 1): Promise<Map<Rung, Timing> | undefined> =>
  onInputs(c, async launchOf => {
    const launches = list.map(launchOf)
    const found = (await race(launches, watch)) ?? (watch.fallBack() ? await race(launches, watch) : undefined)
    return found && new Map(found.map((t, i) => [list[i]!, { ...t, ms: times * t.ms, spread: times * t.spread }]))
  })

/** Gives `body` the launches of a case on tensors that last as long. @throws OutOfDeviceMemory: nothing is spoilt. */
async function onInputs<T>(
  c: Case,
  body: (launchOf: (rung: Rung) => Launch, tensors: Record<string, Tensor>) => Promise<T>,
): Promise<T> {
  const tensors = await inputsOrError(c)
  try {
    return await body(rung => prepare(c.ladder, tensors, c.params, rung), tensors)
  } finally {
    for (const t of Object.values(tensors)) release(t)
  }
}

async function inputsOrError(c: Case): Promise<Record<string, Tensor>> {
  flush() // what others launched before is not heard here
  gpu.pushErrorScope('validation') // what is written into a buffer that could not be had
  gpu.pushErrorScope('out-of-memory')
  let tensors: Record<string, Tensor>
  let told: Promise<(GPUError | null)[]>
  try {
    tensors = inputsFor(c)
  } finally {
    told = Promise.all([gpu.popErrorScope(), gpu.popErrorScope()])
  }
  const [full, other] = await told
  if (!full && !other) return tensors
  for (const t of Object.values(tensors)) release(t)
  throw full ? new OutOfDeviceMemory(full.message) : new Error(other!.message)
}

/** Gives numbers in low..1. One block of noise is repeated: drawing billions of numbers would take minutes. */
function noiseFrom(low: number): (shape: Shape) => Float32Array<ArrayBuffer> {
  const random = new Random(1)
  const noise = Float32Array.from({ length: 65521 }, () => random.uniform(low, 1)) // a prime: no axis divides it
  return shape => {
    const data = new Float32Array(sizeOf(shape))
    for (let at = 0; at < data.length; at += noise.length) data.set(noise.subarray(0, data.length - at), at)
    return data
  }
}

/** The rungs that the driver compiles: one that it refuses cannot win. */
export async function compiled(list: readonly Rung[], params: Params): Promise<Rung[]> {
  const tries = await Promise.allSettled(list.map(rung => compile([variant(rung, params)])))
  return list.filter((_, i) => tries[i]!.status === 'fulfilled')
}

/**
 * Persistent tensors for a launch: numbers in `low`..1, variances about 1, and small whole numbers where the shader
 * takes labels, places or pixels.
 */
export function inputsFor({ ladder, params, shapes }: Case, low = -1): Record<string, Tensor> {
  const noise = noiseFrom(low)
  const { bindings } = variant(ladder.rungs[0], params).info
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      if (bindings.find(b => b.name === name)?.dtype === 'u32')
        return [
          name,
          persistent(
            shape,
            Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i % 4),
          ),
        ]
      const data = noise(shape)
      if (/var|moments/.test(name)) for (let i = 0; i < data.length; i++) data[i] = 1 + data[i]! / 2
      return [name, persistent(shape, data)]
    }),
  )
}

/** |a - b| / |b|. */
function distance(a: Float32Array, b: Float32Array): number {
  let difference = 0
  let size = 0
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2
    size += b[i]! ** 2
  }
  return size ? Math.sqrt(difference / size) : Math.sqrt(difference)
}
