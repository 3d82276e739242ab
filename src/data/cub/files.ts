/** The checks of the image files of a data set that has been joined. */
import type { Stats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fault, pathIn, type Sample } from '../dataset.ts'
import { fileCheck, once } from '../file_checks.ts'
import { quote } from '../problems.ts'
import type { Table } from './tables.ts'

/**
 * Checks that every image of `samples` is a file below images/, and listed once. Returns those that cannot be used.
 * Adds a problem for an image with two labels or on both sides of the split, and a warning for one that is merely
 * listed twice.
 */
export async function checkFiles(
  images: string,
  samples: readonly Sample[],
  training: ReadonlySet<number>,
  lines: Table,
  problems: string[],
  warnings: string[],
): Promise<Fault[]> {
  const list = once(folder => readdir(folder).catch((): string[] => []))
  const check = fileCheck([images], {
    place: 'images/',
    again: 'unpack the images again',
    remove: 'remove the line',
    missing: file => resembling(images, file, list),
  })
  const checked = await Promise.all(samples.map(async sample => ({ sample, ...(await check(sample.file)) })))
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
