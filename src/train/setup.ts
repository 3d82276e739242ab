/** Builds all that a training needs: model, loaders, optimisers, and the steps, compiled and ready to run. */
import type { Dataset } from '../data/dataset.ts'
import type { ImageCache } from '../data/feed/image_cache.ts'
import { type ImagePool, Loader } from '../data/loader.ts'
import { Random } from '../engine/random.ts'
import type { Tensor } from '../engine/tensor.ts'
import { release } from '../engine/transfer.ts'
import { AdamW, GradientSum, type Optimizer, ParameterGroups, SGD } from '../nn/optim.ts'
import { hasAttentionNet, type TasnConfig } from '../tasn/config.ts'
import type { Tasn } from '../tasn/network.ts'
import type { Plain } from '../tasn/plain.ts'
import { makeRecogniser } from '../tasn/recogniser.ts'
import { checkBoxes } from './box_maps.ts'
import { bytesOf, largestBatch, type Plans, readyOrExplain } from './fit.ts'
import { type Learner, type Phases, recordPhases } from './phases.ts'
import { type Done, NOTHING_DONE } from './position.ts'
import { type Rates, ratesOf } from './rates.ts'
import { eagerRunner, type Inputs, makeInputs, type Runner } from './steps.ts'
import type { TrainingConfig } from './training_config.ts'

/**
 * Streams of the run's seed, one for each purpose, so that using one does not move another. The order of the images
 * (data/loader.ts) and the detail maps of pictures (run/pictures.ts) have streams of their own there.
 */
export const STREAM = { weights: 1, epoch: 1000 } as const

/** A training, ready to begin or to go on. */
export interface Training {
  readonly model: Tasn | Plain
  readonly settings: TrainingConfig
  readonly seed: number
  readonly dataset: Dataset
  readonly loaders: { readonly train: Loader; readonly test: Loader }
  readonly inputs: Inputs
  readonly optimizers: Readonly<Record<Learner, Optimizer>>
  /** Epochs at the start in which the attention net learns alone; 0 for a model without one. */
  readonly attentionEpochs: number
  /** After them the attention net rests; with none of its own, from the first step. */
  readonly rests: boolean
  readonly stepsPerEpoch: number
  readonly rates: (epoch: number, step: number) => Rates
  readonly phases: Phases
  /** Tests a batch. */
  readonly testStep: Runner
  /** The plans of all steps. */
  readonly plans: Plans
  /** The same steps without plans: slower, and open to the debug switches. Nothing of a step that failed is in them. */
  readonly eagerly: () => Pick<Training, 'phases' | 'testStep'>
  /** The largest batch whose steps take at most this share of the memory that the steps of `settings.batch` take. */
  readonly batchFor: (share: number) => number
  /** The place that it has reached: the loop moves it, a checkpoint keeps it. */
  done: Done
}

export interface SetupOptions {
  readonly config: TasnConfig
  readonly settings: TrainingConfig
  readonly dataset: Dataset
  readonly seed: number
  /** Gives the decoded images: `decodePool` of data/feed/pool.ts from files, inMemory() of data/birds drawn ones. */
  readonly pool: ImagePool
  /** Images that an earlier run decoded, on disk. Default: none. */
  readonly images?: ImageCache | undefined
  /** Replaces the first weights, before anything is compiled. */
  readonly pretrained?: ((model: Tasn | Plain) => Promise<void>) | undefined
  /** true where `pretrained`, or a checkpoint that follows, gives the attention net weights that it has learnt. */
  readonly trainedAttention?: boolean | undefined
}

/**
 * Sets a training up.
 * @throws where the data do not fill a step, or a step does not fit the adapter, naming the flag that helps; where an
 *   attention net is to rest from the beginning that has never learnt.
 */
