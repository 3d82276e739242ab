/** A data set that has been read: its classes and samples, and smaller data sets made of it. */
import { relative, sep } from 'node:path'
import { counted, DataError, someOf } from './problems.ts'

/** An image of a data set, not yet decoded. Lengths are in pixels of the file. */
export interface Sample {
  /** Image id, as in images.txt. */
  id: number
  /** Absolute path of the image file. */
  file: string
  /** Index of its class in `Dataset.classes`. */
  label: number
  /** The bird's bounding box. */
  box?: [x: number, y: number, width: number, height: number]
  /** The visible parts of the bird. `id` is that of parts/parts.txt. */
  parts?: { id: number; x: number; y: number }[]
}

/** An image that cannot be used. */
export interface Fault {
  /** Absolute path of the image file. */
  file: string
  id: number
  /** The rest of the sentence that begins with the file: found, expected, remedy. */
  reason: string
  /** Line of images.txt, for a file that is not as the list says. */
  line?: number
}

/** A data set, split as its authors split it. */
export interface Dataset {
  /** Absolute path of the folder that holds images.txt. */
  dir: string
  /** Sorted by id. Ids may have gaps; labels, which are indices into this array, have none. */
  classes: { id: number; name: string }[]
  /** Sorted by image id, as is `test`. */
  train: Sample[]
  test: Sample[]
  /** Oddities that do not stop a training but should be shown to the user, one sentence each. */
  warnings: string[]
  /** Files are turned upright, as their EXIF says. Not where boxes and parts count the pixels as stored. */
  upright?: true
  /** Images that were left out because they cannot be used. */
  skipped?: readonly Fault[]
  /** Its test images are training images that were held out. */
  heldOut?: true
}

/** An image's path from the folder of its data set, with / on every system. */
export const pathIn = (dir: string, file: string): string => relative(dir, file).split(sep).join('/')

/** A fault as a line for the user. */
export const faultText = (dir: string, { file, reason, line }: Fault): string =>
  line === undefined ? `${pathIn(dir, file)}: ${reason}` : `images.txt:${line}: ${pathIn(dir, file)} ${reason}`

/** The data set without the images that cannot be used. @throws DataError if that leaves a side of the split empty. */
export function without(dataset: Dataset, faults: readonly Fault[]): Dataset {
  const bad = new Set(faults.map(f => f.id))
  const used = new Set([...dataset.train, ...dataset.test].map(s => s.id))
  const skipped = faults.filter(f => used.has(f.id))
  if (!skipped.length) return dataset
  const [train, test] = [dataset.train, dataset.test].map(side => side.filter(s => !bad.has(s.id)))
  const labels = (samples: readonly Sample[]) => new Set(samples.map(s => s.label))
  const [before, left] = [labels([...dataset.train, ...dataset.test]), labels([...train!, ...test!])]
  const gone = dataset.classes.flatMap(({ id, name }, k) => (before.has(k) && !left.has(k) ? [`${id} (${name})`] : []))
  for (const [side, samples, all] of [
    ['training', train!, dataset.train],
    ['test', test!, dataset.test],
  ] as const) {
    if (!samples.length && all.length)
      throw new DataError(`${dataset.dir}: without ${counted(skipped.length, 'image')} no ${side} image is left`)
  }
  const warnings = gone.length ? [`no image is left of ${counted(gone.length, 'class')}: ${someOf(gone)}`] : []
  return { ...dataset, train: train!, test: test!, warnings: [...dataset.warnings, ...warnings], skipped }
}

/**
 * Takes at most `limit` samples, in turn from every class, the lowest image ids of a class first. Returns them sorted
 * by image id.
 */
export function evenly(samples: readonly Sample[], limit: number): Sample[] {
  const taken = new Map<number, number>()
  const ranked = samples.map(sample => {
    const turn = taken.get(sample.label) ?? 0
    taken.set(sample.label, turn + 1)
    return { sample, turn }
  })
  ranked.sort((a, b) => a.turn - b.turn || a.sample.label - b.sample.label)
  return ranked
    .slice(0, limit)
    .map(r => r.sample)
    .sort((a, b) => a.id - b.id)
}

/** One in this many training images of a class is held out. */
const HELD_OUT = 6

/**
 * The data set to choose settings by. Every sixth training image of each class is held out and becomes the test side.
 * The real test images stay unseen, for settings chosen on them would flatter themselves there.
 *
 * @throws DataError if no class has six training images.
 */
export function heldOut(dataset: Dataset): Dataset {
  const turn = new Map<number, number>()
  const train: Sample[] = []
  const test: Sample[] = []
  for (const sample of dataset.train) {
    const n = turn.get(sample.label) ?? 0
    turn.set(sample.label, n + 1)
    const side = n % HELD_OUT === HELD_OUT - 1 ? test : train
    side.push(sample)
  }
  if (!test.length)
    throw new DataError(
      `--held-out tests on every sixth training image of each class, but no class of ${dataset.dir} has six: take ` +
        'more images, or leave the flag out',
    )
  return { ...dataset, train, test, heldOut: true }
}
