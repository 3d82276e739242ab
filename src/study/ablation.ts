/**
 * What the ablation knows of its runs: where they lie, whether they are what is asked for, and what they say together.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ATTENTION_FILE } from '../run/folder.ts'
import { attentionSettings, differences, learnsAlone, place } from '../run/settings.ts'
import type { Answers, Summary } from '../run/summary.ts'
import type { TasnConfig } from '../tasn/config.ts'
import { ARMS, type Arm, type ArmName, chooseArm } from '../train/arms.ts'
import { PRESETS } from '../train/presets.ts'
import { type Difference, deviation, mean, pairedDifference } from './statistics.ts'

/** What a run is asked to be. */
export interface Wanted {
  readonly arm: ArmName
  readonly lr: number
  readonly seed: number
  readonly epochs: number
  readonly data: string | undefined
  /** Trained and tested on training images only, to choose a rate by. */
  readonly heldOut: boolean
  readonly folder: string
  /** Folder of the run with the same attention net, which is trained once for both. */
  readonly attentionFrom?: string | undefined
}

/** Epochs of an arm where the others have `epochs`. */
export const epochsOf = (arm: ArmName, epochs: number): number =>
  Math.max(1, Math.round(epochs * ((ARMS[arm] as Arm).share ?? 1)))

/** Whether a run has an attention net that others can take. */
const hasAttention = (folder: string): boolean => existsSync(join(folder, ATTENTION_FILE))

/**
 * The same runs, of which those that begin with the same attention net take it from one of `others` that has it, or
 * from the first among themselves: only what comes after it differs. Which runs those are, their settings say.
 */
export function shareAttention(wanted: readonly Wanted[], others: readonly Wanted[] = []): Wanted[] {
  const folders = new Map<string, string>()
  const share = (w: Wanted): Wanted => {
    const { model, training } = chooseArm(w.arm, 'tiny', { lr: w.lr, epochs: w.epochs })
    const { seed, data, heldOut } = w
    if (!learnsAlone({ model, training })) return w
    const key = JSON.stringify(
      attentionSettings({ flags: { seed, heldOut, ...(data === undefined ? {} : { data }) }, model, training }),
    )
    const attentionFrom = folders.get(key)
    if (attentionFrom === undefined && (hasAttention(w.folder) || !finished(w))) folders.set(key, w.folder)
    return attentionFrom === undefined || attentionFrom === w.folder ? w : { ...w, attentionFrom }
  }
  others.filter(w => hasAttention(w.folder) && !settingsChanged(w).length).forEach(share)
  return wanted.map(share)
}

/** Whether what it takes from another run is there. */
export const ready = ({ attentionFrom }: Wanted): boolean => attentionFrom === undefined || hasAttention(attentionFrom)

/** Flags of `npm run train` for it. */
export const flagsOf = ({ arm, lr, seed, epochs, data, heldOut, folder, attentionFrom }: Wanted): string[] => [
  '--arm',
  arm,
  '--seed',
  `${seed}`,
  '--lr',
  `${lr}`,
  '--epochs',
  `${epochs}`,
  ...(data === undefined ? [] : ['--data', data]),
  ...(heldOut ? ['--held-out'] : []),
  ...(attentionFrom === undefined ? [] : ['--attention-from', attentionFrom]),
  '--evaluate-every',
  `${epochs}`,
  '--run',
  folder,
]

export const finished = ({ folder }: Wanted): boolean => existsSync(join(folder, 'summary.json'))
export const begun = ({ folder }: Wanted): boolean => existsSync(join(folder, 'config.json'))

const readJson = (folder: string, name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))

/** @throws where the folder holds a run with other settings: what it measured is not what is asked for. */
export function checkSettings(wanted: Wanted): void {
  const changed = settingsChanged(wanted)
  if (changed.length)
    throw new Error(
      `${wanted.folder} holds a run with other settings (${changed.slice(0, 3).join('; ')}): give the flags it was ` +
        'trained with (--epochs, --rates, --data), or name another folder with --out',
    )
}

