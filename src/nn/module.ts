/** Module: what layers and networks have in common. */

import { Tensor } from '../engine/tensor.ts'
import { write } from '../engine/transfer.ts'

/** A tree of named tensors. A parameter's name is its path of fields, which is also its key in a checkpoint. */
export abstract class Module {
  /**
   * true: batch norm normalises by the statistics of the batch, and moves its running ones. false: it normalises by the
   * running ones. A plan keeps the value it was recorded with.
   */
  training = true

  /** Sets `training` here and in everything below. */
  train(training = true): this {
    this.training = training
    for (const child of children(this)) child.train(training)
    return this
  }

  /** The tensors that are learnt, which are those that require a gradient, by name. */
  parameters(): Map<string, Tensor> {
    return new Map([...this.state()].filter(([, t]) => t.requiresGrad))
  }

  /** All tensors of a checkpoint, by name: parameters and running statistics, in the order of the fields. */
  state(prefix = ''): Map<string, Tensor> {
    const found = new Map<string, Tensor>()
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Tensor) found.set(prefix + name, value)
      for (const [path, child] of modulesOf(name, value))
        for (const [n, t] of child.state(`${prefix}${path}.`)) found.set(n, t)
    }
    return found
  }

  /**
   * Copies values in by name. With `partial`, names may be missing or unexpected, and are returned.
   *
   * @throws one error with all names that are missing, unexpected or of another shape, before anything has changed.
   */
  load(
    values: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>,
    { partial = false } = {},
  ): { missing: string[]; unexpected: string[] } {
    const state = this.state()
    const missing = [...state.keys()].filter(name => !values.has(name))
    const unexpected = [...values.keys()].filter(name => !state.has(name))
    const misshapen = [...values]
      .filter(
        ([name, v]) =>
          state.has(name) && (`${state.get(name)!.shape}` !== `${v.shape}` || state.get(name)!.size !== v.data.length),
      )
      .map(
        ([name, v]) => `${name} is [${v.shape}] of ${v.data.length} numbers, the model has [${state.get(name)!.shape}]`,
      )
    if (misshapen.length || (!partial && missing.length + unexpected.length)) {
      throw new Error(
        [
          'the weights do not fit the model:',
          ...some('missing', missing),
          ...some('unexpected', unexpected),
          ...some('of another shape', misshapen),
        ].join('\n'),
      )
    }
    for (const [name, { data }] of values) if (state.has(name)) write(state.get(name)!, data)
    return { missing, unexpected }
  }
}

const some = (fault: string, names: string[]): string[] =>
  names.length ? [`  ${names.length} ${fault}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`] : []

const modulesOf = (name: string, value: unknown): [string, Module][] =>
  value instanceof Module
    ? [[name, value]]
    : Array.isArray(value)
      ? value.flatMap((v, i) => modulesOf(`${name}.${i}`, v))
      : []

const children = (m: Module): Module[] =>
  Object.entries(m).flatMap(([name, value]) => modulesOf(name, value).map(([, child]) => child))
