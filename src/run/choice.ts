/** A run as it was asked for: by flags, or by the folder of an earlier run that is resumed or repeated. */
import type { Choices } from '../engine/tune/choices.ts'
import { chooseArm } from '../train/arms.ts'
import type { Preset, TrainingConfig } from '../train/presets.ts'
import type { Flags } from './flags.ts'
import { RunFolder } from './folder.ts'
import { projectPath } from './project_path.ts'

/** The training to run: everything that config.json keeps of the command line. */
export interface Choice {
  readonly flags: Flags
  readonly training: TrainingConfig
  readonly model: Preset['model']
  /** Rungs that the run took by measurement: others would give other last bits. */
  readonly kernels?: Choices
}

/** The choice that the flags make, and the folder that the run goes into. @throws naming the flag that is wrong. */
export function choose(flags: Flags): { choice: Choice; folder: RunFolder } {
  if (flags.resume !== undefined) {
    const folder = runFolder('--resume', flags.resume)
    return { choice: resumed(readChoice(folder), flags), folder }
  }
  const choice = flags.repeat !== undefined ? repeated(readChoice(runFolder('--repeat', flags.repeat))) : chosen(flags)
  return { choice, folder: new RunFolder(flags.run ?? newFolder(choice.flags)) }
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

/** A preset's arm with the flags' changes. */
function chosen(flags: Flags): Choice {
  const { epochs, batch, accumulate, lr, attentionLr } = flags
  return { flags, ...chooseArm(flags.arm, flags.preset, defined({ epochs, batch, accumulate, lr, attentionLr })) }
}

const readChoice = (folder: RunFolder): Choice => {
  const { flags, training, model, kernels = {} } = folder.readJson('config.json') as Choice
  return { flags, training, model, kernels }
}

/** The earlier run's choice with --epochs raised, which stretches the curve of the learning rate. */
export function resumed(choice: Choice, { epochs }: Pick<Flags, 'epochs'>): Choice {
  if (epochs === undefined) return choice
  if (epochs < choice.training.epochs)
    throw new Error(`--epochs ${epochs}: that run was started for ${choice.training.epochs}; they can only be raised`)
  return { ...choice, flags: { ...choice.flags, epochs }, training: { ...choice.training, epochs } }
}

/**
 * The earlier run's choice, of which only --attention-from is left out. What that run took from another one, its
 * repetition computes: the bits are the same, and the other folder may be gone.
 */
export function repeated({ flags: { attentionFrom: _, ...flags }, ...choice }: Choice): Choice {
  return { ...choice, flags }
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
