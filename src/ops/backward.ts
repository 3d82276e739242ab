/** Reverse-mode differentiation: walk the tape backwards, hand every node its gradient, sum what meets. */

import { type InGroups, noGrad, taped } from '../engine/tape.ts'
import { check, Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'
import { add } from './elementwise.ts'
import { AT_ONCE, sumsOfGroups } from './groups.ts'

/**
 * value = f(), and d value / d p for every p of `params`.
 *
 * Gradients are ordinary tensors: nothing is stored on a parameter, and there is nothing to set to zero. A parameter
 * that the value does not depend on, or whose `requiresGrad` is false (parameter() sets it, persistent() does not), is
 * missing from the map. First order only: gradients are computed off the record, so to a valueAndGrad() around this one
 * they are constants.
 *
 * @param f returns one number, as a tensor of size 1. Whatever else it makes can be kept by closing over it.
 * @param dValue the gradient that comes from behind, of the value's shape: with it, the value may be any tensor, and
 *   the gradients are those of sum(dValue * value), a vector-Jacobian product (PyTorch's backward(gradient)).
 * @throws where `f` is async, and where a gradient reaches an op that has no derivative.
 */
export function valueAndGrad(
  f: () => Tensor,
  params: readonly Tensor[],
  dValue?: Tensor,
): { value: Tensor; grads: Map<Tensor, Tensor> } {
  const { result: value, nodes } = taped(f)
  check(
    dValue !== undefined || value.size === 1,
    () => `valueAndGrad: the value must be one number, found the shape [${value.shape}]; for other values give dValue`,
  )
  check(
    dValue === undefined || `${dValue.shape}` === `${value.shape}`,
    () => `valueAndGrad: dValue [${dValue!.shape}] is not of the value's shape [${value.shape}]`,
  )

  const grads = new Gradients(value, dValue ?? constant(value.shape, 1))
  noGrad(() => {
    for (const node of nodes.reverse()) {
      const dOut = grads.get(node.out)
      if (!dOut) continue // made on the record, but not on the way to `value`
      const taken = new Set<number>()
      const take = (i: number): Tensor | undefined => {
        const p = node.parents[i]!
        check(node.parents.indexOf(p) === i, () => `${node.name}: only the first use of a parent takes its gradient`)
        taken.add(i)
        return grads.get(p)
      }
      node.backward(dOut, take).forEach((d, i) => {
        const p = node.parents[i]!
        if (!d || !p.requiresGrad) return
        check(
          `${d.shape}` === `${p.shape}`,
          () => `${node.name}: the gradient of its parent ${i} has the shape [${d.shape}], the parent [${p.shape}]`,
        )
        if (taken.has(i)) grads.set(p, d)
        else grads.add(p, d)
      })
    }
    grads.sumUp()
  })
  return { value, grads: new Map(params.flatMap(p => (grads.get(p) ? [[p, grads.get(p)!]] : []))) }
}

/** The gradients so far. Those that are still in groups wait for each other: their sums are cheaper together. */
class Gradients {
  readonly #found: Map<Tensor, Tensor>
  readonly #waiting = new Map<Tensor, InGroups>()

  constructor(value: Tensor, dValue: Tensor) {
    this.#found = new Map([[value, dValue]])
  }

  get(p: Tensor): Tensor | undefined {
    if (this.#waiting.has(p)) this.sumUp()
    return this.#found.get(p)
  }

  set(p: Tensor, d: Tensor | InGroups): void {
    if (d instanceof Tensor) this.#found.set(p, d)
    else this.#waiting.set(p, d)
    if (this.#waiting.size === AT_ONCE) this.sumUp()
  }

  /** Used twice, so two gradients: their sum. Never in place, for the first may also be another tensor's gradient. */
  add(p: Tensor, d: Tensor | InGroups): void {
    const soFar = this.get(p)
    if (!soFar) this.set(p, d)
    else this.#found.set(p, add(soFar, d instanceof Tensor ? d : sumsOfGroups([d])[0]!))
  }

  /** Adds up what waits. */
  sumUp(): void {
    const sums = sumsOfGroups([...this.#waiting.values()])
    for (const [i, p] of [...this.#waiting.keys()].entries()) this.#found.set(p, sums[i]!)
    this.#waiting.clear()
  }
}
