/**
 * config.json of a training in the page. Beside checkpoint.safetensors it makes a folder that
 * `npm run train -- --resume` goes on with; and the page goes on with a run of Node in the same way.
 */
import { BUILT_IN } from '../../src/data/birds/index.ts'
import { adapterInfo, type Choices, type TasnConfig } from '../../src/index.ts'
import { chooseArm, type TrainingConfig } from '../../src/train/index.ts'

/** A training on the built-in birds: all that decides about its bits. */
export interface Run {
  readonly seed: number
  /** Birds to train on, those of the lowest indices, and at most to test on; undefined: all. */
  readonly limit: number | undefined
  readonly training: TrainingConfig
  readonly model: TasnConfig
  /** Rungs that a tuner has chosen for it; unless given, one chooses here. */
  readonly kernels?: Choices
}

/** A training that the reader asks for. */
export interface Asked {
  readonly birds: number
  readonly epochs: number
  readonly seed: number
}

const CLASSES = 16

/** The run that `npm run train -- --limit … --epochs … --seed …` begins. */
export function runOf({ birds, epochs, seed }: Asked): Run {
  const { model, training } = chooseArm('tasn', 'tiny', { epochs })
  return {
    seed,
    limit: birds < BUILT_IN.train ? birds : undefined,
    training: { ...training, batch: Math.min(training.batch, birds) },
    model: { ...model, classes: CLASSES },
  }
}

/** The text of its config.json. */
export function configText(run: Required<Run>, classes: readonly string[]): string {
  const { seed, limit, training, model, kernels } = run
  const flags = { preset: 'tiny', arm: 'tasn', seed, limit, epochs: training.epochs }
  const config = { flags, seed, training, model, kernels, classes, adapter: adapterInfo }
  return `${JSON.stringify(config, null, 2)}\n`
}

type Json = Record<string, unknown>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)
const isCount = (v: unknown, least: number): boolean => Number.isSafeInteger(v) && (v as number) >= least

/** Flags of runs on other data than the page has, or on other first weights. */
const NOT_HERE = ['data', 'classes', 'heldOut', 'skipDamaged', 'pretrained', 'pretrainedAttention', 'attentionFrom']

/**
 * Reads the config.json of a run, of Node or of a page.
 * @throws saying what of it the page does not have: it knows the built-in birds and TASN.
 */
export function readRun(text: string): Run {
  let config: unknown
  try {
    config = JSON.parse(text)
  } catch {
    throw new Error('config.json is no JSON: choose the one of the run folder')
  }
  if (!isObject(config) || !isObject(config.flags) || !isObject(config.training) || !isObject(config.model))
    throw new Error('config.json is not that of a run: it has no flags, training and model')
  const { flags, training, model, kernels } = config
  const other = NOT_HERE.find(name => flags[name] !== undefined && flags[name] !== false)
  if (other) throw new Error(`that run has --${other}: the page trains on the built-in birds alone; go on in Node`)
  if ((model.look ?? 'attention') !== 'attention')
    throw new Error('that run trains a plain classifier, which has no attention to watch; go on in Node')
  if (`${model.imageSize}` !== '192,192')
    throw new Error(
      `that run sees images of ${model.imageSize} pixels, and the birds here are drawn at 192; go on in Node`,
    )
  const whole = flags.limit === undefined || isCount(flags.limit, 1)
  if (!whole || !isCount(flags.seed, 0) || !isCount(training.epochs, 1) || !isCount(training.batch, 1))
    throw new Error('config.json is damaged: limit, seed, epochs and batch are to be whole numbers')
  if (kernels !== undefined && !(isObject(kernels) && Object.values(kernels).every(isObject)))
    throw new Error('config.json is damaged: kernels is to be an object of objects')
  return {
    seed: flags.seed as number,
    limit: flags.limit as number | undefined,
    training: training as unknown as TrainingConfig,
    model: { ...(model as unknown as TasnConfig), classes: CLASSES },
    ...(kernels && { kernels: kernels as Choices }),
  }
}
