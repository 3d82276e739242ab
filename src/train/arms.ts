/**
 * The arms of the ablation: TASN, its parts, and its rivals. Each is a change of a preset.
 *
 * Distillation trains the head `master`; test accuracy is that of `shared(master)`, the head that predicts. So an arm
 * that changes the distillation moves test accuracy only through the network below both heads. The report therefore
 * gives the accuracy of both.
 */
import { hasAttentionNet, type TasnConfig } from '../tasn/config.ts'
import { PRESETS, type Preset, type PresetName } from './presets.ts'
import type { TrainingConfig } from './training_config.ts'

export interface Arm {
  /** For the table. */
  readonly title: string
  readonly change: (preset: Preset) => Preset
  /** The arm whose best learning rate it takes: a search for each would cost several times as much. */
  readonly rateOf: 'plain' | 'tasn'
  /**
   * Its epochs as a share of the others', if it gets fewer: there is no attention net to wait for, or a step costs
   * much more.
   */
  readonly share?: number
}

type Model = Preset['model']
const training =
  (change: Partial<TrainingConfig>) =>
  (p: Preset): Preset => ({ ...p, training: { ...p.training, ...change } })
const model =
  (change: (m: Model) => Partial<TasnConfig>) =>
  (p: Preset): Preset => ({ ...p, model: { ...p.model, ...change(p.model) } })
/**
 * A classifier without an attention net: nothing has to learn first, so all epochs are its own. Its loss has one term,
 * of weight 1.
 */
const plain =
  (change: (m: Model) => Partial<TasnConfig>) =>
  (p: Preset): Preset =>
    model(m => ({ weights: { ...m.weights, sharedMaster: 1 }, ...change(m) }))({
      ...p,
      training: { ...p.training, attentionEpochs: 0 },
    })
const trilinear = (change: Partial<TasnConfig['trilinear']>) =>
  model(m => ({ trilinear: { ...m.trilinear, ...change } }))

const structureAlone = (m: Model): Partial<TasnConfig> => ({
  partNet: false,
  weights: { ...m.weights, part: 0, sharedPart: 0, soft: 0 },
})

const exact = (m: Model): Model['maps'] => ({ ...m.maps, sampler: { ...m.maps.sampler, cap: 'exact' } })

/** Their type has the names alone: what each holds is no type of its own. */
const named = <Name extends string>(arms: Readonly<Record<Name, Arm>>): Readonly<Record<Name, Arm>> => arms

