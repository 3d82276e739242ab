/** The figure's half in the worker: a training step, recorded and placed, and a small one run both ways. */
import { presetStep, type Step } from '../../../bench/preset_step.ts'
import { stats } from '../../../src/engine/buffers.ts'
import { scope } from '../../../src/engine/eager.ts'
import type { Launch } from '../../../src/engine/launch.ts'
import { lifetimes, outermost } from '../../../src/engine/lifetime.ts'
import { Plan } from '../../../src/engine/plan.ts'
import { Random } from '../../../src/engine/random.ts'
import { alignedBytes, baseOf, type Tensor } from '../../../src/engine/tensor.ts'
import { finish, persistent, read, release, write } from '../../../src/engine/transfer.ts'
import { variant } from '../../../src/gpu/variant.ts'
import { Linear } from '../../../src/nn/layers.ts'
import { SGD } from '../../../src/nn/optim.ts'
import { valueAndGrad } from '../../../src/ops/backward.ts'
import { relu, square, sub } from '../../../src/ops/elementwise.ts'
import { mean } from '../../../src/ops/reduce.ts'
import type { Handlers } from '../../browser/panel.ts'

/** A network of two layers, or the whole training step of TASN at the size of the preset `tiny`. */
export type StepName = 'two layers' | 'TASN'

export interface Options {
  readonly step: StepName
  /** Images, or points, that a step works on. */
  readonly images: number
}

/** A block of memory: a tensor, or a row of them. */
export interface Block {
  readonly bytes: number
  /** Launches between which it holds something, inclusive. An output of the step lasts until behind the last one. */
  readonly first: number
  readonly last: number
  /** Number of its buffer, and its first byte there. */
  readonly home: number
  readonly offset: number
}

export interface Bound {
  /** Its name in the shader, or all of them. */
  readonly name: string
  readonly shape: readonly number[]
  readonly writes: boolean
  /** Its block; missing where it outlasts the step: weights, inputs, the optimiser's state. */
  readonly block?: number
}

export interface Recorded {
  readonly launches: readonly { readonly file: string; readonly bound: readonly Bound[] }[]
  readonly blocks: readonly Block[]
  /** Bytes of each buffer. */
  readonly homes: readonly number[]
  /** Bytes that are alive at each launch. */
  readonly alive: readonly number[]
  readonly planned: number
  readonly unplanned: number
  readonly lowerBound: number
  readonly flop: number
}

/** A step whose tensors must be released, and what prepares a run of it. */
interface Trained extends Step {
  /** New points, and the rate of the next run. */
  next(): void
}

/** y = x² by two layers, of which the first has 16 features. */
function twoLayers(points: number): Trained {
  const random = new Random(1)
  const [inner, outer] = [new Linear(random, 1, 16), new Linear(random, 16, 1)]
  const params = new Map(Object.entries({ w1: inner.weight, b1: inner.bias, w2: outer.weight, b2: outer.bias }))
  const sgd = new SGD(params, { momentum: 0.9 })
  const [x, target] = [persistent([points, 1]), persistent([points, 1])]
  return {
    images: points,
    step() {
      const loss = (): Tensor => mean(square(sub(outer.forward(relu(inner.forward(x))), target)))
      const { value, grads } = valueAndGrad(loss, [...params.values()])
      sgd.step(grads)
      return [value]
    },
    kept: [...params.values(), ...sgd.state().values(), x, target],
    next() {
      const values = Float32Array.from({ length: points }, () => random.uniform(-1, 1))
      write(x, values)
      write(
        target,
        values.map(v => v * v),
      )
      sgd.advance(0.05)
    },
  }
}

/** Records a step, and tells all of its plan. Runs nothing. */
export function recorded({ step: name, images }: Options): Recorded {
  const { step, kept } = name === 'TASN' ? presetStep('tiny', { batch: images }) : twoLayers(images)
  try {
    const plan = Plan.record(step)
    const lives = lifetimes(plan.outputs, plan.launches)
    const number = new Map(lives.map(({ storage }, i) => [storage, i]))
    const blocks = lives.map(({ storage, bytes, first, last }): Block => {
      const [, home, offset] = /^@(\d+)\+(\d+)$/.exec(plan.placed.text(storage))!
      return { bytes, first, last, home: Number(home), offset: Number(offset) }
    })
    const homes: number[] = []
    for (const { home, offset, bytes } of blocks) homes[home] = Math.max(homes[home] ?? 0, offset + alignedBytes(bytes))
    return {
      launches: plan.launches.map(l => ({ file: l.rung.file, bound: boundBy(l, number) })),
      blocks,
      homes,
      alive: [...plan.placed.alive],
      ...plan.memory,
      flop: plan.flop,
    }
  } finally {
    for (const t of kept) release(t)
  }
}

/**
 * By the shader's own bindings: those of a plan may be declared writable where they are only read. A tensor that is
 * bound under several names, because a shader's unused bindings are bound, too, comes once.
 */
function boundBy({ rung, params, tensors }: Launch, number: ReadonlyMap<unknown, number>): Bound[] {
  const found = new Map<Tensor, Bound>()
  for (const { name, access } of variant(rung, params).info.bindings) {
    if (access === 'uniform') continue
    const tensor = tensors[name]!
    const block = number.get(outermost(baseOf(tensor.storage)))
    const before = found.get(tensor)
    found.set(tensor, {
      name: before ? `${before.name}, ${name}` : name,
      shape: tensor.shape,
      writes: access === 'read_write' || (before?.writes ?? false),
      ...(block !== undefined && { block }),
    })
  }
  return [...found.values()]
}

/** Browsers round their clocks, so steps are timed in rows. */
const [ROUNDS, ROW] = [5, 40]

/** Steps of one kind. */
export interface Runs {
  readonly losses: readonly number[]
  /** Milliseconds of the host to hand a step over: of ROW in a row, the best of ROUNDS. */
  readonly host: number
  /** Launches of a step. */
  readonly launches: number
}

export interface Replayed {
  readonly eager: Runs
  readonly replay: Runs
}

/** Trains the small network twice from the same start: eagerly, and by a plan that was recorded once. */
export async function replayed({ steps, images }: { steps: number; images: number }): Promise<Replayed> {
  const train = async (make: (t: Trained) => Promise<() => readonly Tensor[]>, planned: boolean): Promise<Runs> => {
    const trained = twoLayers(images)
    const run = await make(trained)
    const losses: number[] = []
    let launches = 0
    for (let i = 0; i < steps; i++) {
      trained.next()
      const launchesBefore = stats.launches
      const [loss] = run()
      losses.push((await read(loss!))[0]!)
      launches = stats.launches - launchesBefore
      if (!planned) release(loss!)
    }
    let host = Infinity
    for (let round = 0; round < ROUNDS; round++) {
      await finish()
      const start = performance.now()
      for (let i = 0; i < ROW; i++) for (const t of run()) if (!planned) release(t)
      host = Math.min(host, (performance.now() - start) / ROW)
    }
    await finish()
    for (const t of trained.kept) release(t)
    return { losses, host, launches }
  }
  let plan: Plan | undefined
  const byEager = await train(
    async ({ step }) =>
      () =>
        scope(step),
    false,
  )
  const byPlan = await train(async ({ step }) => {
    plan = await Plan.make(step)
    return () => plan!.run()
  }, true)
  plan?.destroy()
  return { eager: byEager, replay: byPlan }
}

export const handlers: Handlers = { recorded, replayed }
