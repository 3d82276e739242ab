/** The runs of the ablation: which of them share an attention net, and what is there of them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprintDifferences } from '../data/fingerprint.ts'
import { defined } from '../run/choice.ts'
import type { RunData } from '../run/config.ts'
import { ATTENTION_FILE } from '../run/folder.ts'
import { attentionSettings, differences, learnsAlone, place } from '../run/settings.ts'
import type { Answers, Summary } from '../run/summary.ts'
import type { TasnConfig } from '../tasn/config.ts'
import type { ArmName } from '../train/arms.ts'
import { settingsOf, type Wanted, weightsOf } from './wanted.ts'

/** A run with an attention net that others can take. */
const hasAttention = (folder: string): boolean => existsSync(join(folder, ATTENTION_FILE))

/**
 * The same runs, but those whose settings begin with the same attention net share it: they take it from one of `others`
 * that has it, or from the first among themselves.
 */
export function shareAttention(wanted: readonly Wanted[], others: readonly Wanted[] = []): Wanted[] {
  const folders = new Map<string, string>()
  const share = (w: Wanted): Wanted => {
    const { model, training } = settingsOf(w)
    if (!learnsAlone({ model, training })) return w
    const { seed, data, classes, heldOut, pretrainedAttention } = w
    const flags = { seed, heldOut, ...defined({ data, classes, pretrainedAttention }) }
    const key = JSON.stringify(attentionSettings({ flags, model, training }))
    const attentionFrom = folders.get(key)
    if (attentionFrom === undefined && (hasAttention(w.folder) || !finished(w))) folders.set(key, w.folder)
    return attentionFrom === undefined || attentionFrom === w.folder ? w : { ...w, attentionFrom }
  }
  others.filter(w => hasAttention(w.folder) && !settingsChanged(w).length).forEach(share)
  return wanted.map(share)
}

/** The run can start: what it takes from another one is there. */
export const ready = ({ attentionFrom }: Wanted): boolean => attentionFrom === undefined || hasAttention(attentionFrom)

/** Left by a run whose rate was to be tried, and made its numbers infinite or NaN: no other start would help it. */
export const DIVERGED_FILE = 'diverged.txt'
export const diverged = ({ folder }: Pick<Wanted, 'folder'>): boolean => existsSync(join(folder, DIVERGED_FILE))

export const finished = (w: Wanted): boolean => existsSync(join(w.folder, 'summary.json')) || diverged(w)
export const begun = ({ folder }: Wanted): boolean => existsSync(join(folder, 'config.json'))

/** A JSON file of a run's folder. */
export const readJson = (folder: string, name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))

/** @throws where the folder holds a run with other settings: what it measured is not what is asked for. */
export function checkSettings(wanted: Wanted): void {
  const changed = settingsChanged(wanted)
  if (changed.length)
    throw new Error(
      `${wanted.folder} holds a run with other settings (${changed.slice(0, 3).join('; ')}): give the flags it was ` +
        'trained with (--epochs, --rates, --data, --classes), or name another folder with --out',
    )
}

function settingsChanged(wanted: Wanted): string[] {
  if (!begun(wanted)) return []
  const {
    flags,
    training,
    model,
    data: then,
  } = readJson(wanted.folder, 'config.json') as {
    flags: Record<string, unknown>
    data?: RunData
    training: Record<string, unknown>
    model: Record<string, unknown>
  }
  const now = settingsOf(wanted)
  // The trainer fits batch and accumulate to few images, and the data say how many classes there are.
  const { batch: _b, accumulate: _a, ...trainingThen } = training
  const { batch: _, accumulate: __, ...trainingNow } = now.training
  const { classes: _c, ...modelThen } = model
  // Where both fingerprints are known, the place of the data does not matter.
  const prints = then && wanted.print ? fingerprintDifferences(then.fingerprint, wanted.print) : undefined
  const changed = differences(
    {
      seed: flags.seed,
      data: prints ? undefined : place(flags.data),
      classes: prints ? undefined : flags.classes,
      heldOut: flags.heldOut ?? false,
      pretrained: flags.pretrained,
      pretrainedAttention: flags.pretrainedAttention,
      training: trainingThen,
      model: modelThen,
    },
    JSON.parse(
      JSON.stringify({
        seed: wanted.seed,
        data: prints ? undefined : place(wanted.data),
        classes: prints ? undefined : wanted.classes,
        heldOut: wanted.heldOut,
        ...weightsOf(wanted),
        training: trainingNow,
        model: now.model,
      }),
    ),
  )
  return [...(prints ?? []), ...changed]
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

/** The runs of an arm, one a seed, with the learning rate of all of them. */
export interface Result {
  readonly arm: ArmName
  readonly lr: number
  readonly runs: readonly Run[]
}

/** The test accuracies of the head that predicts, seed by seed. */
export const accuraciesOf = ({ runs }: Result): number[] => runs.map(r => r.summary.final.sharedMaster)

/** The arms of which all seeds are finished, in the order of `arms`. */
export const resultsOf = (wanted: readonly Wanted[], arms: readonly ArmName[], seeds: number): Result[] =>
  arms
    .map((arm): Result => {
      const own = wanted.filter(w => w.arm === arm)
      return { arm, lr: own[0]!.lr, runs: own.map(load).filter(r => r !== undefined) }
    })
    .filter(r => r.runs.length === seeds)
