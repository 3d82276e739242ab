/** The learning rates of a run's two optimisers over its epochs. */
import { cosine, warmUp } from '../nn/schedule.ts'
import type { TrainingConfig } from './presets.ts'

/** The rates of a step; zero for what does not learn in it. */
export interface Rates {
  readonly classifier: number
  readonly attention: number
}

type Settings = Pick<TrainingConfig, 'epochs' | 'attentionAfter' | 'lr' | 'attentionLr' | 'warmUp'>

/**
 * The rates in step `step` of epoch `epoch`, both from 0; the step may be a fraction. The classifier's curve (a
 * warm-up, then half a cosine) starts after the attention net's own `attentionEpochs`. The attention net's covers all
 * epochs if that comes to learn jointly, else its own, after which it rests, or restarts on the classifier's curve:
 * TrainingConfig.attentionAfter.
 */
export function ratesOf(
  { epochs, attentionAfter, lr, attentionLr, warmUp: share }: Settings,
  attentionEpochs: number,
  stepsPerEpoch: number,
): (epoch: number, step: number) => Rates {
  const curve = warmUp(share, cosine)
  const begins = attentionEpochs / epochs
  const rests = attentionEpochs > 0 && attentionAfter === 'rests'
  return (epoch, step) => {
    const done = (epoch * stepsPerEpoch + step) / (epochs * stepsPerEpoch)
    const alone = epoch < attentionEpochs
    const classifier = alone ? 0 : curve((done - begins) / (1 - begins))
    const attention =
      attentionAfter === 'joint' || !attentionEpochs
        ? curve(done)
        : alone
          ? curve(done / begins)
          : rests
            ? 0
            : classifier
    return { attention: attentionLr * attention, classifier: lr * classifier }
  }
}
