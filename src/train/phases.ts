/** The phases of a training: which parameters learn together, and the steps by which they do. */
import type { Tensor } from '../engine/tensor.ts'
import type { GradientSum, Optimizer } from '../nn/optim.ts'
import { Tasn } from '../tasn/network.ts'
import type { Plain } from '../tasn/plain.ts'
import type { Plans } from './fit.ts'
import type { Rates } from './rates.ts'
import { type Numbers, readAttentionNumbers, readNumbers } from './report.ts'
import {
  applyStep,
  attentionStep,
  evaluateStep,
  type Inputs,
  type Runner,
  runner,
  trainStep,
  type Update,
} from './steps.ts'

/** The parts of a model that learn, each with an optimiser and a rate of its own. */
export type Learner = keyof Rates

/** A part of the training in which the same parameters learn. */
export interface Phase {
  /** Loss and gradient of a batch and, unless gradients are summed over batches, the update. */
  readonly step: Runner
  /** The update by the summed gradients, where they are summed. */
  readonly apply: Runner | undefined
  readonly learners: readonly Learner[]
  /** Reads what the step returned. */
  readonly numbers: (report: Tensor) => Promise<Numbers>
}

export interface Phases {
  /** The attention net alone, where it has epochs of its own. */
  readonly alone: Phase | undefined
  /** All parts, or all but an attention net that rests. */
  readonly together: Phase
}

/** A training's model, and who learns when. */
export interface Learning {
  readonly model: Tasn | Plain
  readonly params: Readonly<Record<Learner, ReadonlyMap<string, Tensor>>>
  readonly optimizers: Readonly<Record<Learner, Optimizer>>
  /** The sums of gradients, if `accumulate` batches make a step and not one. */
  readonly sums: GradientSum | undefined
  readonly accumulate: number
  /** Epochs at the start in which the attention net learns alone, and whether it rests after them. */
  readonly attentionEpochs: number
  readonly rests: boolean
}

export interface Recorded {
  readonly phases: Phases
  readonly testStep: Runner
  readonly plans: Plans
}

/** Records all steps on `inputs`, each by `make`. Nothing runs, and no plan has memory yet. */
export function recordPhases(
  { model, params, optimizers, sums, attentionEpochs, rests, accumulate }: Learning,
  inputs: Inputs,
  make: typeof runner = runner,
): Recorded {
  const updateOf = (...learners: Learner[]): Update & { learners: Learner[] } => ({
    learners,
    params: learners.flatMap(name => [...params[name].values()]),
    optimizers: learners.map(name => optimizers[name]),
    attentionRests: rests && !learners.includes('attention'),
  })
  const all = rests ? updateOf('classifier') : updateOf('attention', 'classifier')
  const own = attentionEpochs && model instanceof Tasn ? updateOf('attention') : undefined
  const together = make(() => trainStep(model, inputs, all, sums))
  const alone = own && make(() => attentionStep(model as Tasn, inputs, own, sums))
  const applyTogether = sums && make(() => applyStep(sums, all, accumulate))
  const applyAlone = sums && own && make(() => applyStep(sums, own, accumulate))
  const testStep = make(() => evaluateStep(model, inputs))
  const N = inputs.labels.size
  return {
    testStep,
    plans: [together, alone, applyTogether, applyAlone, testStep].flatMap(r => r?.plan ?? []),
    phases: {
      together: {
        step: together,
        apply: applyTogether,
        learners: all.learners,
        numbers: report => readNumbers(report, N, model.heads),
      },
      alone: alone && {
        step: alone,
        apply: applyAlone,
        learners: own!.learners,
        numbers: report => readAttentionNumbers(report, N),
      },
    },
  }
}