export async function setUp(options: SetupOptions): Promise<Training> {
  const { config, settings, dataset, seed, pool, pretrained, trainedAttention = false } = options
  const { batch, accumulate } = settings
  const attends = hasAttentionNet(config)
  const attentionEpochs = attends ? settings.attentionEpochs : 0
  const rests = attends && settings.attentionAfter === 'rests'
  if (rests && !attentionEpochs && !trainedAttention)
    throw new Error(
      'the attention net rests from the first step, and its weights are random: give it some that have learnt ' +
        '(trainedAttention), or epochs of its own (attentionEpochs)',
    )
  pool.start?.() // its threads are ready when the steps are compiled
  const model = makeRecogniser(new Random(seed, STREAM.weights), config)
  await pretrained?.(model)

  const loaders = loadersOf(options)
  const stepsPerEpoch = Math.floor(loaders.train.batches / accumulate)
  if (!stepsPerEpoch)
    throw new Error(
      `an epoch has ${loaders.train.batches} batches of ${batch}, which is less than one step of --accumulate ` +
        `${accumulate}`,
    )
  const mapSize = config.look === 'box' ? (config.maps.mapSize ?? config.imageSize) : undefined
  if (mapSize) checkBoxes(dataset)

  const params = parametersOf(model)
  const optimizers = {
    attention: optimizerOf(params.attention, settings),
    classifier: optimizerOf(params.classifier, settings),
  }
  const sums = accumulate > 1 ? new GradientSum(model.parameters()) : undefined
  const learning = { model, params, optimizers, sums, attentionEpochs, rests, accumulate }
  const record = (inputs: Inputs) => recordPhases(learning, inputs)
  const inputs = makeInputs(batch, config.imageSize, mapSize)
  const { phases, testStep, plans } = record(inputs)
  const plansFor = (other: number): Plans => {
    const smaller = makeInputs(other, config.imageSize, mapSize)
    const { plans } = record(smaller)
    for (const t of Object.values(smaller) as Tensor[]) release(t)
    return plans
  }
  await readyOrExplain(plans, settings, plansFor)
  return {
    model,
    settings,
    seed,
    dataset,
    loaders,
    inputs,
    optimizers,
    attentionEpochs,
    rests,
    stepsPerEpoch,
    rates: ratesOf(settings, attentionEpochs, stepsPerEpoch),
    phases,
    testStep,
    plans,
    eagerly: () => {
      sums?.clear()
      return recordPhases(learning, inputs, eagerRunner)
    },
    batchFor: share => largestBatch(settings, share * bytesOf(plans), plansFor),
    done: NOTHING_DONE,
  }
}

function loadersOf({ config, settings: { batch }, dataset, seed, pool, images }: SetupOptions): Training['loaders'] {
  const [size, width] = config.imageSize
  if (size !== width) throw new Error(`the loader cuts squares; imageSize is ${size} x ${width}`)
  const { upright } = dataset
  return {
    train: new Loader(dataset.train, { size, batch, seed, train: true, pool, images, upright }),
    test: new Loader(dataset.test, { size, batch, seed, train: false, pool, images, upright }),
  }
}

/** The parameters of a model by who learns them. */
export function parametersOf(model: Tasn | Plain): Record<Learner, Map<string, Tensor>> {
  const all = [...model.parameters()]
  const isAttention = ([name]: [string, Tensor]) => name.startsWith('attention.')
  return { attention: new Map(all.filter(isAttention)), classifier: new Map(all.filter(p => !isAttention(p))) }
}

/** The layers behind the features of a network: the heads, and the attention net's batch norm before its own. */
const isHead = (name: string): boolean => /^(part|master|shared|attention\.(bn|fc))\./.test(name)

/**
 * The optimiser of a learner's parameters, in two groups if the heads have a rate of their own. `momentum` is SGD's.
 * With b2 = 0.99 AdamW's mean of squared gradients spans some 100 steps.
 */
function optimizerOf(params: ReadonlyMap<string, Tensor>, settings: TrainingConfig): Optimizer {
  const { optimizer, headRate = 1, momentum, weightDecay } = settings
  const make = (named: ReadonlyMap<string, Tensor>): Optimizer =>
    optimizer === 'adamw' ? new AdamW(named, { b2: 0.99, weightDecay }) : new SGD(named, { momentum, weightDecay })
  if (headRate === 1) return make(params)
  const group = (heads: boolean) => make(new Map([...params].filter(([name]) => isHead(name) === heads)))
  return new ParameterGroups([
    { optimizer: group(false), factor: 1 },
    { optimizer: group(true), factor: headRate },
  ])
}
