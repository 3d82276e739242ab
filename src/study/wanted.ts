/** A run of the ablation that is asked for: its arm, its settings, and the flags that `npm run train` gets for it. */
import type { Fingerprint } from '../data/fingerprint.ts'
import { hasAttentionNet } from '../tasn/config.ts'
import { ARMS, type Arm, type ArmName, chooseArm } from '../train/arms.ts'
import type { Preset, PresetName } from '../train/presets.ts'

/** The preset that arms change, and the files with the first weights of its nets, if any. */
export interface Base {
  readonly preset: PresetName
  readonly pretrained?: string | undefined
  readonly pretrainedAttention?: string | undefined
}

/** A run that is asked for. */
export interface Wanted extends Base {
  readonly arm: ArmName
  readonly lr: number
  readonly seed: number
  readonly epochs: number
  readonly data: string | undefined
  /** The first so many of its classes; all of them if not given. */
  readonly classes?: number | undefined
  /** Without the images that cannot be used. */
  readonly skipDamaged?: true | undefined
  /** The fingerprint of the data, if it is known. */
  readonly print?: Fingerprint | undefined
  /** Trained and tested on training images only, to choose a rate by. */
  readonly heldOut: boolean
  readonly folder: string
  /** Folder of the run with the same attention net, which is trained once for both. */
  readonly attentionFrom?: string | undefined
}

/** Epochs of TASN in which the attention net learns alone. */
export const aloneOf = ({ preset, pretrainedAttention }: Base, epochs: number): number =>
  chooseArm('tasn', preset, { epochs }, pretrainedAttention !== undefined).training.attentionEpochs

/** Epochs of an arm where the others have `epochs`. All have as many where no attention net learns first. */
export const epochsOf = (arm: ArmName, epochs: number, base: Base): number =>
  aloneOf(base, epochs) ? Math.max(1, Math.round(epochs * ((ARMS[arm] as Arm).share ?? 1))) : epochs

/** Settings of a run. */
export const settingsOf = ({ arm, preset, lr, epochs, pretrainedAttention }: Wanted): Preset =>
  chooseArm(arm, preset, { lr, epochs }, pretrainedAttention !== undefined)

/** Its files with first weights; an arm without an attention net has none for that. */
export function weightsOf(wanted: Wanted): Omit<Base, 'preset'> {
  const { pretrained, pretrainedAttention } = wanted
  return {
    pretrained,
    pretrainedAttention: hasAttentionNet(settingsOf(wanted).model) ? pretrainedAttention : undefined,
  }
}

/** Flags of `npm run train` for it. */
export function flagsOf(wanted: Wanted): string[] {
  const { preset, arm, lr, seed, epochs, data, classes, skipDamaged, heldOut, folder, attentionFrom } = wanted
  const { pretrained, pretrainedAttention } = weightsOf(wanted)
  const given = Object.entries({
    '--preset': preset,
    '--arm': arm,
    '--seed': seed,
    '--lr': lr,
    '--epochs': epochs,
    '--data': data,
    '--classes': classes,
    '--pretrained': pretrained,
    '--pretrained-attention': pretrainedAttention,
    '--attention-from': attentionFrom,
    '--evaluate-every': epochs,
    '--run': folder,
  })
  return [
    ...given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, `${value}`])),
    ...(heldOut ? ['--held-out'] : []),
    ...(skipDamaged ? ['--skip-damaged'] : []),
  ]
}
