/** The files of an evaluation: figures, pictures, and on demand the answer to each image. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pathIn } from '../../data/dataset.ts'
import { adapterInfo } from '../../gpu/device.ts'
import { isLeftover, writeText } from '../../io/durable.ts'
import { PREDICTIONS_FILE, predictionsText } from '../../run/predictions.ts'
import type { Tested } from '../../train/evaluate.ts'
import type { Evaluation } from './evaluation.ts'
import { drawConfusion, drawReliability } from './figures.ts'
import type { EvaluateFlags } from './flags.ts'
import type { TestImages } from './images.ts'
import type { Trained } from './model.ts'

/** The files of an evaluation by their titles. The figures are written last: who finds them finds the others. */
const FILES = {
  figures: 'evaluation.json',
  classes: 'classes.csv',
  confusion: 'confusion.png',
  reliability: 'reliability.png',
  predictions: PREDICTIONS_FILE,
} as const
const isOfEvaluation = (name: string): boolean => Object.values<string>(FILES).includes(name) || isLeftover(name)

/**
 * The folder for the files. It is empty, or of an earlier evaluation, whose files go.
 * @throws where it is another one.
 */
export function folderFor({ file }: Trained, { out, data, images }: EvaluateFlags): string {
  const other = images ?? data
  const name = other === undefined ? 'evaluation' : `evaluation-${basename(resolve(other))}`
  const dir = out ?? join(dirname(file), name)
  try {
    mkdirSync(dir, { recursive: true })
    if (existsSync(join(dir, FILES.figures)) || readdirSync(dir).every(isOfEvaluation)) return dir
  } catch (error) {
    throw new Error(`no files can be written into ${dir} (${(error as Error).message}): name a folder with --out`)
  }
  throw new Error(`${dir} holds files, and none is of an evaluation: name another folder with --out`)
}

/** Writes all of them, and nothing of an earlier evaluation stays. Returns their paths by title. @throws WriteError */
export async function writeFiles(
  dir: string,
  evaluation: Evaluation,
  tested: Tested,
  trained: Trained,
  { dataset }: TestImages,
  { predictions, images }: EvaluateFlags,
): Promise<Record<string, string>> {
  const paths = Object.entries(FILES).map(([title, name]) => [title, join(dir, name)] as const)
  for (const [, file] of paths) await rm(file, { force: true })
  const files = Object.fromEntries(paths) as Record<keyof typeof FILES, string>
  const { confusion: _, ...figures } = evaluation
  const { file, run } = trained
  await writeText(files.classes, classesText(evaluation))
  const name = basename(dataset.dir)
  await drawConfusion(evaluation, name, files.confusion)
  await drawReliability(evaluation.calibration, evaluation.heads.sharedMaster!.accuracy, name, files.reliability)
  if (predictions)
    await writeText(
      files.predictions,
      images === undefined ? predictionsText(tested) : photographsText(tested, dataset, trained),
    )
  const of = { model: resolve(file), ...(run ? { epochs: run.epochs, steps: run.steps } : {}), data: dataset.dir }
  await writeText(files.figures, `${JSON.stringify({ ...of, ...figures, adapter: adapterInfo }, null, 2)}\n`)
  return Object.fromEntries(paths.filter(([title]) => predictions || title !== 'predictions'))
}

const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map(r => `${r.map(cell).join(',')}\n`).join('')
const cell = (v: string | number): string => (/[",\r\n]/.test(`${v}`) ? `"${`${v}`.replaceAll('"', '""')}"` : `${v}`)

const classesText = ({ classes }: Evaluation): string =>
  csv([
    ['class', 'images', 'right', 'accuracy', 'low', 'high', 'most often taken for', 'times'],
    ...classes.map(c => [
      c.name,
      c.images,
      c.right,
      ...[c.accuracy, ...c.interval].map(v => v.toFixed(4)),
      ...(c.takenFor ?? ['', '']),
    ]),
  ])

/** predictions.csv of one's own photographs, which have no ids: by their paths and the names of the classes. */
function photographsText({ answers }: Tested, { dir, test }: TestImages['dataset'], { classes }: Trained): string {
  return csv([
    ['photograph', 'class', 'answer', 'confidence', 'classConfidence'],
    ...answers.map((a, i) => [
      pathIn(dir, test[i]!.file),
      classes[a.label]!,
      classes[a.answer] ?? '',
      a.confidence,
      a.labelConfidence,
    ]),
  ])
}
