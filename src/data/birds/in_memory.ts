/** Drawn birds as a data set in memory: the samples, the pixels and the order of the same birds in files. */
import type { Dataset, Sample } from '../dataset.ts'
import type { Image } from '../decode.ts'
import type { ImagePool } from '../loader.ts'
import { DataError } from '../problems.ts'
import { type DrawnBird, defaults } from './draw.ts'
import { type Job, jobsOf } from './jobs.ts'
import type { WriteOptions } from './recipe.ts'
import { species } from './species.ts'

/** A set of birds, as writeBirds() writes it and loadCub() reads it. */
export interface BirdSet extends Pick<WriteOptions, 'seed' | 'train' | 'test' | 'classes' | 'size'> {
  /**
   * Takes at most so many pictures for training and so many for testing, those of the lowest indices: a multiple of
   * `classes` gives what `npm run train -- --limit` takes.
   */
  readonly limit?: number
}

/** The indices of the pictures of a set, lowest first: what has to be drawn. */
export function indicesOf({ train, test, limit = Infinity }: BirdSet): number[] {
  const first = Array.from({ length: Math.min(train, limit) }, (_, k) => k)
  return [...first, ...Array.from({ length: Math.min(test, limit) }, (_, k) => train + k)]
}

/**
 * The data set of drawn birds, and the pool that gives their pixels to setUp() and Loader. A training on it has the
 * same bits as one on their files.
 *
 * @param drawn by index, what drawBird() returned for each of indicesOf(set).
 * @throws where one is missing.
 */
export function inMemory(
  set: BirdSet,
  drawn: ReadonlyMap<number, DrawnBird>,
): { readonly dataset: Dataset; readonly pool: ImagePool } {
  const { train, classes = defaults.classes, size = defaults.size } = set
  const wanted = new Set(indicesOf(set))
  const images = new Map<string, Image>()
  const sample = ({ index, file }: Job, place: number): Sample[] => {
    if (!wanted.has(index)) return []
    const bird = drawn.get(index)
    if (!bird) throw new DataError(`bird ${index} is missing: draw those of indicesOf()`)
    images.set(file, { width: size, height: size, rgb: bird.rgb })
    return [{ id: place + 1, file, label: bird.label, box: bird.box, parts: partsOf(bird) }]
  }
  const jobs = jobsOf({ ...set, classes })
  const side = (training: boolean): Sample[] =>
    jobs.flatMap((job, place) => (job.index < train === training ? sample(job, place) : []))
  const dataset: Dataset = {
    dir: 'drawn in memory',
    classes: species(classes).map(({ folder }, k) => ({ id: k + 1, name: folder })),
    train: side(true),
    test: side(false),
    warnings: [],
  }
  return { dataset, pool: poolOf(images, size) }
}

/** Visible parts, to a tenth of a pixel: as in part_locs.txt. */
const partsOf = ({ parts }: DrawnBird): NonNullable<Sample['parts']> =>
  parts.flatMap(({ x, y, visible }, part) =>
    visible ? [{ id: part + 1, x: Number(x.toFixed(1)), y: Number(y.toFixed(1)) }] : [],
  )

function poolOf(images: ReadonlyMap<string, Image>, side: number): ImagePool {
  const load = (file: string, size: number): Promise<Image> => {
    const image = images.get(file)
    if (!image) return Promise.reject(new DataError(`${file} is none of the drawn birds`))
    if (size === side) return Promise.resolve(image)
    return Promise.reject(new DataError(`the birds were drawn at ${side} pixels, and ${size} are needed: draw them so`))
  }
  return { slots: images.size, load }
}
