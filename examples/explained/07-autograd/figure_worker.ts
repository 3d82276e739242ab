/** The figure's half in the worker: a tape of five lines, and the walk back over it, one line after the other. */
import { type Node, taped } from '../../../src/engine/tape.ts'
import type { Storage, Tensor } from '../../../src/engine/tensor.ts'
import { persistent, readAll, release, write } from '../../../src/engine/transfer.ts'
import { valueAndGrad } from '../../../src/ops/backward.ts'
import { add, mul, relu, scale, square } from '../../../src/ops/elementwise.ts'
import type { Handlers } from '../../browser/panel.ts'

/** Five ops, and so five lines on the tape. x is used once, w twice. */
function forward(x: Tensor, w: Tensor): Tensor {
  const p = square(x)
  const q = scale(w, 3)
  const s = add(p, w)
  const t = mul(s, q)
  return relu(t) // L
}

/** The tensors by name: the parameters, then each line's output. */
export const NAMES = ['x', 'w', 'p', 'q', 's', 't', 'L'] as const
export type Name = (typeof NAMES)[number]

export interface Options {
  readonly x: number
  readonly w: number
  /** Adds a second gradient into the first one's memory, as the engine never does. */
  readonly inPlace: boolean
}

/** A gradient: its number, and the number of the tensor that holds it. */
export interface Held {
  readonly value: number
  readonly tensor: number
}
export type Gradients = Readonly<Partial<Record<Name, Held>>>

/** A line of the tape that was walked back over, and all gradients after it. */
export interface Step {
  readonly line: Name
  /** The gradients that the line handed to its parents. */
  readonly handed: Gradients
  /** The parent that had one already. */
  readonly met: readonly Name[]
  readonly after: Gradients
}

export interface Walked {
  readonly values: Readonly<Record<Name, number>>
  /** The name of the op of each line. */
  readonly ops: Readonly<Partial<Record<Name, string>>>
  readonly start: Gradients
  readonly steps: readonly Step[]
  /** The gradients of valueAndGrad(). */
  readonly engine: Readonly<Record<'x' | 'w', number>>
  /** By a difference quotient in float64. */
  readonly quotient: Readonly<Record<'x' | 'w', number>>
}

/** Walks the tape back as valueAndGrad() does, and looks at everything after each line. The device must be open. */
export async function walk({ x, w, inPlace }: Options): Promise<Walked> {
  const params = [x, w].map(v => persistent([1], Float32Array.of(v)))
  for (const p of params) p.requiresGrad = true
  const [X, W] = params as [Tensor, Tensor]
  const made: Tensor[] = [...params]
  try {
    const { result: L, nodes } = taped(() => forward(X, W))
    const tensors = [X, W, ...nodes.map(({ out }) => out)]
    const nameOf = (t: Tensor): Name => NAMES[tensors.indexOf(t)]!
    made.push(...tensors)

    const one = persistent([1], Float32Array.of(1))
    made.push(one)
    const grads = new Map<Tensor, Tensor>([[L, one]])
    const numbers = new Map<Storage, number>()
    const look = async (some: ReadonlyMap<Tensor, Tensor>): Promise<Gradients> => {
      const read = (await readAll([...some.values()])) as Float32Array[]
      return Object.fromEntries(
        [...some].map(([t, { storage }], i) => {
          if (!numbers.has(storage)) numbers.set(storage, numbers.size + 1)
          return [nameOf(t), { value: read[i]![0]!, tensor: numbers.get(storage)! }]
        }),
      )
    }

    const start = await look(grads)
    const steps: Step[] = []
    for (const node of [...nodes].reverse()) {
      const handed = handedBy(node, grads.get(node.out)!)
      made.push(...handed.values())
      const seen = await look(handed)
      const met: Name[] = []
      for (const [p, d] of handed) {
        const soFar = grads.get(p)
        if (!soFar) grads.set(p, d)
        else {
          met.push(nameOf(p))
          const both = add(soFar, d)
          made.push(both)
          if (inPlace) write(soFar, (await readAll([both]))[0]!)
          else grads.set(p, both)
        }
      }
      steps.push({ line: nameOf(node.out), handed: seen, met, after: await look(grads) })
    }

    const { value, grads: its } = valueAndGrad(() => forward(X, W), params)
    made.push(value, ...its.values())
    const [values, engine] = (await Promise.all([readAll(tensors), readAll(params.map(p => its.get(p)!))])) as [
      Float32Array[],
      Float32Array[],
    ]
    return {
      values: Object.fromEntries(NAMES.map((name, i) => [name, values[i]![0]!])) as Walked['values'],
      ops: Object.fromEntries(nodes.map(({ name, out }) => [nameOf(out), name])),
      start,
      steps,
      engine: { x: engine[0]![0]!, w: engine[1]![0]! },
      quotient: quotientsAt(x, w),
    }
  } finally {
    for (const t of made) release(t)
  }
}

/** The gradients of a line's parents that want one. None of these ops takes the gradient so far, or leaves groups. */
const handedBy = (node: Node, dOut: Tensor): Map<Tensor, Tensor> =>
  new Map(
    node
      .backward(dOut, () => undefined)
      .flatMap((d, i) => (d && node.parents[i]!.requiresGrad ? [[node.parents[i]!, d as Tensor]] : [])),
  )

function quotientsAt(x: number, w: number): Walked['quotient'] {
  const L = (x: number, w: number): number => Math.max(0, (x * x + w) * 3 * w)
  const h = 1e-5
  return { x: (L(x + h, w) - L(x - h, w)) / (2 * h), w: (L(x, w + h) - L(x, w - h)) / (2 * h) }
}

export const handlers: Handlers = { walk }
