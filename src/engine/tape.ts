/** The tape: which op made which tensor from which, while a gradient is wanted. */
import { synchronously } from './synchronous.ts'
import { type Shape, Tensor } from './tensor.ts'

/** A gradient that is still in groups (G,...), whose sum it is. valueAndGrad() adds up several such at once. */
export class InGroups {
  readonly groups: Tensor
  readonly shape: Shape

  constructor(groups: Tensor) {
    this.groups = groups
    this.shape = groups.shape.slice(1)
  }
}

/** One line of the tape: `out` was made from `parents`; `backward` turns d/d out into d/d each parent. */
export interface Node {
  readonly name: string
  readonly out: Tensor
  readonly parents: readonly Tensor[]
  /**
   * Gradients in the order of `parents`; null where there is none, or none is wanted.
   * @param take gives the gradient that parent number i has already, from other uses of it. An op that takes it adds it
   *   to what it returns for that parent, in the launch that it makes anyway. What is not taken is added by
   *   valueAndGrad().
   */
  backward(dOut: Tensor, take: (i: number) => Tensor | undefined): readonly (Tensor | InGroups | null)[]
}

let tape: Node[] | undefined

/** Called by every differentiable op on its way out. Free when nobody wants a gradient. */
export function record(name: string, out: Tensor, parents: readonly Tensor[], backward: Node['backward']): Tensor {
  if (!tape || !parents.some(p => p.requiresGrad)) return out
  out.requiresGrad = true
  tape.push({ name, out, parents, backward })
  return out
}

/**
 * Called by every op without a derivative on its way out: a gradient that comes back to `out` throws, and is not lost.
 * detached() parents say that none shall pass.
 * @param way another way out, for the error: what has a derivative.
 */
export const recordConstant = (name: string, out: Tensor, parents: readonly Tensor[], way = ''): Tensor =>
  record(name, out, parents, () => {
    throw new Error(
      `${name}: it is not differentiable, and a gradient is wanted through it: ${way}pass it detached() tensors, or ` +
        'run it under noGrad()',
    )
  })

/** True while a gradient may be wanted of the ops that run. */
export const wantsGradient = (): boolean => tape !== undefined

/**
 * Runs `f` off the record: what it makes is a constant to every gradient, and costs no memory for one.
 * @throws where `f` is async.
 */
export const noGrad = <T>(f: () => T): T => withTape('noGrad', undefined, f)

/** Runs `f` with a fresh tape and returns it with the result. @throws where `f` is async. */
export function taped<T>(f: () => T): { result: T; nodes: Node[] } {
  const nodes: Node[] = []
  return { result: withTape('valueAndGrad', nodes, f), nodes }
}

/** The same numbers, without a way back to where they came from: no gradient passes. */
export const detached = (x: Tensor): Tensor => new Tensor(x.shape, x.storage, x.dtype)

function withTape<T>(name: string, next: Node[] | undefined, f: () => T): T {
  const outer = tape
  tape = next
  try {
    return synchronously(name, f)
  } finally {
    tape = outer
  }
}
