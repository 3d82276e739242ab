/** The shapes that rungs are timed at: those of a step of tiny TASN, and those of full-sized networks. */
import type { Launch } from '../src/engine/launch.ts'
import { Plan } from '../src/engine/plan.ts'
import type { Shape, Tensor } from '../src/engine/tensor.ts'
import { persistent, release } from '../src/engine/transfer.ts'
import { type Case, casesOf } from '../src/engine/tune/cases.ts'
import { launchKey } from '../src/gpu/ladder.ts'
import { valueAndGrad } from '../src/ops/backward.ts'
import { batchNorm } from '../src/ops/batch_norm.ts'
import { type ConvOptions, conv2d } from '../src/ops/conv2d.ts'
import { mul } from '../src/ops/elementwise.ts'
import { matmul } from '../src/ops/matmul.ts'
import { sum } from '../src/ops/reduce.ts'
import { softmax } from '../src/ops/softmax.ts'
import { presetStep } from './preset_step.ts'

/** A launch to time. */
export interface BenchCase extends Case {
  /** Bytes of the tensors that the step's launch binds. One that is bound under several names counts once. */
  readonly bytes: number
}

/** The distinct ladder launches of a step. */
function casesIn(step: () => readonly Tensor[]): BenchCase[] {
  const { launches } = Plan.record(step, { most: Infinity })
  const bytes = new Map(launches.map(l => [launchKey(l.ladder, l.params), bytesOf(l)]))
  return casesOf(launches).map(c => ({ ...c, bytes: bytes.get(launchKey(c.ladder, c.params))! }))
}

/** The bytes of all tensors that a launch binds. What a shader does not look at is bound to another one's tensor. */
export const bytesOf = ({ tensors }: Pick<Launch, 'tensors'>): number =>
  [...new Map(Object.values(tensors).map(t => [t.storage, 4 * t.size])).values()].reduce((sum, n) => sum + n, 0)

/** The distinct ladder launches of a training step of the preset `tiny`. */
export function tinyCases(): BenchCase[] {
  const { step, kept } = presetStep('tiny')
  const cases = casesIn(step)
  for (const t of kept) release(t)
  return cases
}

/** An op, there and back, on inputs of these shapes. */
function bothWays(shapes: readonly Shape[], op: (x: Tensor[]) => Tensor): BenchCase[] {
  const inputs = shapes.map(s => persistent(s))
  const y = Plan.record(() => [op(inputs)]).outputs[0]!
  const dy = persistent(y.shape)
  for (const x of inputs) x.requiresGrad = true
  const cases = casesIn(() => [...valueAndGrad(() => sum(mul(op(inputs), dy)), inputs).grads.values()]).filter(
    c => c.ladder.name !== 'reduce',
  )
  for (const t of [...inputs, dy]) release(t)
  return cases
}

const conv = (x: Shape, K: number, size: number, o: ConvOptions): BenchCase[] =>
  bothWays([x, [K, x[1]!, size, size]], ([x, w]) => conv2d(x!, w!, undefined, { ...o, algorithm: 'direct' }))

const depthwise = (x: Shape, o: ConvOptions): BenchCase[] =>
  bothWays([x, [x[1]!, 1, 3, 3]], ([x, w]) => conv2d(x!, w!, undefined, { padding: 1, groups: x!.shape[1]!, ...o }))

const product = (a: Shape, b: Shape): BenchCase[] => bothWays([a, b], ([a, b]) => matmul(a!, b!))

function norm(x: Shape): BenchCase[] {
  const [running_mean, running_var] = [persistent([x[1]!]), persistent([x[1]!])]
  const cases = bothWays([x, [x[1]!], [x[1]!]], ([x, weight, bias]) =>
    batchNorm(x!, { weight: weight!, bias: bias!, running_mean, running_var }, { training: true, relu: true }),
  )
  for (const t of [running_mean, running_var]) release(t)
  return cases
}

/**
 * Layers of ResNets at full size and of MobileNets, matrix products, and the softmax of trilinear attention, there and
 * back.
 */
export const largeCases = (): BenchCase[] => [
  ...conv([8, 64, 56, 56], 64, 3, { padding: 1 }),
  ...conv([8, 64, 56, 56], 64, 3, { padding: 1, stride: 2 }),
  ...conv([8, 256, 14, 14], 512, 1, {}),
  ...conv([8, 128, 28, 28], 128, 3, { padding: 2, dilation: 2 }),
  ...conv([4, 3, 224, 224], 64, 7, { padding: 3, stride: 2 }),
  ...conv([8, 512, 7, 7], 512, 3, { padding: 1 }),
  ...depthwise([8, 128, 28, 28], {}),
  ...depthwise([8, 128, 28, 28], { stride: 2 }),
  ...depthwise([32, 128, 14, 14], {}),
  ...product([512, 512], [512, 512]),
  ...product([1024, 1024], [1024, 1024]),
  ...product([8, 256, 196], [8, 196, 256]),
  ...norm([8, 64, 56, 56]),
  ...norm([8, 512, 7, 7]),
  ...bothWays([[2, 512, 784]], ([x]) => softmax(x!)),
]
