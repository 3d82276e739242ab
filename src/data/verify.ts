/** Decodes every image of a data set once, and tells all that is wrong with them before anything is trained. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Dataset, type Fault, pathIn, type Sample } from './dataset.ts'
import { checkGeometry } from './geometry.ts'
import { counted, DataError, someOf } from './problems.ts'
import { checkTwins } from './twins.ts'
import { type Entry, loadVerified, saveVerified } from './verified.ts'

export interface VerifyOptions {
  /** Decodes a file; its pixels are not looked at. @throws DataError beginning with the file's name. */
  decode(file: string): Promise<{ width: number; height: number; warnings?: string[] | undefined }>
  /** Number of files that are decoded at a time. */
  workers: number
  /**
   * Folder of the file verified.json, which remembers what was found; of upright images verified-upright.json. Default:
   * nothing is remembered.
   */
  cache?: string
  /** Faults that are known: their images are passed over. */
  known?: readonly Fault[]
  onProgress?(done: number, total: number): void
}

export interface Verdict {
  /** Images that cannot be decoded. */
  faults: Fault[]
  /** Oddities that do not stop a training, one sentence each, with counts and examples. */
  warnings: string[]
  /** Images whose box lies wholly outside. */
  lostBoxes: number
  /** Number of images, and of those that an earlier verification had seen. */
  images: number
  remembered: number
}

/**
 * Verifies the images of both sides. An image that was found whole is not decoded again while path, size and time of
 * its file are the same. A damaged one is, for it may only have been out of reach.
 *
 * Checks as well that boxes and parts lie inside their images, and that no file is there twice under two names with
 * two labels or on both sides.
 */
export async function verify(dataset: Dataset, options: VerifyOptions): Promise<Verdict> {
  const { decode, workers, cache, known = [], onProgress } = options
  const passed = new Set(known.map(f => f.id))
  const samples = [...dataset.train, ...dataset.test].filter(s => !passed.has(s.id))
  // Sizes and warnings of upright images are others.
  const memory = cache && join(cache, dataset.upright ? 'verified-upright.json' : 'verified.json')
  const before = memory === undefined ? new Map<string, Entry>() : await loadVerified(memory)
  const entries = new Map<string, Entry>()
  const faults: Fault[] = []
  let [done, remembered] = [0, 0]

  const look = async ({ file, id }: Sample): Promise<void> => {
    try {
      const { size, mtimeMs } = await stat(file)
      const old = before.get(file)
      if (old?.size === size && old.mtimeMs === mtimeMs) {
        entries.set(file, old)
        remembered++
      } else {
        const { width, height, warnings = [] } = await decode(file)
        entries.set(file, { size, mtimeMs, width, height, warnings })
      }
    } catch (error) {
      // Anything else is no fault of the image.
      if (!(error instanceof DataError || (error as NodeJS.ErrnoException).code)) throw error
      const text = (error as Error).message
      faults.push({ file, id, reason: text.startsWith(`${file}: `) ? text.slice(file.length + 2) : text })
    }
    onProgress?.(++done, samples.length)
  }
  await each(samples, workers, look)
  faults.sort((a, b) => a.id - b.id)

  const seen = samples.filter(s => entries.has(s.file))
  const digests = () => [...entries.values()].filter(e => e.digest !== undefined).length
  const digested = digests()
  const twins = await checkTwins(dataset, seen, entries, work => each(work, workers, run => run()))
  const { warnings, lost } = checkGeometry(dataset.dir, seen, entries)
  warnings.unshift(...oddities(dataset.dir, seen, entries))
  if (memory !== undefined && (remembered < entries.size || digests() > digested)) {
    await saveVerified(memory, entries).catch((error: Error) => {
      warnings.push(`the verification cannot be kept in ${memory} (${error.message}); it will be done again`)
    })
  }
  return { faults, warnings: [...warnings, ...twins], lostBoxes: lost, images: samples.length, remembered }
}

/** Does the work on all items, so many at a time. */
async function each<T>(items: readonly T[], workers: number, work: (item: T) => Promise<void>): Promise<void> {
  if (!(Number.isInteger(workers) && workers > 0))
    throw new DataError(`workers must be a whole number from 1, not ${workers}`)
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: workers }, worker))
}

/** The decoder's warnings, each once, with its images. Numbers in them do not tell them apart. */
function oddities(dir: string, samples: readonly Sample[], entries: ReadonlyMap<string, Entry>): string[] {
  const groups = new Map<string, { text: string; files: string[] }>()
  for (const { file } of samples) {
    for (const text of entries.get(file)!.warnings) {
      const key = text.replace(/\d+/g, '0')
      const group = groups.get(key) ?? { text, files: [] }
      groups.set(key, group)
      group.files.push(pathIn(dir, file))
    }
  }
  return [...groups.values()].map(
    ({ text, files }) => `${counted(files.length, 'image')} with ${text} (${someOf(files)})`,
  )
}
