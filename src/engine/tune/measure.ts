/** Measuring: every rung that fits runs on the same data, is checked against the first one, and is timed. */
import { type Params, type Rung, toleranceOf } from '../../gpu/kernel.ts'
import { rungsThatFit } from '../../gpu/ladder.ts'
import { compile, variant } from '../../gpu/variant.ts'
import { prepare } from '../launch.ts'
import { Random } from '../random.ts'
import { type Shape, sizeOf, type Tensor } from '../tensor.ts'
import { persistent, readAll, release, write } from '../transfer.ts'
import type { Case } from './cases.ts'
import { runPass } from './clocks.ts'
import type { Trial } from './fastest.ts'
import { race } from './race.ts'
import type { Stopwatch } from './stopwatch.ts'

/** Largest relative difference (Euclidean norm) from rung 1: different orders of summation, no more. */
const TOLERANCE = 1e-4

/**
 * Runs every rung that fits on the same data, checks it against rung 1, and times those that are right, taking turns.
 * @returns undefined where no clock tells how long one of them takes.
 */
export async function measure(c: Case, watch: Stopwatch): Promise<Trial[] | undefined> {
  const list = rungsThatFit(c.ladder, c.params)
  const accepted = await compiled(list, c.params)
  const tensors = inputsFor(c)
  const launchOf = (rung: Rung) => prepare(c.ladder, tensors, c.params, rung)
  const outputs = variant(list[0]!, c.params)
    .info.bindings.filter(b => b.access === 'read_write')
    .map(b => [tensors[b.name]!, c.ladder.updates?.includes(b.name)] as const)
  try {
    let reference: Float32Array[] | undefined
    const right: Rung[] = []
    for (const rung of accepted) {
      // What a rung leaves out must not be there from the one before.
      for (const [y, updated] of outputs) write(y, new Float32Array(y.size).fill(updated ? 1 : NaN))
      await runPass(launchOf(rung), 1)
      const result = (await readAll(outputs.map(([y]) => y))) as Float32Array[]
      reference ??= result
      if (result.every((r, i) => distance(r, reference![i]!) <= (toleranceOf(rung) ?? TOLERANCE))) right.push(rung)
    }
    const launches = right.map(launchOf)
    const timings = (await race(launches, watch)) ?? (watch.fallBack() ? await race(launches, watch) : undefined)
    return timings && list.map(rung => ({ rung, timing: timings[right.indexOf(rung)] }))
  } finally {
    for (const t of Object.values(tensors)) release(t)
  }
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
async function compiled(list: readonly Rung[], params: Params): Promise<Rung[]> {
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
