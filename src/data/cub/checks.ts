/** The checks of a data set that has been joined: classes and sides of the split. Each adds to `problems`. */
import type { Dataset, Sample } from '../dataset.ts'
import { counted } from '../problems.ts'
import type { Table } from './tables.ts'

/** Checks that there are `keep` classes, two at least, and an image in each of them. */
export function checkClasses(
  classes: Dataset['classes'],
  all: Sample[],
  lines: Table,
  keep: number,
  problems: string[],
): void {
  const listed = `classes.txt: lists ${counted(classes.length, 'class')}`
  if (keep !== Infinity && keep > classes.length) problems.push(`${listed}, ${keep} were asked for`)
  else if (classes.length < 2) problems.push(`${listed}, 2 are needed`)
  const used = new Set(all.map(s => s.label))
  classes.forEach(({ id, name }, label) => {
    if (label >= keep || used.has(label)) return
    const line = lines.get(String(id))!.line
    problems.push(`classes.txt:${line}: class ${id} (${name}) has no image; remove the line or add its images`)
  })
}

/** Checks that both sides of the split have an image. */
export function checkSplits(train: Sample[], test: Sample[], keep: number, problems: string[]): void {
  const where = keep === Infinity ? '' : ` among the first ${keep} classes`
  for (const [side, digit, samples] of [
    ['training', 1, train],
    ['test', 0, test],
  ] as const) {
    if (samples.length) continue
    problems.push(
      `train_test_split.txt: no ${side} image${where} (a line "<image id> ${digit}"); both sides are needed`,
    )
  }
}
