/** The checks of the image files of a data set that has been joined. Only decoding shows if a file is an image. */
import type { Stats } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Fault, pathIn, type Sample } from '../dataset.ts'
import { quote } from '../problems.ts'
import { isInside, type Samples } from './join.ts'
import type { Table } from './tables.ts'

/**
 * Checks that every image listed is a file with something in it, below images/, and listed once. Returns those that are
 * not there. Adds a problem for an image with two labels or on both sides of the split, and a warning for one that is
 * merely listed twice.
 *
 * `images` may itself be a link: data sets are kept on other disks. A link in it that leads out of it is a fault, for
 * who only has the data set did not choose that file.
 */
export async function checkFiles(
  images: string,
  samples: Samples,
  training: ReadonlySet<number>,
  lines: Table,
  problems: string[],
  warnings: string[],
): Promise<Fault[]> {
  const [folders, listings] = [new Map<string, Promise<string>>(), new Map<string, Promise<string[]>>()]
  const once = <T>(known: Map<string, Promise<T>>, key: string, find: (key: string) => Promise<T>): Promise<T> => {
    const found = known.get(key) ?? find(key)
    known.set(key, found)
    return found
  }
  const real = (path: string) => once(folders, path, p => realpath(p))
  const list = (path: string) => once(listings, path, p => readdir(p).catch(() => []))

  const reasonOf = async (file: string, found: Stats | undefined): Promise<string | undefined> => {
    const again = 'unpack the images again or remove the line'
    if (!found) return `is not there${await resembling(images, file, list)}; ${again}`
    const target = found.isSymbolicLink() ? realpath(file) : real(dirname(file)).then(dir => join(dir, basename(file)))
    if (!isInside(await real(images), await target))
      return 'is a link that leads out of images/; put the file itself there or remove the line'
    const behind = found.isSymbolicLink() ? await stat(file) : found
    if (!behind.isFile()) return `is not a file; ${again}`
    return behind.size === 0 ? `is empty (0 bytes); ${again}` : undefined
  }
  const checked = await Promise.all(
    [...samples.values()].map(async sample => {
      const found = await lstat(sample.file).catch(() => undefined)
      const reason = await reasonOf(sample.file, found).catch((error: Error) => `cannot be read (${error.message})`)
      return { sample, found, reason }
    }),
  )
  const line = (s: Sample) => lines.get(String(s.id))!.line
  checkRepeats(checked, training, line, problems, warnings)
  return checked.flatMap(({ sample, reason }) =>
    reason ? [{ file: sample.file, id: sample.id, line: line(sample), reason }] : [],
  )
}

/** Finds files that are given twice: the same path, or in another case where the disk takes that for the same file. */
function checkRepeats(
  checked: readonly { sample: Sample; found: Stats | undefined }[],
  training: ReadonlySet<number>,
  line: (s: Sample) => number,
  problems: string[],
  warnings: string[],
): void {
  const first = new Map<string, { sample: Sample; found: Stats | undefined }>()
  for (const one of checked) {
    const key = one.sample.file.toLowerCase()
    const other = first.get(key)
    if (!other) {
      first.set(key, one)
      continue
    }
    const [a, b] = [other.sample, one.sample]
    if (a.file !== b.file && !(one.found && other.found?.ino === one.found.ino && other.found.dev === one.found.dev))
      continue
    const text = `images.txt:${line(b)}: image ${b.id} is the file of image ${a.id} on line ${line(a)}`
    if (a.label !== b.label) problems.push(`${text}, with another label; remove the wrong one`)
    else if (training.has(a.id) !== training.has(b.id))
      problems.push(`${text}, and one is for training, the other for testing; remove one of the two`)
    else warnings.push(`${text}: it counts twice`)
  }
}

/** `, but <name> is`, for a file that is there in another case, form of Unicode, or ending; else nothing. */
async function resembling(images: string, file: string, list: (dir: string) => Promise<string[]>): Promise<string> {
  const folded = (name: string) => name.normalize('NFC').toLowerCase()
  const stem = (name: string) => folded(name).replace(/\.[^.]*$/, '')
  let at = images
  const names = pathIn(images, file).split('/')
  for (const [depth, name] of names.entries()) {
    const there = await list(at)
    const last = depth === names.length - 1
    const found =
      there.find(n => n === name) ??
      there.find(n => folded(n) === folded(name)) ??
      there.find(n => last && stem(n) === stem(name))
    if (found === undefined) return ''
    at = join(at, found)
  }
  return `, but ${quote(`images/${pathIn(images, at)}`)} is: the spelling must agree`
}
