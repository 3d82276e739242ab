/** A data set that has been read: its classes and samples, and smaller data sets made of it. */

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
 * @throws if no class has six training images.
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
    throw new Error(
      `--held-out tests on every sixth training image of each class, but no class of ${dataset.dir} has six: take ` +
        'more images, or leave the flag out',
    )
  return { ...dataset, train, test }
}