export const ARMS = named({
  plain: {
    title: 'plain classifier, image shrunk evenly',
    rateOf: 'plain',
    share: 0.6,
    change: plain(() => ({ look: 'shrunk' })),
  },
  'plain-mid': {
    title: 'plain classifier, image shrunk to what the attention net sees',
    rateOf: 'plain',
    share: 0.6,
    change: plain(m => ({ look: 'shrunk', classifierSize: m.attentionSize })),
  },
  'plain-full': {
    title: 'plain classifier, image at full size',
    rateOf: 'plain',
    share: 0.3,
    change: plain(m => ({
      look: 'shrunk',
      classifierSize: m.imageSize,
      classifier: 'pool' in m.classifier ? { ...m.classifier, pool: true } : m.classifier,
    })),
  },
  structure: {
    title: 'structure sampling alone',
    rateOf: 'tasn',
    change: model(structureAlone),
  },
  'structure-by-mean': {
    title: 'structure sampling by the plain mean of the channels, no trilinear product',
    rateOf: 'tasn',
    change: model(m => ({ ...structureAlone(m), trilinear: { ...m.trilinear, product: false } })),
  },
  part: {
    title: 'structure sampling, part-net',
    rateOf: 'tasn',
    change: model(m => ({ weights: { ...m.weights, soft: 0 } })),
  },
  tasn: { title: 'TASN: structure sampling, part-net, distillation', rateOf: 'tasn', change: p => p },
  'no-inner-softmax': {
    title: 'TASN without the inner softmax',
    rateOf: 'tasn',
    change: trilinear({ innerSoftmax: false }),
  },
  'no-outer-softmax': {
    title: 'TASN without the outer softmax',
    rateOf: 'tasn',
    change: trilinear({ outerSoftmax: false }),
  },
  'raw-channels': {
    title: 'TASN on raw channels, no trilinear product',
    rateOf: 'tasn',
    change: trilinear({ product: false }),
  },
  'no-clamp': {
    title: 'TASN without clamp-and-redistribute, axes not coupled',
    rateOf: 'tasn',
    change: model(m => ({ maps: { ...m.maps, sampler: { ...m.maps.sampler, iterations: 0 } } })),
  },
  'detail-by-mean': {
    title: 'TASN, detail sample by the mean map',
    rateOf: 'tasn',
    change: model(m => ({ maps: { ...m.maps, detail: 'mean' } })),
  },
  'strong-soft': {
    title: 'TASN, distillation stronger by T² = 100',
    rateOf: 'tasn',
    change: model(m => ({ weights: { ...m.weights, soft: m.temperature ** 2 } })),
  },
  restarts: {
    title: 'TASN, exact cap, attention net learning on beside the classifier',
    rateOf: 'tasn',
    change: p => training({ attentionAfter: 'restarts' })(model(m => ({ maps: exact(m) }))(p)),
  },
  'sampler-gradient': {
    title: "TASN, exact cap, attention net moved by the classifier's loss, too",
    rateOf: 'tasn',
    change: p => training({ attentionAfter: 'restarts' })(model(m => ({ maps: exact(m), samplerGradient: true }))(p)),
  },
  'mirror-test': {
    title: 'TASN, mirrored sample averaged in at test time',
    rateOf: 'tasn',
    change: model(() => ({ mirrorTest: true })),
  },
  'true-box': {
    title: 'sampler fed with the true box',
    rateOf: 'tasn',
    share: 0.6,
    // A box has its contrast already: gamma is for means of features.
    change: plain(m => ({ look: 'box', maps: { ...m.maps, gamma: 1 } })),
  },
})

export type ArmName = keyof typeof ARMS

/** Settings that the command line can change. */
export type Asked = Partial<
  Pick<TrainingConfig, 'epochs' | 'attentionEpochs' | 'batch' | 'accumulate' | 'lr' | 'attentionLr'>
>
/** Share of the epochs in which an attention net learns that a preset expects to have learnt before. */
const UNTRAINED = 1 / 3

/**
 * An arm of a preset with what the command line asks for. Of a shorter or longer training, the attention net alone
 * keeps its share.
 *
 * @param trainedAttention the attention net gets weights that have learnt. Without them one that the preset lets rest
 *   from the first step learns alone first, unless `asked` says otherwise.
 */
export function chooseArm(arm: ArmName, preset: PresetName, asked: Asked, trainedAttention = false): Preset {
  const { model, training: usual } = ARMS[arm].change(PRESETS[preset])
  const training = { ...usual, ...asked }
  const { epochs, attentionAfter } = training
  if (!hasAttentionNet(model)) return { model, training: { ...training, attentionEpochs: 0 } }
  const untrained = attentionAfter === 'rests' && !trainedAttention ? UNTRAINED : 0
  const share = usual.attentionEpochs / usual.epochs || untrained
  const own = Math.max(Math.floor(epochs * share), share && 1)
  const attentionEpochs = Math.min(asked.attentionEpochs ?? own, epochs - 1)
  // A single epoch is for all to learn in.
  const joint = attentionAfter === 'rests' && !attentionEpochs && share > 0 && asked.attentionEpochs === undefined
  const frozen = attentionAfter === 'rests' && !attentionEpochs && !joint
  return {
    // Nothing is asked of the head of an attention net that never learns.
    model: frozen ? { ...model, weights: { ...model.weights, attention: 0 } } : model,
    training: { ...training, attentionEpochs, attentionAfter: joint ? 'joint' : attentionAfter },
  }
}
