/** An evaluation in words and columns, for a terminal. */
import { relative } from 'node:path'
import { counted } from '../../data/problems.ts'
import { printable } from '../../io/printable.ts'
import { epochsText, HEAD_NAMES, percent } from '../../run/text.ts'
import { HEADS } from '../../tasn/heads.ts'
import type { ClassRate, Evaluation, Rate } from './evaluation.ts'
import type { TestImages } from './images.ts'
import type { Trained } from './model.ts'

/** Lines of a table, at most. All classes are in classes.csv. */
const CLASSES = 40
const CONFUSED = 10

/** The file of the weights, with the place of a run, and the images. */
export function modelText({ file, run }: Trained, { dataset: { dir, test } }: TestImages): string {
  const steps = run?.steps ? ` and ${counted(run.steps, 'step')} of the next` : ''
  const place = run ? `, after ${epochsText(run.epochs)}${steps}` : ''
  const classes = new Set(test.map(s => s.label)).size
  return [
    `model: ${file}${place}`,
    `data: ${relative(process.cwd(), dir) || '.'}: ${counted(test.length, 'image')} of ${counted(classes, 'class')}`,
  ].join('\n')
}

export function evaluationText(evaluation: Evaluation, { run }: Trained, { ofRun }: TestImages): string {
  const { classes, confused, calibration, heads } = evaluation
  const { images, accuracy } = heads.sharedMaster!
  const reported = ofRun ? run?.reported : undefined
  const worst = classes.toSorted((a, b) => a.accuracy - b.accuracy).slice(0, CLASSES)
  const more = classes.length - worst.length
  return [
    `accuracy on ${counted(images, 'image')}, and its 95 % interval over images (Wilson):`,
    ...HEADS.flatMap(head => {
      const rate = heads[head]
      if (!rate) return []
      return `  ${HEAD_NAMES[head].padEnd(15)} ${rateText(rate)}${differenceText(rate, reported?.[head])}`
    }),
    ...(heads.attention ? ['(shared(master) is what predicts, and what all that follows is about)'] : []),
    `\nthe classes, the least recognised first${more ? ` (and ${more} more in classes.csv)` : ''}:`,
    ...worst.map(classText),
    '\nmost often taken for another:',
    ...(confused.length
      ? confused
          .slice(0, CONFUSED)
          .map(c => `  ${`${c.count} of ${c.images}`.padStart(9)}  ${nameText(c.name)} for ${nameText(c.takenFor)}`)
      : ['  none: every image was named rightly']),
    `\nmean confidence ${percent(calibration.confidence)}, accuracy ${percent(accuracy)}: expected calibration error ` +
      `${percent(calibration.error)} (${calibration.bins.length} bins, Guo et al. 2017)`,
    '  confidence, %     images  accuracy  mean confidence',
    ...calibration.bins
      .filter(b => b.images)
      .map(
        b =>
          `  ${points(b.from)} to ${points(b.to)}  ${`${b.images}`.padStart(6)}  ${percent(b.accuracy).padStart(8)}  ` +
          percent(b.confidence).padStart(15),
      ),
    ...(reported ? [`\n${sameText(evaluation, reported)}`] : []),
  ].join('\n')
}

const nameText = (name: string): string => printable(name, 300)
const points = (share: number): string => (100 * share).toFixed(1).padStart(5)
const rateText = ({ accuracy, interval: [low, high] }: Rate): string =>
  `${percent(accuracy).padStart(7)}  ${points(low)} to ${points(high)} %`

const classText = (c: ClassRate): string =>
  `  ${`${c.right} of ${c.images}`.padStart(11)}  ${rateText(c)}  ${nameText(c.name)}`

type Reported = NonNullable<NonNullable<Trained['run']>['reported']>

const isSame = ({ right, images }: Rate, reported: number): boolean => Math.round(reported * images) === right

const differenceText = (rate: Rate, reported: number | undefined): string =>
  reported === undefined || isSame(rate, reported) ? '' : `  the run reported ${percent(reported)}`

/** A sentence about the figures that the run has reported of the same weights and images. */
function sameText({ heads }: Evaluation, reported: Reported): string {
  const compared = HEADS.filter(head => heads[head] && reported[head] !== undefined)
  const other = compared.filter(head => !isSame(heads[head]!, reported[head]!))
  return other.length
    ? `the run reported other figures of ${other.map(head => HEAD_NAMES[head]).join(', ')}: another adapter, other ` +
        'kernels or another --batch give other last bits'
    : 'the run reported the same figures'
}
