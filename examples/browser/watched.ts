/** Six test birds that the network looks at again and again while it learns. */
import type { Image } from '../../src/data/decode.ts'
import {
  augment,
  gather,
  IMAGENET_MEAN,
  IMAGENET_STD,
  Plan,
  packSquare,
  persistent,
  read,
  release,
  softmax,
  type Tasn,
} from '../../src/index.ts'
import { gathered } from '../../src/ops/batch.ts'
import { type ImagePool, noChanges, type Training } from '../../src/train/index.ts'

/** How many: spread over the species. */
const COUNT = 6

/** A bird that is watched, as the page gets it once. */
export interface WatchedBird {
  readonly name: string
  /** size × size pixels, 3 bytes each. */
  readonly rgb: Uint8Array
  readonly size: number
  /** Left, top, width and height in pixels. */
  readonly box: readonly [number, number, number, number]
}

/** The network's view of one of them. */
export interface View {
  /** The mean attention map, side × side, from 0 at its smallest to 1 at its largest value. */
  readonly map: Float32Array
  /** Share of the map's sum that lies in the bird's box. */
  readonly inBox: number
  /** The structure sample, side × side pixels, 3 bytes each. */
  readonly sample: Uint8Array
  /** The species with the highest probability: by the head that predicts, or by the attention net's own. */
  readonly answer: string
  readonly right: boolean
  readonly probability: number
}

/** Birds of a training, watched by a plan of their own. Looking changes nothing that the training computes with. */
export class Watched {
  readonly birds: readonly WatchedBird[]
  readonly #t: Training
  readonly #labels: readonly number[]
  readonly #plan: Plan
  /** Places of a map. */
  #area = 0
  readonly #inputs: readonly [ReturnType<typeof persistent>, ReturnType<typeof persistent>]

  private constructor(t: Training, labels: readonly number[], birds: readonly WatchedBird[]) {
    this.#t = t
    this.#labels = labels
    this.birds = birds
    const N = birds.length
    const { size } = birds[0]!
    const pixels = new Uint32Array(N * size * size)
    for (const [n, { rgb }] of birds.entries()) {
      const own = pixels.subarray(n * size * size, (n + 1) * size * size)
      packSquare({ width: size, channels: 3, data: rgb }, { left: 0, top: 0, side: size }, own)
    }
    this.#inputs = [persistent([N, size, size], pixels), persistent([N, 9], noChanges(N))]
    const model = t.model as Tasn
    this.#plan = Plan.record(() => {
      model.train(false)
      const x = augment(...this.#inputs)
      const { features, logits } = model.attend(x)
      const view = model.structureView(features)
      this.#area = view.map.size / N
      const sample = model.sample(x, view)
      const answers = softmax(model.shared.forward(model.classifier.pooled(sample)))
      return [gather([view.map, sample, softmax(logits), answers])]
    })
  }

  /** Chooses the birds of a training on TASN, and compiles what looks at them. */
  static async of(t: Training, pool: ImagePool): Promise<Watched> {
    const { test, classes } = t.dataset
    const every = Math.max(1, Math.floor(test.length / COUNT))
    const chosen = Array.from({ length: Math.min(COUNT, test.length) }, (_, i) => test[i * every + (i % every)]!)
    const birds = await Promise.all(
      chosen.map(async ({ file, label, box }): Promise<WatchedBird> => {
        const { rgb, width }: Image = await pool.load(file, t.loaders.test.options.size)
        return { name: nameOf(classes[label]!.name), rgb, size: width, box: box! }
      }),
    )
    const watched = new Watched(
      t,
      chosen.map(s => s.label),
      birds,
    )
    await watched.#plan.ready()
    return watched
  }

  /** Looks at all of them. While the attention net learns alone, its own head answers. */
  async look(): Promise<View[]> {
    const { dataset, model, attentionEpochs, done } = this.#t
    const [out] = this.#plan.run() as [Parameters<typeof read>[0]]
    const values = await read(out)
    const classes = dataset.classes.length
    const [h, w] = model.config.classifierSize
    const each = [this.#area, 3 * h * w, classes, classes]
    const [maps, samples, attention, heads] = gathered(
      values,
      each.map(size => size * this.birds.length),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array]
    const answers = done.epochs < attentionEpochs ? attention : heads
    const own = (all: Float32Array, n: number): Float32Array => {
      const size = all.length / this.birds.length
      return all.slice(n * size, (n + 1) * size)
    }
    return this.birds.map((bird, n): View => {
      const chances = own(answers, n)
      const best = chances.indexOf(Math.max(...chances))
      const map = own(maps, n)
      return {
        map: stretched(map),
        inBox: shareIn(map, bird),
        sample: bytesOf(own(samples, n)),
        answer: nameOf(dataset.classes[best]!.name),
        right: best === this.#labels[n],
        probability: chances[best]!,
      }
    })
  }

  destroy(): void {
    this.#plan.destroy()
    for (const t of this.#inputs) release(t)
  }
}

/** `002.Ring_eyed_Tit` as `Ring-eyed Tit`. */
const nameOf = (folder: string): string => folder.slice(4).replace('Ring_eyed', 'Ring-eyed').replaceAll('_', ' ')

function stretched(map: Float32Array): Float32Array {
  const low = Math.min(...map)
  const range = Math.max(...map) - low || 1
  return map.map(v => (v - low) / range)
}

/** The share of a map's sum whose places have their middle in the box. */
function shareIn(map: Float32Array, { size, box: [left, top, width, height] }: WatchedBird): number {
  const side = Math.sqrt(map.length)
  let inside = 0
  let all = 0
  map.forEach((v, i) => {
    const x = ((i % side) + 0.5) * (size / side)
    const y = (Math.floor(i / side) + 0.5) * (size / side)
    all += v
    if (x >= left && x < left + width && y >= top && y < top + height) inside += v
  })
  return all ? inside / all : 0
}

/** A sample (3,h,w) as it was before augment() normalised it, in bytes. */
function bytesOf(planes: Float32Array): Uint8Array {
  const area = planes.length / 3
  const rgb = new Uint8ClampedArray(planes.length)
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = 255 * (planes[c * area + i]! * IMAGENET_STD[c]! + IMAGENET_MEAN[c]!)
  return new Uint8Array(rgb)
}
