/** Whole training steps, replayed from plans: how long one takes, what the host spends, how soon the first ends. */
import { Plan } from '../src/engine/plan.ts'
import { Random } from '../src/engine/random.ts'
import { finish, persistent, release } from '../src/engine/transfer.ts'
import { SGD } from '../src/nn/optim.ts'
import { RESNET18, ResNet } from '../src/nn/resnet.ts'
import { valueAndGrad } from '../src/ops/backward.ts'
import { crossEntropy } from '../src/ops/loss.ts'
import { presetStep, type Step } from './preset_step.ts'
import { timed } from './timed.ts'

/** A step's figures. */
export interface StepRow {
  readonly name: string
  readonly images: number
  readonly launches: number
  /** The median of a step. */
  readonly ms: number
  /** Until the host has handed over all launches: the median. */
  readonly encodeMs: number
  readonly imagesPerSecond: number
  /** Convolutions and matrix products alone: other kernels do not count theirs. */
  readonly gflops: number
  readonly plannedMiB: number
  /** From recording, placing, tuning and compiling to the end of the first step. What is compiled already is not. */
  readonly firstMs: number
}

/** ResNet-18 with 1,000 classes, cross entropy, SGD. */
function resnet18(random: Random, N: number, side: number): Step {
  const model = new ResNet(random, RESNET18, 1000)
  const params = model.parameters()
  const sgd = new SGD(params)
  const x = persistent(
    [N, 3, side, side],
    Float32Array.from({ length: N * 3 * side * side }, () => random.uniform(-1, 1)),
  )
  const labels = persistent(
    [N],
    Uint32Array.from({ length: N }, (_, i) => i),
  )
  sgd.advance(0.01) // once: the rate does not change what a step costs
  return {
    images: N,
    kept: [...model.state().values(), ...sgd.state().values(), x, labels],
    step: () => {
      const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(x), labels), [...params.values()])
      sgd.step(grads)
      return [value]
    },
  }
}

/** The steps by their names. On a CPU one of TASN small takes ten seconds. */
export const STEPS: ReadonlyMap<string, () => Step> = new Map([
  ['ResNet-18, 8 x 64x64', () => resnet18(new Random(1), 8, 64)],
  ['TASN tiny', () => presetStep('tiny', { random: new Random(1) })],
  ['TASN mobile', () => presetStep('mobile', { random: new Random(1) })],
  ['TASN small', () => presetStep('small', { random: new Random(1) })],
])

/** The steps that are measured unless others are asked for. */
export const USUAL_STEPS = ['ResNet-18, 8 x 64x64', 'TASN tiny'] as const

const median = (v: readonly number[]): number => v.toSorted((a, b) => a - b)[v.length >> 1]!

/** Times a step of STEPS: the median of so many runs. @throws where there is none of that name. */
export async function timeStep(name: string, runs: number): Promise<StepRow> {
  const make = STEPS.get(name)
  if (!make) throw new Error(`no step is named ${JSON.stringify(name)}; there are ${[...STEPS.keys()].join(', ')}`)
  const { images, step, kept } = make()
  let plan: Plan | undefined
  try {
    await finish()
    const start = performance.now()
    plan = await Plan.make(step)
    plan.run()
    await finish()
    const firstMs = performance.now() - start
    const times: number[] = []
    const encode: number[] = []
    const replayed = plan
    for (let i = -2; i < runs; i++) {
      let encoded = 0
      const ms = await timed(() => {
        const start = performance.now()
        replayed.run()
        encoded = performance.now() - start
      })
      if (i < 0) continue
      times.push(ms)
      encode.push(encoded)
    }
    const ms = median(times)
    return {
      name,
      images,
      launches: plan.launches.length,
      ms,
      encodeMs: median(encode),
      imagesPerSecond: (1000 * images) / ms,
      gflops: plan.flop / ms / 1e6,
      plannedMiB: plan.memory.planned / 2 ** 20,
      firstMs,
    }
  } finally {
    plan?.destroy()
    for (const t of kept) release(t)
  }
}
