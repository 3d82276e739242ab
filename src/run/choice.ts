/** A run as it was asked for: by flags, or by the folder of an earlier run that is resumed or repeated. */
import { resolve } from 'node:path'
import { hasAttentionNet } from '../tasn/config.ts'
import { chooseArm } from '../train/arms.ts'
import { type Done, NOTHING_DONE } from '../train/position.ts'
import { PRESETS } from '../train/presets.ts'
import type { RateSettings, TrainingConfig } from '../train/training_config.ts'
import { type Found, newestCheckpoint } from './checkpoints.ts'
import { repeatCommand } from './commands.ts'
import { type Choice, readConfig } from './config.ts'
import type { Flags } from './flags.ts'
import { ATTENTION_FILE, MODEL_FILE, RunFolder } from './folder.ts'
import { projectPath } from './project_path.ts'

/** A run that is about to begin or to go on. */
export interface Run {
  readonly choice: Choice
  readonly folder: RunFolder
  /** The checkpoint that it goes on from. */
  readonly found: Found
}

/**
 * The run that the flags ask for. The folder of a run that is resumed belongs to this process from now on; nothing in
 * it has changed.
 * @throws where the flags, or the folder that they name, do not fit.
 */
export async function choose(flags: Flags): Promise<Run> {
  if (flags.resume !== undefined) return resume(runFolder('--resume', flags.resume), flags)
  const choice =
    flags.repeat !== undefined ? repeated(readConfig(runFolder('--repeat', flags.repeat)), flags) : chosen(flags)
  const folder = new RunFolder(flags.run ?? newFolder(choice.flags))
  return { choice, folder, found: { checkpoint: undefined, warnings: [] } }
}

async function resume(folder: RunFolder, flags: Flags): Promise<Run> {
  await folder.claim()
  const choice = readConfig(folder)
  const { checkpoint, name, warnings } = await newestCheckpoint(folder, flags)
  // With --attention-from, that file comes before the first checkpoint.
  const own = choice.flags.attentionFrom === undefined ? [ATTENTION_FILE, MODEL_FILE] : [MODEL_FILE]
  const trained = own.find(file => folder.has(file))
  if (!checkpoint && trained !== undefined)
    throw new Error(
      `--resume: ${folder.dir} has ${trained}, but no checkpoint to go on from: put it back, or run the same once ` +
        `more:\n  ${repeatCommand(folder.dir)}`,
    )
  const said = checkpoint ? [] : [`${folder.dir} has no checkpoint yet: the run begins`]
  const goesOn = resumed(choice, flags, checkpoint?.position ?? NOTHING_DONE)
  return { choice: goesOn, folder, found: { checkpoint, ...(name ? { name } : {}), warnings: [...warnings, ...said] } }
}

/** The folder of a run that there is. @throws naming the flag. */
export function runFolder(flag: string, dir: string): RunFolder {
  try {
    return new RunFolder(dir, { resume: true })
  } catch (error) {
    throw new Error(`${flag}: ${(error as Error).message}`)
  }
}

/** `runs/2026-11-25T23-29-51-tiny` in the project's folder, with the arm where it is not TASN. */
const newFolder = ({ preset, arm }: Flags): string =>
  projectPath(
    'runs',
    `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${preset}${arm === 'tasn' ? '' : `-${arm}`}`,
  )

/** A preset's arm with the flags' changes. A data set keeps its place, wherever the run is resumed from. */
function chosen(flags: Flags): Choice {
  const { arm, preset, epochs, attentionEpochs, batch, accumulate, lr, attentionLr, pretrainedAttention } = flags
  if (attentionEpochs !== undefined && attentionEpochs >= (epochs ?? PRESETS[preset].training.epochs))
    throw new Error(`--attention-epochs ${attentionEpochs}: the classifier needs epochs after those, by --epochs`)
  const asked = defined({ epochs, attentionEpochs, batch, accumulate, lr, attentionLr })
  const changed = chooseArm(arm, preset, asked, pretrainedAttention !== undefined)
  const { attentionAfter } = changed.training
  // Here and not by setUp(), for which the images are read first.
  if (!hasAttentionNet(changed.model)) refuseAttentionFlags(flags)
  else if (attentionAfter === 'rests' && !changed.training.attentionEpochs && pretrainedAttention === undefined)
    throw new Error(
      '--attention-epochs 0: the attention net would keep the random numbers that it begins with; give it weights ' +
        'that have learnt by --pretrained-attention FILE, or epochs of its own',
    )
  return { flags: { ...flags, ...absolute(flags) }, ...changed }
}

/** @throws where a flag is about an attention net, and the arm has none: it would do nothing. */
function refuseAttentionFlags({ arm, attentionEpochs, attentionLr, pretrainedAttention, attentionFrom }: Flags): void {
  const given = Object.entries({
    '--attention-epochs': attentionEpochs,
    '--attention-lr': attentionLr,
    '--pretrained-attention': pretrainedAttention,
    '--attention-from': attentionFrom,
  }).find(([, value]) => value !== undefined)
  if (given) throw new Error(`${given[0]} does nothing here, for --arm ${arm} has no attention net: leave it out`)
}