function settingsChanged(wanted: Wanted): string[] {
  if (!begun(wanted)) return []
  const { flags, training, model } = readJson(wanted.folder, 'config.json') as {
    flags: Record<string, unknown>
    training: Record<string, unknown>
    model: Record<string, unknown>
  }
  const now = chooseArm(wanted.arm, 'tiny', { lr: wanted.lr, epochs: wanted.epochs })
  // The trainer fits batch and accumulate to few images, and the data say how many classes there are.
  const { batch: _b, accumulate: _a, ...trainingThen } = training
  const { batch: _, accumulate: __, ...trainingNow } = now.training
  const { classes: _c, ...modelThen } = model
  return differences(
    {
      seed: flags.seed,
      data: place(flags.data),
      heldOut: flags.heldOut ?? false,
      training: trainingThen,
      model: modelThen,
    },
    JSON.parse(
      JSON.stringify({
        seed: wanted.seed,
        data: place(wanted.data),
        heldOut: wanted.heldOut,
        training: trainingNow,
        model: now.model,
      }),
    ),
  )
}

export interface Run {
  readonly summary: Summary
  readonly model: TasnConfig
  /** By the id of each test image. */
  readonly right: ReadonlyMap<number, boolean>
}

/** A finished run; undefined where there is none. */
export function load(wanted: Wanted): Run | undefined {
  if (!finished(wanted)) return undefined
  checkSettings(wanted)
  const { right, wrong } = readJson(wanted.folder, 'answers.json') as Answers
  const { model } = readJson(wanted.folder, 'config.json') as { model: TasnConfig }
  return {
    model,
    summary: readJson(wanted.folder, 'summary.json') as Summary,
    right: new Map([
      ...right.map((id): [number, boolean] => [id, true]),
      ...wrong.map((id): [number, boolean] => [id, false]),
    ]),
  }
}

/** The runs of an arm, one a seed. */
export interface Result {
  readonly arm: ArmName
  readonly lr: number
  readonly runs: readonly Run[]
}

export const accuraciesOf = ({ runs }: Result): number[] => runs.map(r => r.summary.final.sharedMaster)

const points = (v: number): string => (100 * v).toFixed(1)
const signed = (v: number): string => `${v >= 0 ? '+' : ''}${points(v)}`
const text = ([low, high]: readonly [number, number]): string =>
  Number.isNaN(low) ? '-' : `${signed(low)} to ${signed(high)}`

