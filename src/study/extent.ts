/** The extent of an ablation: which arms, for how long, on which data, with how many seeds. */
import { basename, join, resolve } from 'node:path'
import { BUILT_IN } from '../data/birds/recipe.ts'
import { heldOut } from '../data/dataset.ts'
import { type Fingerprint, fingerprintOf } from '../data/fingerprint.ts'
import { defined } from '../run/choice.ts'
import { datasetOf } from '../run/data.ts'
import { projectPath } from '../run/project_path.ts'
import { ARMS, type Arm, type ArmName } from '../train/arms.ts'
import { PRESETS, type PresetName } from '../train/presets.ts'
import type { AblateFlags } from './flags.ts'
import { type Base, epochsOf, type Wanted } from './wanted.ts'

/** The learning rate of a preset, and those to choose from. */
export const rateOf = (preset: PresetName): number => PRESETS[preset].training.lr
export const ratesOf = (preset: PresetName): number[] =>
  [0.5, 1, 2].map(k => Number((k * rateOf(preset)).toPrecision(6)))
/** The long runs first, so that two at a time end together. */
export const QUICK: readonly ArmName[] = ['tasn', 'plain']
export const QUICK_EPOCHS = 20
/** On data from elsewhere: the arms that the question is about. */
export const ELSEWHERE: readonly ArmName[] = ['plain', 'structure', 'tasn']
/** With another preset than tiny: the links between plain and TASN, each by itself. */
export const OTHER_PRESET: readonly ArmName[] = [
  'plain',
  'plain-mid',
  'structure',
  'structure-by-mean',
  'part',
  'tasn',
  'true-box',
]
const ALL = Object.keys(ARMS) as ArmName[]

/** The arm whose rate an arm takes. */
export type RateGroup = Arm['rateOf']
export const rateGroup = (arm: ArmName): RateGroup => ARMS[arm].rateOf

export interface Extent extends Base {
  /** In the order of the report, and in that of training. */
  readonly arms: readonly ArmName[]
  readonly order: readonly ArmName[]
  readonly seeds: number
  /** Epochs of the arms that are not shortened. */
  readonly epochs: number
  /** Learning rates to choose from. */
  readonly rates: readonly number[]
  /** Folder of a data set; undefined for the built-in birds. */
  readonly data: string | undefined
  /** The first so many of its classes; all of them if not given. */
  readonly classes?: number | undefined
  readonly skipDamaged?: true | undefined
  /** The data's fingerprint, with all training images or without those held out; undefined where it is not known. */
  readonly print: (heldOut: boolean) => Fingerprint | undefined
  /** The data, for the reader. */
  readonly name: string
  /** The folder of all runs. */
  readonly dir: string
}

/**
 * Reads which images the data have, where they are not the built-in ones. They are verified here, once for all runs.
 * @throws DataError with all that is wrong.
 */
export async function extentOf(flags: AblateFlags): Promise<Extent> {
  const { quick, seeds, arms, data, classes, skipDamaged, preset, out, epochs, rates, reportOnly } = flags
  const { pretrained, pretrainedAttention } = flags
  const place = data === undefined ? 'built-in' : basename(resolve(data))
  const short = [place, classes ?? [], preset === 'tiny' ? [] : preset].flat().join('-')
  const verify = skipDamaged ?? !reportOnly
  const dataset =
    data === undefined
      ? undefined
      : await datasetOf({ preset, arm: 'tasn', seed: 0, verify, ...defined({ data, classes, skipDamaged }) })
  const boxes = !dataset || [...dataset.train, ...dataset.test].every(s => s.box)
  const others = OTHER_PRESET.filter(a => boxes || a !== 'true-box')
  const chosen = new Set(arms ?? (quick ? QUICK : preset !== 'tiny' ? others : dataset ? ELSEWHERE : ALL))
  const inOrder = ALL.filter(a => chosen.has(a))
  const prints = new Map<boolean, Fingerprint>()
  const own = PRESETS[preset].training.epochs
  // From nothing, the network needs to be shown as many images as of the built-in birds.
  const shown = own * BUILT_IN.train
  const usual = dataset && preset === 'tiny' ? Math.max(1, Math.round(shown / dataset.train.length)) : own
  return {
    preset,
    ...(pretrained === undefined ? {} : { pretrained: resolve(pretrained) }),
    ...(pretrainedAttention === undefined ? {} : { pretrainedAttention: resolve(pretrainedAttention) }),
    arms: inOrder,
    order: quick && !arms ? QUICK : inOrder,
    seeds,
    epochs: epochs ?? (quick ? Math.min(QUICK_EPOCHS, usual) : usual),
    rates: rates ?? (quick ? [rateOf(preset)] : ratesOf(preset)),
    data,
    classes,
    skipDamaged,
    print: part => {
      if (dataset && !prints.has(part)) prints.set(part, fingerprintOf(part ? heldOut(dataset) : dataset))
      return prints.get(part)
    },
    name: data === undefined && classes === undefined && preset === 'tiny' ? 'built-in birds' : short,
    dir: out ?? projectPath('runs', `ablate-${short}${quick ? '-quick' : ''}`),
  }
}

/** A run of an arm. @param heldOut to choose a rate by. */
export function want(extent: Extent, arm: ArmName, lr: number, seed: number, heldOut = false): Wanted {
  const { dir, data, classes, skipDamaged, print, epochs, preset, pretrained, pretrainedAttention } = extent
  const base = { preset, pretrained, pretrainedAttention }
  const folder = join(dir, heldOut ? `rates/${arm}-lr${lr}` : `${arm}-seed${seed}`)
  return {
    ...base,
    arm,
    lr,
    seed,
    data,
    classes,
    skipDamaged,
    print: print(heldOut),
    heldOut,
    epochs: epochsOf(arm, epochs, base),
    folder,
  }
}

/** All runs of some arms, arm by arm, since one without all its seeds is not reported. */
export const wantAll = (
  extent: Extent,
  rates: ReadonlyMap<RateGroup, number>,
  arms: readonly ArmName[] = ALL,
): Wanted[] =>
  arms.flatMap(arm =>
    Array.from({ length: extent.seeds }, (_, seed) =>
      want(extent, arm, rates.get(rateGroup(arm)) ?? rateOf(extent.preset), seed),
    ),
  )
