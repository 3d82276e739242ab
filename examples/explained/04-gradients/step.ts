/** The whole step: the gradient of each loss, measured at each place of the network. */
import { scope } from '../../../src/engine/eager.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { constant, persistent, readAll, release } from '../../../src/engine/transfer.ts'
import { valueAndGrad } from '../../../src/ops/backward.ts'
import { square } from '../../../src/ops/elementwise.ts'
import { sum } from '../../../src/ops/reduce.ts'
import { LOSS_TERMS, type LossTerm } from '../../../src/tasn/heads.ts'
import type { Tasn } from '../../../src/tasn/network.ts'
import { testBird } from '../page/bird.ts'
import { imagesOf, trainingNetwork } from '../page/network.ts'

/** The test birds of the step. */
const BIRDS = [28, 29, 30, 31, 32, 33] as const

/** A loss that the reader follows: the whole one, or one of its terms. */
export type Followed = 'loss' | LossTerm
export const FOLLOWED: readonly Followed[] = ['loss', ...LOSS_TERMS]

/** Places where the gradient is measured: the weights of a part of the network, or what is between parts. */
export const WEIGHTS = ['attention', 'classifier', 'part', 'master', 'shared'] as const
export const BETWEEN = ['structureMap', 'detailMap', 'structureSample', 'detailSample', 'image'] as const
export const PLACES = [...WEIGHTS, ...BETWEEN] as const
export type Place = (typeof PLACES)[number]

export interface StepOptions {
  readonly samplerGradient: boolean
  readonly teacherGradient: boolean
}

export interface StepSeen {
  /** The loss and its terms, the terms without their weights. */
  readonly losses: Readonly<Record<Followed, number>>
  readonly weights: Readonly<Record<LossTerm, number>>
  /** Length of the gradient of each at each place: 0 where none arrives. */
  readonly norms: Readonly<Record<Followed, Readonly<Record<Place, number>>>>
}

/** One loss, and the squared lengths of its gradients at each of PLACES: tensors of one number, to be added up. */
function measured(model: Tasn, x: Tensor, labels: Tensor, u: Tensor, followed: Followed): Tensor[][] {
  const places = new Map<Place, Tensor[]>(
    WEIGHTS.map(w => [w, [...model.parameters()].flatMap(([name, p]) => (name.startsWith(`${w}.`) ? [p] : []))]),
  )
  // The forward pass of the model itself, which also tells what is between its parts.
  const { views, sample } = model
  model.views = (features, pick) => {
    const found = views.call(model, features, pick)
    places.set('structureMap', [found.structure.map]).set('detailMap', [found.detail.map])
    return found
  }
  model.sample = (image, view) => {
    const found = sample.call(model, image, view)
    places.set(places.has('structureSample') ? 'detailSample' : 'structureSample', [found])
    return found
  }
  places.set('image', [x])
  try {
    const wanted: Tensor[] = []
    const { value, grads } = valueAndGrad(() => {
      const { loss, terms } = model.forward(x, labels, u)
      wanted.push(...[...places.values()].flat())
      return followed === 'loss' ? loss : terms[followed]
    }, wanted)
    const zero = constant([1], 0)
    const squares = PLACES.map(place => {
      const found = places.get(place)!.flatMap(t => grads.get(t) ?? [])
      return found.length ? found.map(g => sum(square(g))) : [zero]
    })
    return [[value], ...squares]
  } finally {
    model.views = views
    model.sample = sample
  }
}

/** One step of training on six test birds, without the update. The device must be open. */
export async function step(options: StepOptions): Promise<StepSeen> {
  const { model } = await trainingNetwork({ ...options })
  const birds = BIRDS.map(testBird)
  const x = imagesOf(birds.map(({ image }) => image))
  x.requiresGrad = true
  const labels = persistent(
    [birds.length],
    Uint32Array.from(birds, ({ label }) => label),
  )
  const u = persistent(
    [birds.length],
    Float32Array.from(birds, (_, i) => (i + 0.5) / birds.length),
  )
  try {
    const counts: number[][] = []
    const tensors = scope(() =>
      FOLLOWED.flatMap(followed => {
        const found = measured(model, x, labels, u, followed)
        counts.push(found.map(added => added.length))
        return found.flat()
      }),
    )
    const numbers = (await readAll(tensors).finally(() => free(tensors))).map(n => n[0]!)
    const rows = FOLLOWED.map((followed, k) => {
      const [loss, ...squares] = counts[k]!.map(n => numbers.splice(0, n).reduce((a, b) => a + b, 0))
      return {
        followed,
        loss: loss!,
        norms: Object.fromEntries(PLACES.map((p, i) => [p, Math.sqrt(squares[i]!)])) as Record<Place, number>,
      }
    })
    const by = <T>(f: (row: (typeof rows)[number]) => T): Record<Followed, T> =>
      Object.fromEntries(rows.map(row => [row.followed, f(row)])) as Record<Followed, T>
    return { losses: by(r => r.loss), weights: model.config.weights, norms: by(r => r.norms) }
  } finally {
    for (const t of [x, labels, u]) release(t)
  }
}

/** Releases what a scope has kept; constants stay. */
function free(tensors: readonly Tensor[]): void {
  for (const t of new Set(tensors)) if (!t.storage.persistent) release(t)
}