export function differenceOf(a: Result, b: Result): Difference {
  const ids = [...a.runs[0]!.right.keys()]
  const table = (r: Result) =>
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
  return pairedDifference(table(a), table(b))
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(r => `| ${r.join(' | ')} |`).join('\n')

/** The claims of the paper, one after the other, and what is left to gain. */
const STEPS: readonly (readonly [ArmName, ArmName])[] = [
  ['plain-full', 'plain'],
  ['structure', 'plain'],
  ['part', 'structure'],
  ['tasn', 'part'],
  ['tasn', 'structure'],
  ['tasn', 'plain-mid'],
  ['true-box', 'tasn'],
]

/** Of the median run, for a disturbed one tells of the machine. */
const secondsOf = ({ runs }: Result): string => {
  const known = runs.flatMap(r => r.summary.secondsPerEpoch ?? []).sort((a, b) => a - b)
  return known.length ? known[known.length >> 1]!.toFixed(1) : '-'
}

/** The report in Markdown. @param flop what recognition of one image costs. */
export function report(
  results: readonly Result[],
  epochs: number,
  jobs: number,
  flop: (model: TasnConfig) => number,
): string {
  const of = (arm: ArmName) => results.find(r => r.arm === arm)
  const plain = of('plain')
  const tasn = of('tasn')
  const seeds = results[0]!.runs.length
  const compare = (a: Result, b: Result | undefined): string => {
    if (!b || a === b) return ''
    const d = differenceOf(a, b)
    return `${signed(d.mean)} (${text(d.seeds)}; ${text(d.images)})`
  }
  const accuracy = table(
    [
      'arm',
      'test accuracy, %',
      'over plain, points',
      'over TASN, points',
      's / epoch',
      'parameters at test',
      'MFLOP / image at test',
    ],
    results.map(r => {
      const all = accuraciesOf(r)
      const { summary, model } = r.runs[0]!
      return [
        `${ARMS[r.arm].title} (\`${r.arm}\`)`,
        `${points(mean(all))} ± ${seeds > 1 ? points(deviation(all)) : '-'}`,
        compare(r, plain),
        compare(r, tasn),
        secondsOf(r),
        summary.parametersAtTest.toLocaleString('en-US'),
        (flop(model) / 1e6).toFixed(1),
      ]
    }),
  )
  // Each step of the method by itself; the first column above compares with the ends only.
  const steps = STEPS.flatMap(([over, under]) => {
    const a = of(over)
    const b = of(under)
    if (!a || !b) return []
    const { mean, seeds: overSeeds, images, perSeed } = differenceOf(a, b)
    return [
      [`\`${a.arm}\` over \`${b.arm}\``, signed(mean), perSeed.map(signed).join(', '), text(overSeeds), text(images)],
    ]
  })
  // Arms that share the attention net and make its maps in the same way are one measurement.
  const seen = new Map<string, { arms: ArmName[]; row: string[] }>()
  for (const { arm, runs } of results.filter(r => r.runs.every(x => x.summary.attention?.inBox !== undefined))) {
    const all = runs.map(x => x.summary.attention!)
    const share = (name: keyof (typeof all)[number]) =>
      all[0]![name] === undefined ? '' : points(mean(all.map(q => q[name]!)))
    const row = [
      share('inBox'),
      share('inOtherBox'),
      share('uniformInBox'),
      share('nearParts'),
      share('uniformNearParts'),
    ]
    const key = JSON.stringify(all)
    seen.set(key, { arms: [...(seen.get(key)?.arms ?? []), arm], row })
  }
  const attention = table(
    [
      '% of the mean map',
      "in the bird's box",
      "in another bird's box",
      "box's share of the image",
      'near parts',
      'share near parts',
    ],
    [...seen.values()].map(({ arms, row }) => [arms.map(a => `\`${a}\``).join(', '), ...row]),
  )
  const rates = [...new Set(results.map(r => ARMS[r.arm].rateOf))].map(
    group => [group, results.find(r => ARMS[r.arm].rateOf === group)!.lr] as const,
  )
  const shorter = results
    .filter(r => epochsOf(r.arm, epochs) !== epochs)
    .map(r => `\`${r.arm}\` only ${epochsOf(r.arm, epochs)}`)
  const { testImages, trainImages } = results[0]!.runs[0]!.summary
  return `${accuracy}

${seeds} seed${seeds > 1 ? 's' : ''}, ${epochs} epochs of ${trainImages} images${shorter.map(s => `, ${s}`).join('')}; ${testImages} test images; mean ± standard deviation over seeds. Differences are paired by seed and image;
in brackets their 95 % confidence intervals, first over seeds (Student's t), then over test images (bootstrap, seeds averaged). Where there is an attention net, it learns alone in the
first ${chooseArm('tasn', 'tiny', { epochs }).training.attentionEpochs} epochs and then stays as it is, except where the arm says otherwise. Learning rates: ${rates.map(([group, lr]) => `${lr} for ${group === 'plain' ? 'the plain ones' : 'those with a sampler'}`).join(', ')}. Seconds: the median run's, with ${jobs} run${jobs > 1 ? 's' : ''} at a time.
${
  steps.length
    ? `
${table(['difference, points', 'mean', 'each seed', '95 % over seeds', '95 % over images'], steps)}
`
    : ''
}${
  seen.size
    ? `
${attention}

Near a part: within 1/16 of the image's side. Another bird's box is that of the test image before: a map that is merely bright in the middle has as much there.
`
    : ''
}`
}

/** The rates that arms may choose from, as multiples of the preset's. */
export const RATES = [0.5, 1, 2].map(k => Number((k * PRESETS.tiny.training.lr).toPrecision(6)))
