/** The settings of runs, compared: those in a config.json with those that are asked for now. */

import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../io/json.ts'
import { hasAttentionNet, type TasnConfig } from '../tasn/config.ts'
import type { TrainingConfig } from '../train/training_config.ts'

/** The part of a run's config.json that decides about its bits. */
export interface RunConfig {
  readonly flags: {
    readonly seed: number
    readonly data?: string
    readonly classes?: number
    readonly limit?: number
    readonly heldOut?: boolean
    readonly pretrainedAttention?: string
  }
  readonly training: TrainingConfig
  readonly model: Omit<TasnConfig, 'classes'> & { readonly classes?: number }
}

/** A data set's place, whatever the way it was named. */
export const place = (data: unknown): string => (typeof data === 'string' ? resolve(data) : 'built in')

/** The places at which two settings differ, as `training.epochs was 14, now 3`. */
export function differences(then: unknown, now: unknown, at = ''): string[] {
  if (isDeepStrictEqual(then, now)) return []
  if (!isObject(then) || !isObject(now)) return [`${at} was ${JSON.stringify(then)}, now ${JSON.stringify(now)}`]
  return [...new Set([...Object.keys(then), ...Object.keys(now)])].flatMap(name =>
    differences(then[name], now[name], at ? `${at}.${name}` : name),
  )
}

/**
 * True if the attention net learns alone first, on a schedule of its own. Runs that differ only in what comes after
 * can share that part.
 */
export const learnsAlone = ({
  training: { attentionEpochs, attentionAfter },
  model,
}: Pick<RunConfig, 'training' | 'model'>): boolean =>
  attentionEpochs > 0 && attentionAfter !== 'joint' && hasAttentionNet(model)

/** All that its own epochs depend on: where it is equal, runs share them bit for bit. */
export function attentionSettings({
  flags: { seed, data, classes, limit, heldOut = false, pretrainedAttention },
  training,
  model,
}: RunConfig): object {
  const { attentionEpochs, attentionAfter, batch, accumulate, optimizer, headRate, momentum, weightDecay } = training
  const { warmUp, augmentation } = training
  const { attention, attentionSize, attentionResize, imageSize } = model
  return JSON.parse(
    JSON.stringify({
      seed,
      data: place(data),
      classes,
      limit,
      heldOut,
      pretrainedAttention,
      training: {
        attentionEpochs,
        ownSchedule: attentionAfter !== 'joint',
        attentionLr: attentionRates(training),
        batch,
        accumulate,
        optimizer,
        headRate,
        momentum,
        weightDecay,
        warmUp,
        augmentation,
      },
      model: { attention, attentionSize, attentionResize, imageSize },
    }),
  ) as object
}

/**
 * The largest rate of the attention net in its own epochs; where --resume changed it meanwhile, each with the place
 * [epoch, step] until which it held.
 */
function attentionRates({ attentionEpochs, attentionLr, before = [] }: TrainingConfig): unknown {
  const own = before.filter(p => p.until[0] < attentionEpochs)
  const last = before[own.length]?.attentionLr ?? attentionLr
  const changed = own.filter((p, i) => p.attentionLr !== (own[i + 1]?.attentionLr ?? last))
  return changed.length ? [...changed.map(p => [p.until, p.attentionLr]), last] : last
}
