/** Optimisers: SGD with momentum, AdamW, groups of parameters; and the sum of gradients over micro-batches. */
import { launch } from '../engine/launch.ts'
import { inRows, moveIntoRow, zerosInRow } from '../engine/row.ts'
import type { Tensor } from '../engine/tensor.ts'
import { persistent, write } from '../engine/transfer.ts'
import { strips, stripsInFours } from '../gpu/kernel.ts'

type Sgd = Record<'n' | 'momentum' | 'weight_decay' | 'scale' | 'NESTEROV', number>
type Adam = Record<'n' | 'b1' | 'b2' | 'eps' | 'weight_decay' | 'scale', number>

const sgdKernel = stripsInFours<Sgd>('optim/sgd', 'optim/sgd/1_naive.wgsl', 'optim/sgd/2_vec4.wgsl')
const adamKernel = stripsInFours<Adam>('optim/adam', 'optim/adam/1_naive.wgsl', 'optim/adam/2_vec4.wgsl')
const accumulateKernel = strips<{ n: number }>('optim/accumulate.wgsl', p => p.n)
const fillKernel = strips<{ n: number; value: number }>('optim/fill.wgsl', p => p.n)

/** Updates parameters in place from their gradients. The rate is a tensor: a recorded step follows the schedule. */
export interface Optimizer {
  /** Begins a step on the host: counts it in `steps`, and writes the rate by which step() will move. */
  advance(rate: number): void
  /** Launches the update of every parameter that has a gradient; each gradient counts `scale` times. */
  step(grads: ReadonlyMap<Tensor, Tensor>, scale?: number): void
  /** The tensors that a checkpoint holds beside `steps`, by name: with them training goes on to the bit. */
  state(): Map<string, Tensor>
  /** Steps begun by advance(). AdamW's rule depends on it; a checkpoint keeps it. */
  steps: number
}

export type Named = ReadonlyMap<string, Tensor>

/** v = momentum v + g + weightDecay w;  w = w - rate v. PyTorch's SGD. */
export class SGD implements Optimizer {
  steps = 0
  readonly #params: Named
  readonly #options: { momentum: number; weightDecay: number; nesterov: boolean }
  readonly #rate = persistent([1])
  readonly #velocity: Map<Tensor, Tensor>

  constructor(params: Named, { momentum = 0.9, weightDecay = 0, nesterov = false } = {}) {
    this.#params = params
    this.#options = { momentum, weightDecay, nesterov }
    this.#velocity = zerosLike(params)
  }

