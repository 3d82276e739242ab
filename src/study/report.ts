/** The report of the ablation in Markdown: accuracies, the method's steps one by one, and where attention lies. */
import type { AttentionQuality } from '../run/attention_quality.ts'
import type { TasnConfig } from '../tasn/config.ts'
import { ARMS, type ArmName } from '../train/arms.ts'
import { notes } from './notes.ts'
import { accuraciesOf, type Result } from './runs.ts'
import { type Difference, deviation, mean, pairedDifference, verdict } from './statistics.ts'
import type { Base } from './wanted.ts'

const points = (v: number): string => (100 * v).toFixed(1)
const signed = (v: number): string => `${v >= 0 ? '+' : ''}${points(v)}`
const interval = ([low, high]: readonly [number, number]): string =>
  Number.isNaN(low) ? '-' : `${signed(low)} to ${signed(high)}`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(r => `| ${r.join(' | ')} |`).join('\n')

/** `a` - `b` in the answers of the head that predicts. @throws where the two were not tested on the same images. */
export function differenceOf(a: Result, b: Result): Difference {
  const ids = [...a.runs[0]!.right.keys()]
  const answers = (r: Result) =>
    r.runs.map(({ right }) =>
      ids.map(id => {
        if (right.size !== ids.length)
          throw new Error(
            `${r.arm} was tested on ${right.size} images, ${a.arm} on ${ids.length}: their runs cannot be paired`,
          )
        const answer = right.get(id)
        if (answer === undefined)
          throw new Error(`${r.arm} was not tested on image ${id}, as ${a.arm} was: their runs cannot be paired`)
        return answer
      }),
    )
  return pairedDifference(answers(a), answers(b))
}

/**
 * The whole report.
 * @param results at least one, each with the same number of seeds.
 * @param extent preset, weights, and epochs of the arms that are not shortened.
 * @param jobs runs that were trained at a time.
 * @param flop what recognition of one image costs.
 */
export function report(
  results: readonly Result[],
  extent: Base & { readonly epochs: number },
  jobs: number,
  flop: (model: TasnConfig) => number,
): string {
  const parts = [accuracyTable(results, flop), notes(results, extent, jobs), ...stepsTable(results)]
  return `${[...parts, ...attentionTable(results)].join('\n\n')}\n`
}

/** The runs as JSON, one a line. */
export const runsJson = (results: readonly Result[]): string =>
  `[\n${results
    .flatMap(({ arm, lr, runs }) =>
      runs.map(
        ({ summary: { final, epochs, secondsPerEpoch, attention } }, seed) =>
          `  ${JSON.stringify({ arm, seed, lr, epochs, accuracy: final, secondsPerEpoch, attention })}`,
      ),
    )
    .join(',\n')}\n]\n`

function accuracyTable(results: readonly Result[], flop: (model: TasnConfig) => number): string {
  const of = (arm: ArmName) => results.find(r => r.arm === arm)
  const compare = (a: Result, b: Result | undefined): string => {
    if (!b || a === b) return ''
    const d = differenceOf(a, b)
    return `${signed(d.mean)} (${interval(d.seeds)}; ${interval(d.images)})`
  }
  return table(
    [
      'arm',
      'test accuracy, %',
      'test accuracy of `master`, %',
      'over plain, points',
      'over TASN, points',
      's / epoch',
      'parameters at test',
      'MFLOP / image at test',
    ],
    results.map(r => {
      const { summary, model } = r.runs[0]!
      const masters = r.runs.flatMap(run => run.summary.final.master ?? [])
      return [
        `${ARMS[r.arm].title} (\`${r.arm}\`)`,
        spread(accuraciesOf(r)),
        masters.length ? spread(masters) : '',
        compare(r, of('plain')),
        compare(r, of('tasn')),
        secondsOf(r),
        summary.parametersAtTest.toLocaleString('en-US'),
        (flop(model) / 1e6).toFixed(1),
      ]
    }),
  )
}

/** Mean and standard deviation, in points. */
const spread = (accuracies: readonly number[]): string =>
  `${points(mean(accuracies))} ± ${accuracies.length > 1 ? points(deviation(accuracies)) : '-'}`

/** Seconds an epoch of the median run: a disturbed run tells of the machine. */
function secondsOf({ runs }: Result): string {
  const known = runs.flatMap(r => r.summary.secondsPerEpoch ?? []).sort((a, b) => a - b)
  return known.length ? known[known.length >> 1]!.toFixed(1) : '-'
}

/** The claims of the paper, one after the other, and what is left to gain. */
const STEPS: readonly (readonly [ArmName, ArmName])[] = [
  ['plain-full', 'plain'],
  ['structure', 'plain'],
  ['structure', 'structure-by-mean'],
  ['part', 'structure'],
  ['tasn', 'part'],
  ['tasn', 'structure'],
  ['tasn', 'plain-mid'],
  ['true-box', 'tasn'],
]

/** Each step of the method by itself: the accuracy table compares with the ends only. */
function stepsTable(results: readonly Result[]): string[] {
  const rows = STEPS.flatMap(([over, under]) => {
    const [a, b] = [over, under].map(arm => results.find(r => r.arm === arm))
    if (!a || !b) return []
    const d = differenceOf(a, b)
    const each = d.perSeed.map(signed).join(', ')
    return [[`\`${over}\` over \`${under}\``, signed(d.mean), each, interval(d.seeds), interval(d.images), verdict(d)]]
  })
  const head = ['difference, points', 'mean', 'each seed', '95 % over seeds', '95 % over images', 'an effect?']
  return rows.length
    ? [
        table(head, rows),
        'An effect: "yes" where both intervals exclude 0, "likely" where only one does, else "no effect seen".',
      ]
    : []
}

const SHARES = [
  ['inBox', "in the bird's box"],
  ['inOtherBox', "in another bird's box"],
  ['uniformInBox', "box's share of the image"],
  ['nearParts', 'near parts'],
  ['uniformNearParts', 'share near parts'],
] as const satisfies readonly (readonly [keyof AttentionQuality, string])[]

/**
 * The share of the mean map in the box and near parts. Arms that share the attention net, and make its maps in the same
 * way, are one measurement.
 */
function attentionTable(results: readonly Result[]): string[] {
  const measured = new Map<string, { arms: ArmName[]; row: string[] }>()
  for (const { arm, runs } of results) {
    const all = runs.flatMap(({ summary: { attention } }) => (attention?.inBox === undefined ? [] : attention))
    if (all.length < runs.length) continue
    const row = SHARES.map(([name]) => (all[0]![name] === undefined ? '' : points(mean(all.map(q => q[name]!)))))
    const key = JSON.stringify(all)
    measured.set(key, { arms: [...(measured.get(key)?.arms ?? []), arm], row })
  }
  const rows = [...measured.values()].map(({ arms, row }) => [arms.map(a => `\`${a}\``).join(', '), ...row])
  return rows.length
    ? [
        table(['% of the mean map', ...SHARES.map(([, title]) => title)], rows),
        "Near a part: within 1/16 of the image's side. Another bird's box is that of the test image before: a map " +
          'that is merely bright in the middle has as much there.',
      ]
    : []
}
