/** The tables of CUB_200_2011, joined by id into samples. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Dataset, Sample } from '../dataset.ts'
import { isInside } from '../file_checks.ts'
import { quote } from '../problems.ts'
import type { Tables } from './tables.ts'

/** Samples by image id. */
export type Samples = Map<number, Sample>

/**
 * Joins images, labels, split and classes. Returns the samples, and the ids of those that are for training. Adds a
 * problem for every image that does not fit.
 *
 * @param images absolute path of the folder of the images.
 */
export function joinImages(
  images: string,
  tables: Tables,
  classes: Dataset['classes'],
  problems: string[],
): { samples: Samples; training: Set<number> } {
  const samples: Samples = new Map()
  const training = new Set<number>()
  const labels = new Map(classes.map(({ id }, label) => [id, label]))
  const pathOf = existsSync(join(images, 'images')) ? withSlashes : (path: string) => fromImages(withSlashes(path))
  for (const [id, { line, fields }] of tables['images.txt']) {
    const at = `images.txt:${line}: image ${id}`
    const path = fields[1]!
    const file = resolve(images, pathOf(path))
    const inside = isInside(images, file)
    if (!inside)
      problems.push(`${at}: the path ${quote(path)} does not stay inside images/; it must lead to a file there`)
    const label = labelOf(id, at, tables, labels, problems)
    if (isForTraining(id, at, tables, problems)) training.add(Number(id))
    if (inside) samples.set(Number(id), { id: Number(id), file, label })
  }
  return { samples, training }
}

/** A path as Windows tools write it is the same path. */
const withSlashes = (path: string): string => path.replaceAll('\\', '/')
/** A path that begins with images/ counts from the folder above, where there is no such folder in images/. */
const fromImages = (path: string): string => path.replace(/^(\.\/)?images\/+/, '')

/** The label of an image, or -1 and a problem. */
function labelOf(id: string, at: string, tables: Tables, labels: Map<number, number>, problems: string[]): number {
  const named = tables['image_class_labels.txt'].get(id)
  if (!named) {
    problems.push(`${at} has no line in image_class_labels.txt; add "${id} <class id>" or remove the image`)
    return -1
  }
  const classId = named.fields[1]
  const label = labels.get(Number(classId))
  if (label === undefined) {
    problems.push(
      `image_class_labels.txt:${named.line}: image ${id} has class ${classId}, which classes.txt does not list; ` +
        'add the class there or correct the label',
    )
  }
  return label ?? -1
}

function isForTraining(id: string, at: string, tables: Tables, problems: string[]): boolean {
  const side = tables['train_test_split.txt'].get(id)
  const digit = side?.fields[1]
  if (!side) problems.push(`${at} has no line in train_test_split.txt; add "${id} 1" (train) or "${id} 0" (test)`)
  else if (digit !== '0' && digit !== '1') {
    problems.push(
      `train_test_split.txt:${side.line}: expected 1 (train) or 0 (test) for image ${id}, found ${quote(digit!)}`,
    )
  }
  return digit === '1'
}

/** Gives the samples their boxes. Adds a problem for every box that cannot be one. */
export function addBoxes(samples: Samples, tables: Tables, problems: string[]): void {
  for (const { line, fields } of tables['bounding_boxes.txt'].values()) {
    const [id, ...found] = fields
    const box = found.map(Number) as [number, number, number, number]
    const sample = samples.get(Number(id))
    if (!box.every(Number.isFinite) || box[2] <= 0 || box[3] <= 0) {
      problems.push(
        `bounding_boxes.txt:${line}: expected finite numbers, width and height above 0, for image ${id}, ` +
          `found ${quote(found.join(' '))}; correct or remove the line`,
      )
    } else if (sample) sample.box = box
  }
}

/** Gives the samples their visible parts. Adds a problem for every part that cannot be one. */
export function addParts(samples: Samples, tables: Tables, problems: string[]): void {
  const names = tables['parts/parts.txt']
  for (const { line, fields } of tables['parts/part_locs.txt'].values()) {
    const [image, id, x, y, visible] = fields.map(Number) as [number, number, number, number, number]
    const at = `parts/part_locs.txt:${line}:`
    const finite = Number.isFinite(x) && Number.isFinite(y)
    if (!finite) problems.push(`${at} expected finite numbers for x and y, found ${quote(`${fields[2]} ${fields[3]}`)}`)
    const named = !names.size || names.has(String(id))
    if (!named) problems.push(`${at} part ${id} is not in parts/parts.txt; add it or remove the line`)
    const sample = samples.get(image)
    if (!sample) continue
    sample.parts ??= []
    if (visible) sample.parts.push({ id, x, y })
  }
}
