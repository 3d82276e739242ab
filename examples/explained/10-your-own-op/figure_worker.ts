/**
 * The figure's half in the worker: gelu by the shader's text as it stands in the page, its values, and the chapter's
 * two tests, by the check of the project's own tests.
 */
import { scope } from '../../../src/engine/eager.ts'
import { empty, launch } from '../../../src/engine/launch.ts'
import { record } from '../../../src/engine/tape.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { constant, persistent, readAll, release } from '../../../src/engine/transfer.ts'
import { type Ladder, type Params, strips } from '../../../src/gpu/kernel.ts'
import { addSource, loadSource } from '../../../src/gpu/shader.ts'
import { compile, variant } from '../../../src/gpu/variant.ts'
import { valueAndGrad } from '../../../src/ops/backward.ts'
import { mul } from '../../../src/ops/elementwise.ts'
import { type Case, checkRungs, type Ref } from '../../../test/support/check.ts'
import { messageOf } from '../../browser/messages.ts'
import type { Handlers } from '../../browser/panel.ts'
import type { MistakeName } from './mistakes.ts'

/** The op with all of a shader's text, and with a mistake of its own. */
export interface Written {
  readonly shader: string
  /** A mistake in the op's file; those in the shader's are in its text. */
  readonly mistake?: MistakeName
}

/** Points of the curves. */
const POINTS = 161
export const FAR = 4
export const xs: readonly number[] = Array.from({ length: POINTS }, (_, i) => (2 * FAR * i) / (POINTS - 1) - FAR)

/** The formula, as the test has it. */
export const formula = (v: number): number => v / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))

export interface Values {
  readonly y: Float32Array
  /** Without record() there is none. */
  readonly slope: Float32Array | undefined
}

export interface Examined {
  /** The reason why there is nothing to run. */
  readonly problem?: string
  /** At each of the points of `xs`. */
  readonly values?: Values
  /** The chapter's tests in their order, with the message of each that fails. */
  readonly tests: readonly { readonly name: string; readonly fault?: string }[]
}

/** The op, and the name of its ladder. */
interface Op {
  readonly name: string
  readonly gelu: (x: Tensor) => Tensor
}

/** src/ops/gelu.ts, around one kernel. */
function opOf(kernel: Ladder<Params>, mistake?: MistakeName): (x: Tensor) => Tensor {
  return x => {
    const y = empty(x.shape)
    launch(kernel, mistake === 'binding' ? { x, out: y } : { x, y }, { n: x.size, SLOPE: 0 })
    if (mistake === 'unrecorded') return y

    return record('gelu', y, [x], dy => {
      const slope = empty(x.shape)
      launch(kernel, { x: mistake === 'parent' ? y : x, y: slope }, { n: x.size, SLOPE: 1 })
      return [mistake === 'dy' ? slope : mul(dy, slope)]
    })
  }
}

/** Each text that was tried, and its op, or the reason why there is none. */
const tried = new Map<string, Promise<Op>>()

/** The op of a text, compiled on all rungs. @throws the compiler's messages, and what else is wrong with the text. */
function compiled({ shader, mistake }: Written): Promise<Op> {
  const key = `${mistake ?? ''}\n${shader}`
  const op = tried.get(key) ?? attempt(`gelu ${tried.size + 1}/gelu`, shader, mistake)
  tried.set(key, op)
  return op
}

/** @param name of its own for each text, for each is a kernel of its own. */
async function attempt(name: string, shader: string, mistake?: MistakeName): Promise<Op> {
  addSource(`${name}.wgsl`, shader)
  await loadSource(`${name}.wgsl`)
  const kernel = strips<Params>(`${name}.wgsl`, p => p.n!)
  await compile(kernel.rungs.flatMap(rung => [0, 1].map(SLOPE => variant(rung, { n: 1, SLOPE }))))
  return { name, gelu: opOf(kernel, mistake) }
}

/** y and dy/dx of the op at points. */
async function valuesAt({ gelu }: Op, points: readonly number[]): Promise<Values> {
  const x = persistent([points.length], Float32Array.from(points))
  x.requiresGrad = true
  const tensors = scope(() => {
    const { value, grads } = valueAndGrad(() => gelu(x), [x], constant(x.shape, 1))
    return [value, ...grads.values()]
  })
  const [y, slope] = (await readAll(tensors).finally(() => [x, ...tensors].forEach(release))) as Float32Array[]
  return { y: y!, slope }
}

const reference = ([x]: Ref[]): Float64Array => x!.data.map(formula)

/** The tests of test/ops/gelu.test.ts: their names and their cases. */
const TESTS: Readonly<Record<string, (gelu: Op['gelu']) => Case[]>> = {
  'forward and gradient, fewer elements than a workgroup has and more than a strip': gelu =>
    [[7], [2, 3, 5], [4099]].map((shape): Case => [[shape], x => gelu(x!), reference]),
  'far from zero it is x or 0': gelu =>
    [-1e4, -50, -4, 8, 50, 1e4].map((v): Case => [[[1]], x => gelu(x!), reference, { inputs: () => [v] }]),
}

/** The curves of what is written, and what the tests say to it. The device must be open. */
export async function examine(written: Written): Promise<Examined> {
  let op: Op
  try {
    op = await compiled(written)
  } catch (error) {
    return { problem: messageOf(error).replaceAll(/gelu \d+\//g, 'gelu/'), tests: [] }
  }
  const tests: { name: string; fault?: string }[] = []
  for (const [name, cases] of Object.entries(TESTS))
    try {
      await checkRungs([op.name], cases(op.gelu))
      tests.push({ name })
    } catch (error) {
      tests.push({ name, fault: messageOf(error).replaceAll(op.name, 'gelu/gelu') })
    }
  const values = await valuesAt(op, xs).catch(() => undefined) // the tests have said why
  return { ...(values && { values }), tests }
}

/** y and dy/dx at one point: undefined where the op does not run. */
export async function at({ x, ...written }: Written & { readonly x: number }): Promise<Values | undefined> {
  return compiled(written)
    .then(op => valuesAt(op, [x]))
    .catch(() => undefined)
}

export const handlers: Handlers = { examine, at }
