/** The learning rates of a run's two optimisers over its epochs. */
import { cosine, warmUp } from '../nn/schedule.ts'
import type { RateSettings, TrainingConfig } from './training_config.ts'

/** The rates of a step; 0 for a part that does not learn in it. */
export interface Rates {
  readonly classifier: number
  readonly attention: number
}

export type Settings = Pick<TrainingConfig, 'epochs' | 'attentionAfter' | 'lr' | 'attentionLr' | 'warmUp' | 'before'>
export type RatesBy = (epoch: number, step: number) => Rates

/**
 * The rates by epoch and step in it, both from 0. A curve is a warm-up, then half a cosine.
 *
 * The classifier's curve covers the epochs after the attention net's own. The attention net's curve depends on
 * `attentionAfter`: `joint`, it covers all epochs; else it covers its own, and then the rate is 0 (`rests`) or follows
 * the classifier's curve (`restarts`).
 *
 * The steps before a change by --resume have the rates of `before`.
 */
export function ratesOf(settings: Settings, attentionEpochs: number, stepsPerEpoch: number): RatesBy {
  const now = curvesOf(settings, settings, attentionEpochs, stepsPerEpoch)
  const before = (settings.before ?? []).map(past => ({
    ...past,
    rates: curvesOf(settings, past, attentionEpochs, stepsPerEpoch),
  }))
  return (epoch, step) => {
    const past = before.find(p => epoch < p.until[0] || (epoch === p.until[0] && step < p.until[1]))
    return (past?.rates ?? now)(epoch, step)
  }
}

function curvesOf(
  { attentionAfter, warmUp: share }: Settings,
  { epochs, lr, attentionLr }: RateSettings,
  attentionEpochs: number,
  stepsPerEpoch: number,
): RatesBy {
  const curve = warmUp(share, cosine)
  const begins = attentionEpochs / epochs
  return (epoch, step) => {
    const done = (epoch * stepsPerEpoch + step) / (epochs * stepsPerEpoch)
    const alone = epoch < attentionEpochs
    const classifier = alone ? 0 : curve((done - begins) / (1 - begins))
    const after = { joint: curve(done), rests: 0, restarts: classifier }[attentionAfter]
    const attention = alone && attentionAfter !== 'joint' ? curve(done / begins) : after
    return { attention: attentionLr * attention, classifier: lr * classifier }
  }
}
