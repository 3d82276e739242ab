/** The fingerprint of a data set: small enough for config.json, and enough to tell in words if other data are there. */
import { createHash } from 'node:crypto'
import { type Dataset, pathIn, type Sample } from './dataset.ts'
import { counted, someOf } from './problems.ts'

/** Digests of sha256, in hex. No path outside of the data set is in it: it is the same wherever the folder lies. */
export interface Fingerprint {
  classes: number
  training: number
  test: number
  /** Names of the classes, in the order of the labels. */
  names: string
  /** Paths of all images, from the folder of the data set. */
  images: string
  /** Label of each image. */
  labels: string
  /** Side of each image. */
  split: string
  /** Paths in the order of the images' ids, which is that of the batches. */
  order: string
  /** For each class 4 digits of its images' paths, joined: tells which classes differ. */
  byClass: string
}

const DIGITS = 4

const digest = (lines: readonly string[], digits = 16): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, digits)

/** The fingerprint of the images that a run uses: after `classes`, `limit`, held-out and skipped images. */
export function fingerprintOf(dataset: Dataset): Fingerprint {
  const { dir, classes, train, test } = dataset
  const row = (side: number) => (s: Sample) => ({ path: pathIn(dir, s.file).normalize('NFC'), label: s.label, side })
  const all = [...train.map(row(1)), ...test.map(row(0))].sort((a, b) => (a.path < b.path ? -1 : 1))
  const byClass: string[][] = classes.map(() => [])
  for (const { path, label } of all) byClass[label]!.push(path)
  return {
    classes: classes.length,
    training: train.length,
    test: test.length,
    names: digest(classes.map(c => c.name.normalize('NFC'))),
    images: digest(all.map(r => r.path)),
    labels: digest(all.map(r => `${r.label} ${r.path}`)),
    split: digest(all.map(r => `${r.side} ${r.path}`)),
    order: digest([...train, ...test].map(s => row(0)(s).path)),
    byClass: byClass.map(paths => digest(paths, DIGITS)).join(''),
  }
}

/** The differences in words, for `then` of an earlier run and `now`; empty where the data are the same. */
export function fingerprintDifferences(then: Fingerprint, now: Fingerprint): string[] {
  const differences: string[] = []
  if (then.classes !== now.classes) differences.push(`${now.classes} classes instead of ${then.classes}`)
  else if (then.names !== now.names) differences.push('the names of the classes differ, or their order')
  for (const side of ['training', 'test'] as const) {
    const more = now[side] - then[side]
    if (more < 0) differences.push(`${-more} of ${counted(then[side], `${side} image`)} are gone`)
    if (more > 0) differences.push(`${now[side]} ${side} images instead of ${then[side]}`)
  }
  if (then.images !== now.images) {
    const where = then.classes === now.classes ? changed(then.byClass, now.byClass) : []
    const told = where.length ? `, in ${counted(where.length, 'class')}: ${someOf(where)} of ${now.classes}` : ''
    differences.push(`the list of images differs${told}`)
  } else {
    if (then.labels !== now.labels) differences.push('the labels differ: the same images are of other classes')
    if (then.split !== now.split) differences.push('the split differs: other images are for training and for testing')
    else if (then.order !== now.order) differences.push('the ids of the images differ, and with them their order')
  }
  return differences
}

/** The numbers, from 1, of the classes whose digests differ. */
const changed = (then: string, now: string): string[] =>
  Array.from({ length: now.length / DIGITS }, (_, k) => k)
    .filter(k => then.slice(k * DIGITS, (k + 1) * DIGITS) !== now.slice(k * DIGITS, (k + 1) * DIGITS))
    .map(k => `number ${k + 1}`)
