/** Module: what layers and networks have in common. */

import { type Shape, sizeOf, Tensor } from '../engine/tensor.ts'
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
    const { missing, unexpected, misshapen, text } = comparison(values, state)
    if (misshapen.length || (!partial && missing.length + unexpected.length))
      throw new Error(`the weights do not fit the model:${text}`)
    for (const [name, { data }] of values) if (state.has(name)) write(state.get(name)!, data)
    return { missing, unexpected }
  }
}

/** Tensors by name, or what is known of them: their shape, and their numbers where they are there. */
export type Described = ReadonlyMap<
  string,
  { readonly shape: Shape; readonly data?: { readonly length: number } } | Shape
>

/**
 * The differences between tensors and those that they are to fill: names, and lines of an error.
 * @param shown makes names from files of unknown origin fit for an error.
 */
export function comparison(have: Described, target: Described, shown = (name: string): string => name) {
  const missing = [...target.keys()].filter(name => !have.has(name))
  const unexpected = [...have.keys()].filter(name => !target.has(name))
  const misshapen = [...have].flatMap(([name, found]) => {
    if (!target.has(name)) return []
    const [shape, wanted] = [shapeOf(found), shapeOf(target.get(name)!)]
    const size = sizeOf(shape)
    const { length = size } = ('data' in found && found.data) || {}
    if (`${shape}` === `${wanted}` && length === size) return []
    const count = length === size ? '' : ` of ${length} numbers`
    return [`${name} is [${shape}]${count}, the model has [${wanted}]`]
  })
  const lines = Object.entries({ missing, unexpected, 'of another shape': misshapen })
    .filter(([, names]) => names.length)
    .map(([fault, names]) => {
      const first = names.slice(0, 6).map(shown).join(', ')
      return `\n  ${names.length} ${fault}: ${first}${names.length > 6 ? ', ...' : ''}`
    })
  return { missing, unexpected, misshapen, text: lines.join('') }
}

const shapeOf = (found: { readonly shape: Shape } | Shape): Shape => ('shape' in found ? found.shape : found)

const modulesOf = (name: string, value: unknown): [string, Module][] =>
  value instanceof Module
    ? [[name, value]]
    : Array.isArray(value)
      ? value.flatMap((v, i) => modulesOf(`${name}.${i}`, v))
      : []

const children = (m: Module): Module[] =>
  Object.entries(m).flatMap(([name, value]) => modulesOf(name, value).map(([, child]) => child))
