/** What a data set is once it has been read: classes and samples; and the error every fault in one is reported with. */

/** One image of a data set. */
export interface Sample {
  /** Image id, as in images.txt. */
  id: number
  /** Absolute path of the image file. */
  file: string
  /** Position of its class in `Dataset.classes`, from 0. */
  label: number
  /** The bird's bounding box, [x, y, width, height] in pixels of the source image. */
  box?: [x: number, y: number, width: number, height: number]
  /** The visible parts of the bird, in pixels of the source image; `id` as in parts/parts.txt. */
  parts?: { id: number; x: number; y: number }[]
}

/** A data set, split as its authors split it. */
export interface Dataset {
  /** Absolute path of the folder that holds images.txt. */
  dir: string
  /** Sorted by id. Ids may have gaps; labels (positions in this array) have none. */
  classes: { id: number; name: string }[]
  /** Sorted by image id, like `test`. */
  train: Sample[]
  test: Sample[]
  /** Oddities that do not stop a training but should be shown to the user, one sentence each. */
  warnings: string[]
}

/** A fault in the user's data. The message says where it is, what was expected, what was found and what to do. */
export class DataError extends Error {
  override name = 'DataError'
}

/** Throws one DataError that lists the first 10 of `problems` under `headline` and counts the rest; none, nothing. */
export function throwIfAny(problems: readonly string[], headline: string): void {
  if (!problems.length) return
  const shown = problems
    .slice(0, 10)
    .map(p => `\n  ${p}`)
    .join('')
  const more = problems.length > 10 ? `\n  … and ${problems.length - 10} more` : ''
  throw new DataError(`${headline}: ${problems.length} problem${problems.length > 1 ? 's' : ''}${shown}${more}`)
}

/** A piece of a user's file, quoted for a message: control characters escaped, cut to 60 characters. */
export const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/**
 * At most `limit` samples, taken in turn from every class (each class's lowest image ids first), sorted by image id.
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

/** One in so many training images is held out. */
const HELD_OUT = 6

/**
 * The data set for choosing settings by: every sixth training image of each class is held out, and is what is tested
 * on. Settings chosen by the test images would flatter themselves on them.
 */
export function heldOut(dataset: Dataset): Dataset {
  const turn = new Map<number, number>()
  const train: Sample[] = []
  const test: Sample[] = []
  for (const sample of dataset.train) {
    const n = turn.get(sample.label) ?? 0
    turn.set(sample.label, n + 1)
    ;(n % HELD_OUT === HELD_OUT - 1 ? test : train).push(sample)
  }
  if (!test.length)
    throw new Error(
      `--held-out tests on every sixth training image of each class, but no class of ${dataset.dir} has six: take ` +
        'more images, or leave the flag out',
    )
  return { ...dataset, train, test }
}

/**
 * A table of a data set, by key (its leading ids, joined by a space): the number of the line, from 1, and its fields.
 */
export type Table = Map<string, { line: number; fields: string[] }>

/** What a line of a table looks like, in words and as a pattern with a group a field; `keys` leading fields are ids. */
export interface TableForm {
  form: string
  pattern: RegExp
  keys: number
}

/**
 * Reads the text of the table `name` (any line ends, byte order mark or not, blank lines skipped), adding to
 * `problems`.
 */
export function parseTable(name: string, text: string, { form, pattern, keys }: TableForm, problems: string[]): Table {
  const table: Table = new Map()
  // A byte order mark counts as white space, here and in the patterns.
  text.split(/\r\n|\n|\r/).forEach((content, i) => {
    if (!content.trim()) return
    const line = i + 1
    const fields = pattern.exec(content)?.slice(1)
    if (!fields) return problems.push(`${name}:${line}: expected "${form}", found ${quote(content)}`)
    const key = fields.slice(0, keys).map(Number).join(' ')
    const first = table.get(key)
    if (first)
      return problems.push(`${name}:${line}: id ${key} was already given on line ${first.line}; remove one of the two`)
    table.set(key, { line, fields })
  })
  return table
}
