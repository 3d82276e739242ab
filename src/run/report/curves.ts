/** Curves of a run out of its metrics.jsonl: losses, accuracies, rates, speed over its steps; and its memory. */
import { HEADS, LOSS_TERMS } from '../../tasn/heads.ts'
import { HEAD_NAMES } from '../text.ts'
import type { Chart, Curve } from './page_data.ts'
import { fieldOf, type MetricsLine, numberOf, type RunRecord } from './record.ts'

/** The curves of a quantity. Without `label` they are told apart by the run alone. */
interface Quantity {
  readonly label: string
  readonly colour: number
  readonly kind: MetricsLine['kind']
  readonly of: (line: MetricsLine) => number | undefined
}
type Kind = Omit<Chart, 'curves' | 'x'> & { readonly quantities: readonly Quantity[] }

/** The colour of what is not of one head. */
const ALL = HEADS.length
const field =
  (...path: string[]) =>
  (line: MetricsLine) =>
    numberOf(fieldOf(line, ...path))
const perHead = (prefix: string, kind: MetricsLine['kind']): Quantity[] =>
  HEADS.map((head, colour) => ({ label: HEAD_NAMES[head], colour, kind, of: field(`${prefix}_${head}`) }))

const KINDS: readonly Kind[] = [
  {
    id: 'loss',
    title: 'Loss in training, and its terms before they are weighted',
    unit: 'loss',
    quantities: [
      { label: 'loss', colour: ALL, kind: 'step', of: field('loss') },
      ...LOSS_TERMS.map((term, colour) => ({
        label: term === 'soft' ? 'distillation' : HEAD_NAMES[term],
        colour: term === 'soft' ? ALL + 1 : colour,
        kind: 'step' as const,
        of: field(`loss_${term}`),
      })),
    ],
  },
  { id: 'test', title: 'Accuracy in tests', unit: 'percent', quantities: perHead('test', 'epoch') },
  { id: 'accuracy', title: 'Accuracy in training', unit: 'percent', quantities: perHead('accuracy', 'step') },
  {
    id: 'rate',
    title: 'Learning rate',
    unit: 'rate',
    quantities: [
      { label: 'attention net', colour: 0, kind: 'step', of: field('lr', 'attention') },
      { label: 'classifier', colour: ALL - 1, kind: 'step', of: field('lr', 'classifier') },
    ],
  },
  {
    id: 'speed',
    title: 'Images a second, mean of the epoch so far',
    unit: 'images/s',
    quantities: [{ label: 'images/s', colour: ALL, kind: 'step', of: field('imagesPerSecond') }],
  },
]

/** Steps of an epoch of a run: those between the beginnings of two epochs or, in the first one, of the data. */
export function stepsPerEpoch({ lines, config }: RunRecord): number {
  const later = lines.find((l, i) => l.kind === 'step' && l.epoch > 1 && lines[i - 1]?.epoch !== l.epoch)
  const step = numberOf(later?.step)
  if (later && step !== undefined && step > later.epoch - 1) return Math.round((step - 1) / (later.epoch - 1))
  const number = (...path: string[]) => numberOf(fieldOf(config, ...path)) ?? 1
  const images = number('data', 'fingerprint', 'training')
  const planned = Math.floor(images / (number('training', 'batch') * number('training', 'accumulate')))
  return Math.max(1, planned, ...(planned > 1 ? [] : lines.map(l => numberOf(l.step) ?? 0)))
}

/** Five digits, which is more than a screen shows. */
const short = (v: number): number => Number(v.toPrecision(5))

/** Points for each curve of steps: at most so many, each the mean of as many steps, of which there are `every`. */
export function pointsOf(lines: readonly MetricsLine[], most: number): { every: number; groups: MetricsLine[][] } {
  const steps = lines.filter(l => l.kind === 'step' && numberOf(l.step) !== undefined)
  const every = Math.max(1, Math.ceil(steps.length / most))
  const groups = new Map<number, MetricsLine[]>()
  for (const line of steps) {
    const key = Math.ceil((line.step as number) / every)
    groups.set(key, [...(groups.get(key) ?? []), line])
  }
  return { every, groups: [...groups.values()] }
}

/** The curve of a quantity; undefined where the run has none of it. */
function curveOf(q: Quantity, groups: readonly (readonly MetricsLine[])[], run: RunRecord, per: number) {
  const sets = q.kind === 'step' ? groups : run.lines.filter(l => l.kind === 'epoch').map(l => [l])
  const points = sets.flatMap(set => {
    const values = set.map(q.of).filter(v => v !== undefined)
    const at = q.kind === 'step' ? (set.at(-1)!.step as number) : set[0]!.epoch * per
    return values.length ? [[at, short(values.reduce((a, b) => a + b, 0) / values.length)] as const] : []
  })
  const { label, colour } = q
  const curve: Curve = { label, colour, x: points.map(p => p[0]), y: points.map(p => p[1]), perEpoch: per }
  return points.length ? (q.kind === 'epoch' ? { ...curve, points: true } : curve) : undefined
}

/** Points of a curve, at most. */
const MOST = 800

/** The charts of one run, and how many steps make a point in them. */
export function chartsOf(run: RunRecord): { charts: Chart[]; every: number } {
  const { every, groups } = pointsOf(run.lines, MOST)
  const per = stepsPerEpoch(run)
  const charts = KINDS.map(
    ({ quantities, ...kind }): Chart => ({
      ...kind,
      x: 'step',
      curves: quantities.flatMap(q => curveOf(q, groups, run, per) ?? []),
    }),
  )
  return { charts: charts.filter(c => c.curves.length), every }
}

/** Each quantity by itself, with a curve for each run, named by `names`. */
export function comparedCharts(runs: readonly RunRecord[], names: readonly string[]): Chart[] {
  const parts = runs.map(run => ({ run, per: stepsPerEpoch(run), groups: pointsOf(run.lines, MOST / 2).groups }))
  return KINDS.flatMap(({ quantities, ...kind }) =>
    quantities.flatMap((q, i): Chart[] => {
      const curves = parts.flatMap(({ run, per, groups }, r) => {
        const curve = curveOf(q, groups, run, per)
        return curve ? [{ ...curve, label: names[r]!, colour: r }] : []
      })
      const [title] = kind.title.split(',')
      const of = quantities.length > 1 && q.label !== 'loss' ? `${title}: ${q.label}` : title!
      return curves.length ? [{ ...kind, id: `${kind.id}-${i}`, title: of, x: 'step', curves }] : []
    }),
  )
}

/** The bytes alive at each launch of a training step, with what the plan takes for it. */
export function memoryChart({ plan }: RunRecord): Chart | undefined {
  if (!plan) return undefined
  const x = plan.launches.map((_, i) => i + 1)
  const mebibytes = (bytes: number) => short(bytes / 2 ** 20)
  const flat = (label: string, colour: number, bytes: number): Curve => ({
    label,
    colour,
    x,
    y: x.map(() => mebibytes(bytes)),
    perEpoch: 1,
  })
  return {
    id: 'memory',
    title: 'Memory of a training step over its launches',
    unit: 'MiB',
    x: 'launch',
    names: plan.launches.map(([kernel]) => kernel),
    curves: [
      { label: 'alive', colour: 0, x, y: plan.launches.map(([, alive]) => mebibytes(alive)), perEpoch: 1 },
      flat('the plan', ALL - 1, plan.memory.planned),
      flat('without sharing', 1, plan.memory.unplanned),
    ],
  }
}
