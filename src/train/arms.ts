/** The arms of the ablation: TASN, what it is made of, and what it is compared with. Each is a change of a preset. */
import type { TasnConfig } from '../models/tasn.ts'
import type { Preset } from './presets.ts'

export interface Arm {
  /** For the table. */
  readonly title: string
  readonly change: (preset: Preset) => Preset
}

type Model = Preset['model']
const model = (change: (m: Model) => Partial<TasnConfig>) => (p: Preset): Preset => ({ ...p, model: { ...p.model, ...change(p.model) } })
/** Without an attention net nothing has to learn first: all epochs are the classifier's. */
const plain = (change: (m: Model) => Partial<TasnConfig>) => (p: Preset): Preset => model(change)({ ...p, training: { ...p.training, attentionEpochs: 0 } })
const trilinear = (change: Partial<TasnConfig['trilinear']>) => model(m => ({ trilinear: { ...m.trilinear, ...change } }))

export const ARMS = {
  plain: { title: 'plain classifier, image shrunk evenly', change: plain(() => ({ look: 'shrunk' })) },
  'plain-full': { title: 'plain classifier, image at full size', change: plain(m => ({ look: 'shrunk', classifierSize: m.imageSize })) },
  structure: { title: 'structure sampling alone', change: model(m => ({ partNet: false, weights: { ...m.weights, part: 0, sharedPart: 0, soft: 0 } })) },
  part: { title: '+ part-net', change: model(m => ({ weights: { ...m.weights, soft: 0 } })) },
  tasn: { title: '+ distillation: TASN', change: p => p },
  'no-inner-softmax': { title: 'TASN without the inner softmax', change: trilinear({ innerSoftmax: false }) },
  'no-outer-softmax': { title: 'TASN without the outer softmax', change: trilinear({ outerSoftmax: false }) },
  'raw-channels': { title: 'TASN on raw channels, no trilinear product', change: trilinear({ product: false }) },
  'no-clamp': { title: 'TASN without clamp-and-redistribute', change: model(m => ({ maps: { ...m.maps, sampler: { ...m.maps.sampler, iterations: 0 } } })) },
  'detail-by-mean': { title: 'TASN, detail sample by the mean map', change: model(m => ({ maps: { ...m.maps, detail: 'mean' } })) },
  'true-box': { title: 'sampler fed with the true box', change: plain(() => ({ look: 'box' })) },
} as const satisfies Record<string, Arm>

export type ArmName = keyof typeof ARMS
