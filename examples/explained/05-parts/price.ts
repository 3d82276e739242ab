/** The price of parts: arithmetic and weights, counted by the engine while it runs the model once. */
import { scope } from '../../../src/engine/eager.ts'
import { watchLaunches } from '../../../src/engine/launch.ts'
import { noGrad } from '../../../src/engine/tape.ts'
import type { Tensor } from '../../../src/engine/tensor.ts'
import { finish, release } from '../../../src/engine/transfer.ts'
import { testBird } from '../page/bird.ts'
import { imagesOf, trainingNetwork } from '../page/network.ts'

export interface Price {
  /** Floating-point operations of a forward pass for one image: the attention net with its maps, and one classifier. */
  readonly flop: { readonly attention: number; readonly classifier: number }
  /** Numbers that are learnt: the attention net, one classifier, and one head. */
  readonly weights: { readonly attention: number; readonly classifier: number; readonly head: number }
  /** Channels of the attention net. */
  readonly channels: number
}

/** Runs f, and counts what its launches compute. */
function counted<T>(f: () => T): { flop: number; result: T } {
  let flop = 0
  const stop = watchLaunches(l => {
    flop += l.ladder.flop?.(l.params) ?? 0
  })
  try {
    return { result: f(), flop }
  } finally {
    stop()
  }
}

/** The price of the parts of one image. The device must be open. */
export async function price(): Promise<Price> {
  const { model } = await trainingNetwork()
  const x = imagesOf([testBird(0).image])
  let found = { attention: 0, classifier: 0 }
  let channels = 0
  scope(() =>
    noGrad((): Tensor[] => {
      const { flop: attention, result } = counted(() => {
        // The net's own head is left out: it only serves its own loss.
        const { features } = model.attend(x)
        return { features, view: model.structureView(features) }
      })
      const sample = model.sample(x, result.view)
      const { flop: classifier } = counted(() => model.shared.forward(model.classifier.pooled(sample)))
      found = { attention, classifier }
      channels = result.features.shape[1]!
      return []
    }),
  )
  await finish()
  release(x)
  const size = (prefix: string): number =>
    [...model.parameters()].reduce((n, [name, p]) => (name.startsWith(prefix) ? n + p.size : n), 0)
  return {
    flop: found,
    weights: { attention: size('attention.'), classifier: size('classifier.'), head: size('shared.') },
    channels,
  }
}

/** The ways to learn from `k` parts of an image. */
export const WAYS = ['one', 'shared', 'apart'] as const
export type Way = (typeof WAYS)[number]

/** Operations for an image in training, forward, and the weights of the nets, heads included. */
export function costOf({ flop, weights }: Price, way: Way, k: number): { flop: number; weights: number } {
  const samples = way === 'one' ? 2 : 1 + k
  const nets = way === 'apart' ? 1 + k : 1
  return {
    flop: flop.attention + samples * flop.classifier,
    weights: weights.attention + nets * (weights.classifier + weights.head),
  }
}
