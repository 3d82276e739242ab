/** Measuring: every rung that fits runs on the same data, is checked against the first one, and is timed. */
import { adapterInfo } from '../../gpu/device.ts'
import { type Rung, toleranceOf } from '../../gpu/kernel.ts'
import { rungsThatFit } from '../../gpu/ladder.ts'
import { withProfiler } from '../../gpu/profile.ts'
import { variant } from '../../gpu/variant.ts'
import { launchRung } from '../launch.ts'
import { Random } from '../random.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import { finish, persistent, read, release, write } from '../transfer.ts'
import type { Case } from './cases.ts'

/** A measured rung: milliseconds at best, or nothing where it was wrong. */
export interface Trial {
  readonly rung: Rung
  readonly ms: number | undefined
}

/** Largest relative difference (Euclidean norm) from rung 1: different orders of summation, no more. */
const TOLERANCE = 1e-4

/**
 * Runs every rung that fits on the same data, checks it against rung 1, and times those that are right, taking turns.
 */
export async function measure(c: Case, { rounds = 5, slowMs = 50 } = {}): Promise<Trial[]> {
  const tensors = inputsFor(c)
  const list = rungsThatFit(c.ladder, c.params)
  const run = (rung: Rung) => () => {
    launchRung(c.ladder, rung, tensors, c.params)
  }
  const outputs = variant(list[0]!, c.params)
    .info.bindings.filter(b => b.access === 'read_write')
    .map(b => [tensors[b.name]!, c.ladder.updates?.includes(b.name)] as const)
  const results = async () => {
    const all: Float32Array[] = []
    for (const [t] of outputs) all.push(await read(t))
    return all
  }
  try {
    let reference: Float32Array[] | undefined
    const best = new Map<Rung, number>()
    for (const rung of list) {
      // What a rung leaves out must not be there from the one before.
      for (const [y, updated] of outputs) write(y, new Float32Array(y.size).fill(updated ? 1 : NaN))
      const ms = await gpuMilliseconds(run(rung))
      const result = await results()
      reference ??= result
      if (result.every((r, i) => distance(r, reference![i]!) <= (toleranceOf(rung) ?? TOLERANCE))) best.set(rung, ms)
    }
    // What is over in an instant is run more often: its times scatter most.
    for (let round = 0; round < Math.max(rounds, Math.min(5 * rounds, 4 / Math.min(...best.values()))); round++) {
      const leader = Math.min(...best.values())
      for (const [rung, ms] of best) {
        if (round && (ms > 2 * leader || ms > slowMs)) continue
        best.set(rung, Math.min(ms, await gpuMilliseconds(run(rung))))
      }
    }
    return list.map(rung => ({ rung, ms: best.get(rung) }))
  } finally {
    for (const t of Object.values(tensors)) release(t)
  }
}

/**
 * Numbers in -1..1, variances in 0.5..1.5. One block of noise is repeated: drawing billions of numbers would take
 * minutes.
 */
function inputsFor({ shapes }: Case): Record<string, Tensor> {
  const random = new Random(1)
  const noise = Float32Array.from({ length: 65521 }, () => random.uniform(-1, 1)) // a prime: no axis divides it
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(sizeOf(shape))
      for (let at = 0; at < data.length; at += noise.length) data.set(noise.subarray(0, data.length - at), at)
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

/** Milliseconds of what `body` launches: by timestamps of the GPU where it has them, else by the clock of the host. */
export async function gpuMilliseconds(body: () => void): Promise<number> {
  await finish()
  if (adapterInfo.features.includes('timestamp-query')) {
    const rows = await withProfiler(async () => {
      body()
      await finish()
    })
    return [...rows.values()].reduce((sum, { ns }) => sum + ns, 0) / 1e6
  }
  const start = performance.now()
  body()
  await finish()
  return performance.now() - start
}
