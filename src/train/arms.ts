/** The arms of the ablation: TASN, what it is made of, and what it is compared with. Each is a change of a preset. */
import type { TasnConfig } from '../models/tasn.ts'
import { PRESETS, type Preset, type PresetName, type TrainingConfig } from './presets.ts'

export interface Arm {
  /** For the table. */
  readonly title: string
  readonly change: (preset: Preset) => Preset
  /** Whose search for a learning rate it takes part in: one among arms of about the same compute. */
  readonly rates: 'plain' | 'tasn'
  /** Not as many epochs as the others, but this share of them: a step costs so much more. */
  readonly share?: number
}

type Model = Preset['model']
const training = (change: Partial<TrainingConfig>) => (p: Preset): Preset => ({ ...p, training: { ...p.training, ...change } })
const model = (change: (m: Model) => Partial<TasnConfig>) => (p: Preset): Preset => ({ ...p, model: { ...p.model, ...change(p.model) } })
/** Without an attention net nothing has to learn first: all epochs are the classifier's. */
const plain = (change: (m: Model) => Partial<TasnConfig>) => (p: Preset): Preset => model(change)({ ...p, training: { ...p.training, attentionEpochs: 0 } })
const trilinear = (change: Partial<TasnConfig['trilinear']>) => model(m => ({ trilinear: { ...m.trilinear, ...change } }))

const exact = (m: Model): Model['maps'] => ({ ...m.maps, sampler: { ...m.maps.sampler, cap: 'exact' } })

export const ARMS = {
  plain: { title: 'plain classifier, image shrunk evenly', rates: 'plain', change: plain(() => ({ look: 'shrunk' })) },
  'plain-full': { title: 'plain classifier, image at full size', rates: 'plain', share: 1 / 3, change: plain(m => ({ look: 'shrunk', classifierSize: m.imageSize, classifier: { ...m.classifier, pool: true } })) },
  structure: { title: 'structure sampling alone', rates: 'tasn', change: model(m => ({ partNet: false, weights: { ...m.weights, part: 0, sharedPart: 0, soft: 0 } })) },
  part: { title: '+ part-net', rates: 'tasn', change: model(m => ({ weights: { ...m.weights, soft: 0 } })) },
  tasn: { title: '+ distillation: TASN', rates: 'tasn', change: p => p },
  'no-inner-softmax': { title: 'TASN without the inner softmax', rates: 'tasn', change: trilinear({ innerSoftmax: false }) },
  'no-outer-softmax': { title: 'TASN without the outer softmax', rates: 'tasn', change: trilinear({ outerSoftmax: false }) },
  'raw-channels': { title: 'TASN on raw channels, no trilinear product', rates: 'tasn', change: trilinear({ product: false }) },
  'no-clamp': { title: 'TASN without clamp-and-redistribute', rates: 'tasn', change: model(m => ({ maps: { ...m.maps, sampler: { ...m.maps.sampler, iterations: 0 } } })) },
  'detail-by-mean': { title: 'TASN, detail sample by the mean map', rates: 'tasn', change: model(m => ({ maps: { ...m.maps, detail: 'mean' } })) },
  'exact-cap': { title: 'TASN, exact cap', rates: 'tasn', change: model(m => ({ maps: exact(m) })) },
  'sampler-gradient': { title: 'TASN, exact cap, differentiable sampler', rates: 'tasn', change: p => training({ attentionAfter: 'restarts' })(model(m => ({ maps: exact(m), samplerGradient: true }))(p)) },
  'two-details': { title: 'TASN, two detail views', rates: 'tasn', change: model(() => ({ detailViews: 2 })) },
  'mean-teacher': { title: 'TASN, teacher a running mean', rates: 'tasn', change: model(() => ({ teacherDecay: 0.99 })) },
  'mirror-test': { title: 'TASN, mirrored sample averaged in at test time', rates: 'tasn', change: model(() => ({ mirrorTest: true })) },
  joint: { title: 'TASN, attention net learning on beside the classifier', rates: 'tasn', change: training({ attentionAfter: 'joint' }) },
  'true-box': { title: 'sampler fed with the true box', rates: 'tasn', change: plain(() => ({ look: 'box' })) },
} as const satisfies Record<string, Arm>

export type ArmName = keyof typeof ARMS

/** An arm of a preset with what the command line asks for. Of a shorter or longer training, the attention net alone keeps its share. */
export function chooseArm(arm: ArmName, preset: PresetName, asked: Partial<Pick<TrainingConfig, 'epochs' | 'batch' | 'accumulate' | 'lr' | 'attentionLr'>>): Preset {
  const { model, training: usual } = ARMS[arm].change(PRESETS[preset]), training = { ...usual, ...asked }
  return { model, training: { ...training, attentionEpochs: Math.floor(training.epochs * usual.attentionEpochs / usual.epochs) } }
}
