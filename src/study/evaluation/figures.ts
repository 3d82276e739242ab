/** The figures of an evaluation as pictures: the confusion matrix, and the reliability diagram. */

import { percent } from '../../run/text.ts'
import { chart } from '../chart.ts'
import type { Calibration } from './calibration.ts'
import type { Evaluation } from './evaluation.ts'

/** Side of the matrix, at most, and of a cell. Below these sides, names and numbers cannot be read: none are drawn. */
const LARGEST = 900
const LARGEST_CELL = 34
const NAMES_FROM = 12
const NUMBERS_FROM = 20

const RIGHT = '#0072b2'
const WRONG = '#d55e00'

/**
 * Draws how the images of each class (rows) were named (columns), into a .png or .svg file.
 * @param data names them in the title.
 */
export async function drawConfusion({ confusion, heads }: Evaluation, data: string, file: string): Promise<void> {
  const { classes, counts } = confusion
  const { images, right } = heads.sharedMaster!
  const cell = Math.min(LARGEST_CELL, LARGEST / classes.length)
  const total = classes.map((_, k) => counts.reduce((n, [label, , m]) => n + (label === k ? m : 0), 0))
  const values = counts.map(([label, answer, count]) => ({
    label,
    answer,
    count,
    // As in the report: the square root keeps single mistakes visible.
    fill: 0.15 + 0.85 * Math.sqrt(count / total[label]!),
    kind: label === answer ? 'right' : 'wrong',
    ink: count / total[label]! > 0.35 ? 'white' : '#333',
  }))
  // Rows and columns go by numbers, so that two classes of one name stay two.
  const names = `${JSON.stringify(classes)}[datum.value]`
  const axis = (title: string) =>
    cell < NAMES_FROM
      ? { title, labels: false, ticks: false, domain: false }
      : { title, labelExpr: names, labelFontSize: Math.min(13, cell - 1), labelLimit: 180, ticks: false, domain: false }
  const domain = classes.map((_, k) => k)
  const x = {
    field: 'answer',
    type: 'ordinal',
    scale: { domain },
    axis: { ...axis('named as'), orient: 'top', labelAngle: -60 },
  } as const
  const y = { field: 'label', type: 'ordinal', scale: { domain }, axis: axis('images of') } as const
  const subtitle = `${data}: ${right} of ${images} images named rightly (blue); the fuller a cell, the larger its share`
  await chart(
    {
      title: { text: 'Confusion matrix', subtitle: [subtitle] },
      config: { view: { stroke: '#ccc' } },
      width: cell * classes.length,
      height: cell * classes.length,
      data: { values },
      encoding: { x, y },
      layer: [
        {
          mark: { type: 'rect', ...(cell > 6 ? { stroke: 'white', strokeWidth: 1 } : {}) },
          encoding: {
            color: {
              field: 'kind',
              type: 'nominal',
              scale: { domain: ['right', 'wrong'], range: [RIGHT, WRONG] },
              legend: null,
            },
            opacity: { field: 'fill', type: 'quantitative', scale: null, legend: null },
          },
        },
        ...(cell < NUMBERS_FROM
          ? []
          : [
              {
                mark: { type: 'text', fontSize: Math.min(13, cell / 2) },
                encoding: {
                  text: { field: 'count', type: 'quantitative' },
                  color: { field: 'ink', type: 'nominal', scale: null },
                },
              } as const,
            ]),
      ],
    },
    file,
  )
}

/**
 * Draws accuracy over confidence, bin by bin, with a line from each bin to where a calibrated model would have it, and
 * the images in each bin, into a .png or .svg file. @param data names them in the title.
 */
export async function drawReliability(
  { error, confidence, bins }: Calibration,
  accuracy: number,
  data: string,
  file: string,
): Promise<void> {
  const values = bins
    .filter(b => b.images)
    .map(b => ({
      ...b,
      from: 100 * b.from,
      to: 100 * b.to,
      accuracy: 100 * b.accuracy,
      confidence: 100 * b.confidence,
    }))
  const x = (title: string | null) => ({
    field: 'from',
    type: 'quantitative' as const,
    title,
    scale: { domain: [0, 100], nice: false },
  })
  const shares = { scale: { domain: [0, 100] } }
  const subtitle = [
    `${data}: mean confidence ${percent(confidence)}, accuracy ${percent(accuracy)}`,
    `expected calibration error ${percent(error)} (${bins.length} bins, Guo et al. 2017):`,
    'the mean distance of the two (orange), weighted by images',
  ]
  await chart(
    {
      title: { text: 'Reliability', subtitle },
      data: { values },
      vconcat: [
        {
          width: 420,
          height: 420,
          layer: [
            {
              mark: { type: 'rect', opacity: 0.35, stroke: 'white', color: RIGHT },
              encoding: {
                x: x(null),
                x2: { field: 'to' },
                y: { field: 'accuracy', type: 'quantitative', title: 'accuracy, %', ...shares },
                y2: { datum: 0 },
              },
            },
            {
              data: { values: [{ v: 0 }, { v: 100 }] },
              mark: { type: 'line', color: '#888', strokeDash: [5, 4] },
              encoding: { x: { field: 'v', type: 'quantitative' }, y: { field: 'v', type: 'quantitative' } },
            },
            {
              mark: { type: 'rule', color: WRONG, strokeWidth: 2 },
              encoding: {
                x: { field: 'confidence', type: 'quantitative' },
                y: { field: 'confidence', type: 'quantitative' },
                y2: { field: 'accuracy' },
              },
            },
            {
              mark: { type: 'point', filled: true, size: 50, opacity: 1, color: RIGHT },
              encoding: {
                x: { field: 'confidence', type: 'quantitative' },
                y: { field: 'accuracy', type: 'quantitative' },
              },
            },
          ],
        },
        {
          width: 420,
          height: 90,
          mark: { type: 'rect', opacity: 0.6, stroke: 'white', color: RIGHT },
          encoding: {
            x: x('confidence of the named class, %'),
            x2: { field: 'to' },
            y: { field: 'images', type: 'quantitative', title: 'images', scale: { zero: true } },
            y2: { datum: 0 },
          },
        },
      ],
    },
    file,
  )
}
