/** config.json: all that is needed to repeat a run, and what it ran on. Written by a run, read by those that follow. */
import { readFileSync } from 'node:fs'
import type { Dataset } from '../data/dataset.ts'
import { type Fingerprint, fingerprintOf } from '../data/fingerprint.ts'
import { type Choices, choices } from '../engine/tune/choices.ts'
import { adapterInfo } from '../gpu/device.ts'
import { isObject } from '../io/json.ts'
import type { TasnConfig } from '../tasn/config.ts'
import { ARMS } from '../train/arms.ts'
import { PRESETS, type Preset } from '../train/presets.ts'
import type { TrainingConfig } from '../train/training_config.ts'
import type { Flags } from './flags.ts'
import type { RunFolder } from './folder.ts'

/** The data of a run: the absolute path of its folder, and what was in it. */
export interface RunData {
  readonly dir: string
  readonly fingerprint: Fingerprint
}

/** The training to run: everything that config.json keeps of the command line. */
export interface Choice {
  readonly flags: Flags
  readonly training: TrainingConfig
  readonly model: Preset['model']
  /** Rungs that the run took by measurement: others would give other last bits. */
  readonly kernels?: Choices
  /** The data that it began with. */
  readonly data?: RunData
}

/** Its content. The device must be open, and all steps compiled: the tuner has chosen its kernels by then. */
export const configOf = (flags: Flags, training: TrainingConfig, model: TasnConfig, dataset: Dataset): object => ({
  flags: { ...flags, run: undefined, best: undefined },
  seed: flags.seed,
  training,
  model,
  kernels: choices(),
  data: { dir: dataset.dir, fingerprint: fingerprintOf(dataset) } satisfies RunData,
  classes: dataset.classes.map(c => c.name),
  adapter: adapterInfo,
  versions: versions(),
})

/** This package's own version and those of Node and of the packages that it uses. */
function versions(): Record<string, string> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const own = JSON.parse(text) as { name: string; version: string; dependencies: Record<string, string> }
  return {
    [own.name]: own.version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    ...own.dependencies,
  }
}

/** Reads what a run was asked for. @throws naming the file and the first field that no run writes. */
export function readConfig(folder: RunFolder): Choice {
  const config = folder.readJson('config.json')
  const wrong = isObject(config) ? firstWrong(config) : (['', config, 'an object'] as const)
  if (wrong)
    throw new Error(
      `${folder.path('config.json')} is damaged: ${wrong[0] || 'it'} is ${JSON.stringify(wrong[1])}, and ${wrong[2]} ` +
        'is needed; put it right, or start a new run',
    )
  const { flags, training, model, kernels = {}, data } = config as unknown as Choice
  return { flags, training, model, kernels, ...(data ? { data } : {}) }
}

type Wrong = readonly [name: string, found: unknown, needed: string]
type Rule = readonly [needed: string, fits: (v: unknown) => boolean]

const count = (least: number): Rule => [
  `a whole number of at least ${least}`,
  v => Number.isSafeInteger(v) && (v as number) >= least,
]
const number: Rule = ['a number of at least 0', v => Number.isFinite(v) && (v as number) >= 0]
const rate: Rule = ['a number above 0', v => Number.isFinite(v) && (v as number) > 0]
const object: Rule = ['an object', isObject]
const text: Rule = ['a text', v => typeof v === 'string']
const yes: Rule = ['true or false', v => typeof v === 'boolean']
const oneOf = (...values: readonly string[]): Rule => [values.join(' or '), v => values.includes(v as string)]
const optional = ([needed, fits]: Rule): Rule => [needed, v => v === undefined || fits(v)]

const FLAGS: Record<string, Rule> = {
  preset: oneOf(...Object.keys(PRESETS)),
  arm: oneOf(...Object.keys(ARMS)),
  seed: count(0),
  data: optional(text),
  classes: optional(count(2)),
  limit: optional(count(1)),
  evaluateEvery: optional(count(1)),
  heldOut: optional(yes),
}
const RATES: Record<string, Rule> = { epochs: count(1), lr: rate, attentionLr: rate }
const print = ['names', 'images', 'labels', 'split', 'order', 'byClass'] as const
const DATA: Rule = [
  'a folder and a fingerprint',
  v => v === undefined || (isObject(v) && text[1](v.dir) && isObject(v.fingerprint) && isPrint(v.fingerprint)),
]
const isPrint = (v: Record<string, unknown>): boolean =>
  print.every(name => text[1](v[name])) && ['classes', 'training', 'test'].every(name => count(0)[1](v[name]))

const TRAINING: Record<string, Rule> = {
  ...RATES,
  attentionEpochs: count(0),
  attentionAfter: oneOf('joint', 'rests', 'restarts'),
  batch: count(1),
  accumulate: count(1),
  optimizer: oneOf('sgd', 'adamw'),
  headRate: optional(rate),
  momentum: number,
  weightDecay: number,
  warmUp: number,
  augmentation: object,
  before: optional(['a list', Array.isArray]),
}
const AUGMENTATION: Record<string, Rule> = {
  mirror: number,
  rotate: number,
  shift: number,
  zoom: number,
  jitter: number,
}
const UNTIL: Rule = ['[epoch, step]', v => Array.isArray(v) && v.length === 2 && v.every(n => count(0)[1](n))]

function firstWrong(config: Record<string, unknown>): Wrong | undefined {
  const { flags, training, model } = config
  return (
    broken(config, { flags: object, training: object, model: object, kernels: optional(object), data: DATA }, '') ??
    broken(flags, FLAGS, 'flags.') ??
    broken(training, TRAINING, 'training.') ??
    broken((training as TrainingConfig).augmentation, AUGMENTATION, 'training.augmentation.') ??
    ((training as TrainingConfig).before ?? [])
      .map((past, i) => broken(past, { ...RATES, until: UNTIL }, `training.before[${i}].`))
      .find(Boolean) ??
    broken(model, { imageSize: ['a list', Array.isArray], classifier: object, attention: object }, 'model.')
  )
}

/** The first field of `o` that breaks its rule. */
function broken(o: unknown, rules: Readonly<Record<string, Rule>>, at: string): Wrong | undefined {
  if (!isObject(o)) return [at.slice(0, -1), o, 'an object']
  for (const [name, [needed, fits]] of Object.entries(rules)) if (!fits(o[name])) return [at + name, o[name], needed]
  return undefined
}