  advance(rate: number): void {
    this.steps++
    write(this.#rate, new Float32Array([rate]))
  }

  step(grads: ReadonlyMap<Tensor, Tensor>, scale = 1): void {
    const { momentum, weightDecay, nesterov } = this.#options
    const sets = withGradients(this.#params, grads, w => ({ v: this.#velocity.get(w)! }))
    for (const row of inRows(sets)) {
      const n = row.w.size
      launch(
        sgdKernel,
        { ...row, rate: this.#rate },
        { n, momentum, weight_decay: weightDecay, scale, NESTEROV: Number(nesterov) },
      )
    }
  }

  state(): Map<string, Tensor> {
    return named('velocity', this.#params, this.#velocity)
  }
}

/** AdamW: Adam (Kingma and Ba 2015) with weight decay off the gradient (Loshchilov and Hutter 2019). PyTorch's rule. */
export class AdamW implements Optimizer {
  steps = 0
  readonly #params: Named
  readonly #options: { b1: number; b2: number; eps: number; weightDecay: number }
  readonly #rate = persistent([3], Float32Array.of(0, 1, 1)) // a step before any advance() moves nothing
  readonly #first: Map<Tensor, Tensor>
  readonly #second: Map<Tensor, Tensor>

  constructor(params: Named, { b1 = 0.9, b2 = 0.999, eps = 1e-8, weightDecay = 0 } = {}) {
    this.#params = params
    this.#options = { b1, b2, eps, weightDecay }
    this.#first = zerosLike(params)
    this.#second = zerosLike(params)
  }

  advance(rate: number): void {
    this.steps++
    // As the shader has them: 1 - b2 at float32's 0.999 is 1.3e-5 off, but in both places alike.
    const b1 = Math.fround(this.#options.b1)
    const b2 = Math.fround(this.#options.b2)
    write(this.#rate, new Float32Array([rate, 1 - b1 ** this.steps, 1 - b2 ** this.steps]))
  }

  step(grads: ReadonlyMap<Tensor, Tensor>, scale = 1): void {
    const { b1, b2, eps, weightDecay } = this.#options
    const sets = withGradients(this.#params, grads, w => ({ m: this.#first.get(w)!, s: this.#second.get(w)! }))
    for (const row of inRows(sets)) {
      const n = row.w.size
      launch(adamKernel, { ...row, rate: this.#rate }, { n, b1, b2, eps, weight_decay: weightDecay, scale })
    }
  }

  state(): Map<string, Tensor> {
    return new Map([...named('first', this.#params, this.#first), ...named('second', this.#params, this.#second)])
  }
}

/** Parameters in groups, each with an optimiser of its own and a factor on the rate: PyTorch's parameter groups. */
export class ParameterGroups implements Optimizer {
  readonly #groups: readonly { readonly optimizer: Optimizer; readonly factor: number }[]

  /** @param groups at least one. */
  constructor(groups: readonly { readonly optimizer: Optimizer; readonly factor: number }[]) {
    this.#groups = groups
  }

  get steps(): number {
    return this.#groups[0]!.optimizer.steps
  }

  set steps(n: number) {
    for (const { optimizer } of this.#groups) optimizer.steps = n
  }

  advance(rate: number): void {
    for (const { optimizer, factor } of this.#groups) optimizer.advance(rate * factor)
  }

  step(grads: ReadonlyMap<Tensor, Tensor>, scale = 1): void {
    for (const { optimizer } of this.#groups) optimizer.step(grads, scale)
  }

  state(): Map<string, Tensor> {
    return new Map(this.#groups.flatMap(({ optimizer }) => [...optimizer.state()]))
  }
}

/** Gradients summed over micro-batches, in tensors that outlive the steps. */
export class GradientSum {
  readonly totals: Map<Tensor, Tensor>

  constructor(params: Named) {
    this.totals = zerosLike(params)
  }

  add(grads: ReadonlyMap<Tensor, Tensor>): void {
    const sets = [...this.totals].flatMap(([w, total]) => (grads.has(w) ? [{ total, x: grads.get(w)! }] : []))
    for (const { total, x } of inRows(sets)) accumulate(total, x)
  }

  clear(): void {
    for (const { y } of inRows([...this.totals.values()].map(y => ({ y })))) fill(y, 0)
  }
}

/** total += x, in place; both outlive the launch. */
export const accumulate = (total: Tensor, x: Tensor): void => launch(accumulateKernel, { x, total }, { n: total.size })

/** y = value, in place. */
export const fill = (y: Tensor, value: number): void => launch(fillKernel, { y }, { n: y.size, value })

/** A zero tensor for each parameter, in a row as the parameters are then, too: one launch moves all. */
function zerosLike(params: Named): Map<Tensor, Tensor> {
  const all = [...params.values()]
  moveIntoRow(all)
  const zeros = zerosInRow(all.map(p => p.shape))
  return new Map(all.map((p, i) => [p, zeros[i]!]))
}

/** The parameters that have a gradient, each with it and with what the optimiser keeps of it. */
const withGradients = <Kept extends Record<string, Tensor>>(
  params: Named,
  grads: ReadonlyMap<Tensor, Tensor>,
  kept: (w: Tensor) => Kept,
): ({ w: Tensor; g: Tensor } & Kept)[] =>
  [...params.values()].flatMap(w => (grads.has(w) ? [{ w, g: grads.get(w)!, ...kept(w) }] : []))

const named = (prefix: string, params: Named, of: Map<Tensor, Tensor>): Map<string, Tensor> =>
  new Map([...params].map(([name, p]) => [`${prefix}.${name}`, of.get(p)!]))