/** Paths, as they are from anywhere. */
function absolute({ data, pretrained, pretrainedAttention, attentionFrom }: Flags): Partial<Flags> {
  const given = defined({ data, pretrained, pretrainedAttention, attentionFrom })
  return Object.fromEntries(Object.entries(given).map(([name, path]) => [name, resolve(path)]))
}

type Changes = Pick<Flags, 'epochs' | 'lr' | 'attentionLr' | 'data' | 'saveEvery' | 'keep'>

/**
 * The earlier run's choice with the flags' changes. Other rates, and other epochs, which stretch the curve of the
 * rates, hold from `done` on; what held until then is kept with the settings, so that the run can be repeated.
 * @throws where so many epochs are done already.
 */
export function resumed(choice: Choice, flags: Changes, done: Pick<Done, 'epochs' | 'steps'>): Choice {
  const { epochs, lr, attentionLr, data, saveEvery, keep } = flags
  const rates = defined({ epochs, lr, attentionLr })
  const { training } = choice
  const now = { ...training, ...rates }
  if (now.epochs < training.epochs && now.epochs <= done.epochs)
    throw new Error(`--epochs ${epochs}: that run has done ${done.epochs} already, so more than those are needed`)
  if (now.epochs < training.epochs && now.epochs <= training.attentionEpochs)
    throw new Error(
      `--epochs ${epochs}: in that run the attention net learns alone for ${training.attentionEpochs} epochs, so ` +
        'more than those are needed',
    )
  if (!sameRates(now, training) && now.epochs === done.epochs)
    throw new Error(`all ${done.epochs} epochs of that run are done: other rates need more epochs, by --epochs`)
  const others = defined({ ...rates, data: data === undefined ? undefined : resolve(data), saveEvery, keep })
  return {
    ...choice,
    flags: { ...choice.flags, ...others },
    training: sameRates(now, training) ? training : withPast(now, training, [done.epochs, done.steps]),
  }
}

const sameRates = (a: RateSettings, b: RateSettings): boolean =>
  a.epochs === b.epochs && a.lr === b.lr && a.attentionLr === b.attentionLr

/** The settings `now`, with those of `then` in force until the place [epoch, step]. */
function withPast(now: TrainingConfig, then: TrainingConfig, place: readonly [number, number]): TrainingConfig {
  const [epoch, step] = place
  const isPast = (until: readonly [number, number]) => until[0] < epoch || (until[0] === epoch && until[1] <= step)
  const past = (then.before ?? []).filter(p => isPast(p.until))
  const { epochs, lr, attentionLr } = then.before?.find(p => !isPast(p.until)) ?? then
  const last = past.at(-1)
  const trained = last ? last.until[0] < epoch || last.until[1] < step : epoch > 0 || step > 0
  const before = trained ? [...past, { until: place, epochs, lr, attentionLr }] : past
  return { ...now, before }
}

/**
 * The earlier run's choice, of which only --attention-from is left out. What that run took from another one, its
 * repetition computes: the bits are the same, and the other folder may be gone.
 */
export function repeated(
  { flags: { attentionFrom: _, ...flags }, ...choice }: Choice,
  { data, saveEvery, keep }: Pick<Flags, 'data' | 'saveEvery' | 'keep'> = {},
): Choice {
  const others = defined({ data: data === undefined ? undefined : resolve(data), saveEvery, keep })
  return { ...choice, flags: { ...flags, ...others } }
}

/**
 * The settings for a number of training images: with fewer than a batch, the batch shrinks to them, and with fewer
 * batches than a step adds up, it adds up fewer. What the flags ask for stays.
 */
export function fitted(training: TrainingConfig, images: number, asked: Flags): TrainingConfig {
  const batch = asked.batch ?? Math.min(training.batch, images)
  const accumulate = asked.accumulate ?? Math.max(1, Math.min(training.accumulate, Math.floor(images / batch)))
  return { ...training, batch, accumulate }
}

/** The changes that fitted() made, in words; undefined where there are none. */
export function fittedText(wanted: TrainingConfig, { batch, accumulate }: TrainingConfig, images: number) {
  const changes = [
    ...(batch !== wanted.batch ? [`batch ${batch} instead of ${wanted.batch}`] : []),
    ...(accumulate !== wanted.accumulate
      ? [`${accumulate} batch${accumulate > 1 ? 'es' : ''} a step instead of ${wanted.accumulate}`]
      : []),
  ]
  return changes.length ? `${images} training images: ${changes.join(', ')}` : undefined
}

/** The fields that have a value. */
export const defined = <T extends object>(o: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }
