/** TrainingConfig: the settings of a training beside its model. */
import type { Augmentation } from './augmentation.ts'

/** The settings that a run can change while it goes on. */
export interface RateSettings {
  epochs: number
  /** Largest learning rate of the classifier and its heads, and that of the attention net. */
  lr: number
  attentionLr: number
}

/** The settings that a run had before it went on with others. */
export interface PastRates extends RateSettings {
  /** They held until this epoch and step in it, both from 0. */
  until: readonly [epoch: number, step: number]
}

export interface TrainingConfig extends RateSettings {
  /**
   * Epochs at the start in which only the attention net learns: until its maps say something, the samples say nothing.
   */
  attentionEpochs: number
  /**
   * The attention net's part after them.
   *
   * `joint`: it learns on with the rest, its rate on one curve over all epochs. Published, with no epochs of its own.
   *
   * `rests`: its rate has a schedule of its own, which ends with its own epochs. From then on it stays as it is. A step
   * then costs a third less, and the classifier sees samples that no longer change. The classifier loses nothing by it:
   * the attention net learns from its own loss alone, unless TasnConfig.samplerGradient is set. With no epochs of its
   * own it stays as it was loaded: it must have been trained before.
   *
   * `restarts`: the same schedule, but afterwards it learns on with the classifier's. With samplerGradient, the
   * classifier's loss then moves it, too.
   */
  attentionAfter: 'joint' | 'rests' | 'restarts'
  /** Images a launch sequence works on at once. */
  batch: number
  /** Micro-batches whose gradients are added up before a step. */
  accumulate: number
  optimizer: 'sgd' | 'adamw'
  /**
   * The heads' learning rate over that of the layers below. Default 1. The features of a pretrained MobileNet go up to
   * 6: heads on them diverge at rates that the layers below can take.
   */
  headRate?: number
  momentum: number
  weightDecay: number
  /** Share of a schedule over which the rate rises from zero, before half a cosine takes it back there. */
  warmUp: number
  augmentation: Augmentation
  /** Rates and epochs that --resume has changed since, the oldest first. */
  before?: readonly PastRates[]
}
