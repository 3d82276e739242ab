/** The parts of a bird: the map of each channel, what it shows, and channels drawn at random as training draws them. */
import { scope } from '../../../src/engine/eager.ts'
import { Random } from '../../../src/engine/random.ts'
import { noGrad } from '../../../src/engine/tape.ts'
import { persistent, read, readAll, release } from '../../../src/engine/transfer.ts'
import { pickLive } from '../../../src/ops/attention.ts'
import { sampleGrid } from '../../../src/ops/sampler.ts'
import { softmax } from '../../../src/ops/softmax.ts'
import type { Tasn } from '../../../src/tasn/network.ts'
import { type Photo, photoOf } from '../../../src/tasn/photo.ts'
import { gridOfMap, largestOf } from '../../../src/tasn/views.ts'
import { testBird } from '../page/bird.ts'
import { imagesOf, trainingNetwork } from '../page/network.ts'

/** The most draws that the figure makes. */
export const MOST = 200
/** Two maps are alike if their distance is less than this share of their length. */
export const ALIKE = 0.05

export interface PartsOptions {
  /** A test bird, from 0 to 511. */
  readonly bird: number
  /** Channels drawn so far: from 1 to MOST. */
  readonly draws: number
}

/** A map, what the sample shows that is read by it, and what the shared head makes of that. */
export interface View {
  /** (h,w) */
  readonly map: Float32Array
  readonly sample: Photo
  /** The probability of the species that was drawn. */
  readonly probability: number
  readonly guess: string
}

export interface Parts {
  readonly image: Photo
  readonly truth: string
  /** [height, width] of a map. */
  readonly size: readonly [number, number]
  /** The structure view: the mean of all live maps. */
  readonly structure: View
  /** The detail view of each live channel, and the channels' numbers. */
  readonly details: readonly View[]
  readonly live: readonly number[]
  /** How many different maps there are, if those count as one that differ by less than ALIKE. */
  readonly kinds: number
  /** The channels that were drawn, in their order. */
  readonly drawn: readonly number[]
  /** After each draw: how many different channels there were, and how many are to be expected. */
  readonly distinct: readonly number[]
  readonly expected: readonly number[]
  /** After each draw: how far the mean of the drawn maps is from the mean map, as a share of the latter's length. */
  readonly distance: readonly number[]
}

type Bird = Omit<Parts, 'drawn' | 'distinct' | 'expected' | 'distance'> & {
  /** The largest value of each channel's features. */
  readonly largest: Float32Array
}
let shown: { readonly index: number; readonly bird: Bird } | undefined

/** All views of a bird, in one batch. The last bird is kept. */
async function birdOf(index: number): Promise<Bird> {
  if (shown?.index === index) return shown.bird
  const { model, classes } = await trainingNetwork()
  const { image, label } = testBird(index)
  const { size, maps, mean, largest } = await mapsOf(model, image)
  const live = [...largest.keys()].filter(c => largest[c]! > 0)
  const n = size[0] * size[1]
  const views = [mean, ...live.map(c => maps.slice(c * n, (c + 1) * n))]

  // The structure view has an exponent of its own, so it is a batch of its own.
  const { imageSize, classifierSize, maps: config } = model.config
  const looked = async (of: Float32Array[], gamma: number) => {
    const x = imagesOf(of.map(() => image))
    const map = persistent([of.length, ...size], Float32Array.from(of.flatMap(m => [...m])))
    const tensors = scope(() =>
      noGrad(() => {
        const sample = sampleGrid(x, gridOfMap(map, imageSize, classifierSize, gamma, config), config.sampler.mode)
        return [sample, softmax(model.shared.forward(model.classifier.pooled(sample)))]
      }),
    )
    const got = await readAll(tensors).finally(() => [...tensors, x, map].forEach(release))
    const [samples, probabilities] = got as Float32Array[]
    return of.map((m, k): View => {
      const part = (v: Float32Array): Float32Array =>
        v.subarray((k * v.length) / of.length, ((k + 1) * v.length) / of.length)
      const p = part(probabilities!)
      const best = p.reduce((a, v, i) => (v > p[a]! ? i : a), 0)
      return { map: m, sample: photoOf(part(samples!), classifierSize), probability: p[label]!, guess: classes[best]! }
    })
  }
  const [structure] = await looked(views.slice(0, 1), config.gamma)
  const details = await looked(views.slice(1), config.detailGamma)
  const kinds = kindsOf(details.map(d => d.map))
  const bird = { kinds, image, truth: classes[label]!, size, structure: structure!, details, live, largest }
  shown = { index, bird }
  return bird
}

const length = (v: Float32Array): number => Math.hypot(...v)

/** The number of maps that are unlike all before them. */
function kindsOf(maps: readonly Float32Array[]): number {
  const unlike: Float32Array[] = []
  for (const map of maps)
    if (!unlike.some(other => length(map.map((v, i) => v - other[i]!)) < ALIKE * length(other))) unlike.push(map)
  return unlike.length
}

/** The attention maps (C,h,w) of an image, their mean over the live channels, and each channel's largest feature. */
async function mapsOf(model: Tasn, image: Photo) {
  const x = imagesOf([image])
  let size: [number, number] = [0, 0]
  const tensors = scope(() =>
    noGrad(() => {
      const { features } = model.attend(x)
      size = features.shape.slice(2) as [number, number]
      return [model.attentionMaps(features), model.structureView(features).map, largestOf(features)]
    }),
  )
  const got = await readAll(tensors).finally(() => [...tensors, x].forEach(release))
  const [maps, mean, largest] = got as [Float32Array, Float32Array, Float32Array]
  return { size, maps, mean, largest }
}

/**
 * The channels that training's kernel picks for one image by `draws` random numbers. Each row of the batch is one draw,
 * and its maps hold the numbers of their channels.
 */
async function draw(largest: Float32Array, draws: number): Promise<number[]> {
  const random = new Random(1)
  const C = largest.length
  const of = (value: (c: number) => number): Float32Array =>
    Float32Array.from({ length: draws * C }, (_, i) => value(i % C))
  const numbers = persistent(
    [draws, C, 1],
    of(c => c),
  )
  const most = persistent(
    [draws, C],
    of(c => largest[c]!),
  )
  const u = persistent(
    [draws],
    Float32Array.from({ length: draws }, () => random.next()),
  )
  const [channels] = scope(() => [pickLive(numbers, most, u)])
  return [...(await read(channels).finally(() => [channels, numbers, most, u].forEach(release)))]
}

/** Different channels to be expected after `draws` of `live` ones. */
export const expectedOf = (live: number, draws: number): number => live * (1 - (1 - 1 / live) ** draws)

/** All that the figure shows. The device must be open. */
export async function parts({ bird: index, draws }: PartsOptions): Promise<Parts> {
  const { largest, ...bird } = await birdOf(index)
  const drawn = await draw(largest, draws)
  const { live, structure, details } = bird
  const sum = new Float32Array(structure.map.length)
  const seen = new Set<number>()
  const rows = drawn.map((channel, k) => {
    seen.add(channel)
    details[live.indexOf(channel)]!.map.forEach((v, i) => {
      sum[i]! += v
    })
    const away = sum.map((v, i) => v / (k + 1) - structure.map[i]!)
    return {
      distinct: seen.size,
      expected: expectedOf(live.length, k + 1),
      distance: length(away) / length(structure.map),
    }
  })
  return {
    ...bird,
    drawn,
    distinct: rows.map(r => r.distinct),
    expected: rows.map(r => r.expected),
    distance: rows.map(r => r.distance),
  }
}
