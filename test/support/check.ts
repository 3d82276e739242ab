/** check(): an op on the GPU against a plain float64 loop, forward and gradient. */
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { type Launch, watchLaunches } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { type Shape, sizeOf, type Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { type Ladder, ladderNamed, type Rung, toleranceOf } from '../../src/gpu/kernel.ts'
import { lacking, rungsThatFit, withRung } from '../../src/gpu/ladder.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { mul, reshape } from '../../src/ops/elementwise.ts'
import { sum } from '../../src/ops/reduce.ts'
import { compareGrids, proved, work } from './grids.ts'

/** A float64 array with a shape: what a reference loop reads. */
export interface Ref {
  readonly shape: Shape
  readonly data: Float64Array
}

export interface CheckOptions {
  /** Largest difference, relative to the largest value of the result. 1e-5 unless the op says why not. */
  tolerance?: number
  /** How inputs are drawn; uniform in -1..1 unless told. Keep clear of kinks, where a central difference is wrong. */
  inputs?: (random: Random, index: number, size: number) => number[]
  /** Which inputs have gradients; all unless told. */
  gradients?: readonly number[]
  seed?: number
  /** Which of the rungs that fit run this case in checkRungs(); all unless told. For rungs that are slow to compile. */
  rungs?: (name: string) => boolean
  /** Takes this rung of this ladder wherever it fits. */
  force?: { ladder: Ladder; rung: string }
}

const uniform = (random: Random, _: number, size: number): number[] =>
  Array.from({ length: size }, () => random.uniform(-1, 1))

/** Values at least `gap` from zero, for ops with a kink there. */
export const awayFromZero =
  (gap = 0.05) =>
  (random: Random, _: number, size: number): number[] =>
    Array.from({ length: size }, () => {
      const v = random.uniform(-1, 1)
      return v + Math.sign(v) * gap
    })

/** Values all different by at least 1/size, in random order, for ops that compare. */
export const distinct = (random: Random, _: number, size: number): number[] => {
  const values = Array.from({ length: size }, (_, i) => (2 * (i + 0.5)) / size - 1)
  random.shuffle(values)
  return values
}

/**
 * Runs `op` on random inputs of the given shapes. The result must agree with `reference`, and its gradient with a
 * central difference of `reference` along a random direction. Returns the largest relative error.
 */
export async function check(
  shapes: readonly Shape[],
  op: (...x: Tensor[]) => Tensor,
  reference: (x: Ref[]) => ArrayLike<number>,
  { tolerance = 1e-5, inputs = uniform, gradients = shapes.map((_, i) => i), seed = 1, force }: CheckOptions = {},
): Promise<number> {
  const random = new Random(seed)
  // Rounded to float32 first, so that both sides start from the same numbers.
  const data = shapes.map((shape, i) => Float64Array.from(Float32Array.from(inputs(random, i, sizeOf(shape)))))
  const refs = (moved = -1, by = 0, along: readonly number[] = []): Ref[] =>
    shapes.map((shape, i) => ({ shape, data: i === moved ? data[i]!.map((v, j) => v + by * along[j]!) : data[i]! }))
  const tensors = shapes.map((shape, i) => persistent(shape, Float32Array.from(data[i]!)))
  for (const i of gradients) tensors[i]!.requiresGrad = true

  const want = Float64Array.from(reference(refs()))
  const notFinite = want.findIndex(v => !Number.isFinite(v))
  assert.ok(notFinite < 0, `the reference is not finite at element ${notFinite}: it is ${want[notFinite]}`)
  const dy = Float64Array.from(Float32Array.from(uniform(random, 0, want.length)))
  const dyTensor = persistent([want.length], Float32Array.from(dy))
  let result!: Tensor
  let grads!: Map<Tensor, Tensor>
  const run = () =>
    scope(() => {
      ;({ grads } = valueAndGrad(() => {
        result = op(...tensors)
        assert.is(result.size, want.length, `the op returns [${result.shape}], the reference ${want.length} elements`)
        return sum(mul(reshape(result, [want.length]), dyTensor))
      }, tensors))
      return [result, ...grads.values()]
    })
  if (force) withRung(force.ladder, force.rung, run)
  else run()
  const dx = gradients.map(i => {
    const gradient = grads.get(tensors[i]!)
    assert.ok(gradient, `input ${i} got no gradient`)
    assert.equal(gradient.shape, shapes[i], `the gradient of input ${i} has the wrong shape`)
    return gradient
  })
  // Read together: Deno takes 10 ms for every wait.
  const [got, ...dxGot] = (await Promise.all([result, ...dx].map(read))) as [Float32Array, ...Float32Array[]]
  let worst = relative(got, want)
  assert.ok(worst <= tolerance, `forward: relative error ${worst.toExponential(1)} is over ${tolerance}`)

  for (const [k, i] of gradients.entries()) {
    const g = dxGot[k]!
    const along = uniform(random, 0, tensors[i]!.size)
    const eps = 1e-5
    const at = (by: number) => dot(reference(refs(i, by, along)), dy)
    const numeric = (at(eps) - at(-eps)) / (2 * eps)
    assert.ok(Number.isFinite(numeric), `the reference is not finite at input ${i} moved by ${eps}: ${numeric}`)
    // A sum of random terms may cancel; its error is measured against the size of its terms.
    const size = Math.sqrt(g.reduce((s, v, j) => s + (v * along[j]!) ** 2, 0))
    const error = Math.abs(numeric - dot(g, along)) / Math.max(size, Math.abs(numeric), 1e-30)
    assert.ok(
      error <= tolerance,
      `gradient of input ${i}: relative error ${error.toExponential(1)} is over ${tolerance}`,
    )
    worst = Math.max(worst, error)
  }
  for (const t of [...tensors, dyTensor]) release(t)
  return worst
}

/** One case of checkRungs(): the arguments of check(). */
export type Case = Parameters<typeof check>

/**
 * Runs every case on every rung of the named ladders that fits it. Fails when no case has run a rung, for then it was
 * not tested. The largest case is run again with its workgroups laid out otherwise (grids.ts), for the same bits: once
 * in a process, and not where it takes one workgroup.
 */
export async function checkRungs(names: readonly string[], cases: readonly Case[]): Promise<void> {
  for (const name of names) {
    const l = ladderNamed(name)
    // The first rung takes all cases, and its launches tell which other rungs each case has work for.
    let largest: Launch | undefined
    const fitting = new Map<Case, Set<Rung>>(cases.map(c => [c, new Set<Rung>([l.rungs[0]])]))
    for (const rung of l.rungs) {
      const label = `${name}, ${rung.name}`
      const lack = lacking(rung)
      if (lack) {
        console.log(`  ${label} cannot be tested here: it ${lack}`)
        continue
      }
      let ran = false
      let running!: Case
      const stop = watchLaunches(launched => {
        ran ||= launched.rung === rung
        if (launched.rung !== l.rungs[0] || rung !== launched.rung) return
        if (!largest || work(launched) > work(largest)) largest = launched
        for (const r of rungsThatFit(l, launched.params, { all: true })) fitting.get(running)!.add(r)
      })
      const tolerance = toleranceOf(rung)
      try {
        for (const one of cases.filter(c => fitting.get(c)!.has(rung) && (c[3]?.rungs?.(rung.name) ?? true))) {
          running = one
          const [shapes, op, reference, options] = one
          await check(shapes, op, reference, {
            ...options,
            ...(tolerance === undefined ? {} : { tolerance }),
            force: { ladder: l, rung: rung.name },
          }).catch((error: unknown) => {
            throw new Error(`${label} at [${shapes.join('] [')}]: ${(error as Error).message}`)
          })
        }
      } finally {
        stop()
      }
      assert.ok(ran, `${label} fits none of the cases, so it was not tested`)
    }
    if (largest && !proved.rows.has(l)) await compareGrids(largest)
  }
}

/** Largest difference over largest value. */
export function relative(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let difference = 0
  let size = 0
  for (let i = 0; i < want.length; i++) {
    if (!Number.isFinite(got[i]!)) return Infinity
    difference = Math.max(difference, Math.abs(got[i]! - want[i]!))
    size = Math.max(size, Math.abs(want[i]!))
  }
  return difference / Math.max(size, 1e-30)
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let s = 0
  for (let i = 0; i < a.length; i++) s += a[i]! * b[i]!
  return s
}
