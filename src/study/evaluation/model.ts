/** Trained models to evaluate: of a run, with all of its heads, or of a model file, with the one that predicts. */
import { Zeros } from '../../engine/random.ts'
import type { Tensor } from '../../engine/tensor.ts'
import { constant } from '../../engine/transfer.ts'
import { useChoices } from '../../engine/tune/choices.ts'
import { checkFinite } from '../../io/finite.ts'
import { restore } from '../../io/restore.ts'
import { augment } from '../../ops/image.ts'
import { newestCheckpoint } from '../../run/checkpoints.ts'
import { type Choice, readConfig } from '../../run/config.ts'
import { MODEL_FILE, RunFolder, trainedAt } from '../../run/folder.ts'
import { classesOf } from '../../run/report/record.ts'
import { missingText } from '../../run/text.ts'
import type { TasnConfig } from '../../tasn/config.ts'
import { type Head, resultOf } from '../../tasn/heads.ts'
import { TasnInference } from '../../tasn/inference.ts'
import { readModelCard } from '../../tasn/model_card.ts'
import { readModel } from '../../tasn/model_file.ts'
import { makeRecogniser } from '../../tasn/recogniser.ts'
import type { Accuracies } from '../../train/evaluate.ts'
import { pack } from '../../train/report.ts'
import { evaluateStep, type Inputs } from '../../train/steps.ts'

/** A model on the device. */
export interface Loaded {
  readonly heads: readonly Head[]
  /** A batch's packed report, and the logits of the head that predicts. */
  readonly step: (inputs: Inputs) => readonly [report: Tensor, logits: Tensor]
}

/** A model that has been read from its files. */
export interface Trained {
  /** The file of its weights. */
  readonly file: string
  readonly classes: readonly string[]
  readonly config: TasnConfig
  /** Images that it is tested on at once, unless --batch says another number. */
  readonly batch: number
  /** Puts it on the device, which must be open. */
  readonly load: (warn: (text: string) => void) => Loaded
  /** The run that it is of; undefined for a model file. */
  readonly run?: {
    readonly dir: string
    readonly choice: Choice
    /** Epochs that were done, and steps of the one after them. */
    readonly epochs: number
    readonly steps: number
    /** The test accuracies that the run reported of these weights, where it tested them. */
    readonly reported: Accuracies | undefined
  }
}

/** Images at once for a model file, which does not say with how many it was trained. */
const BATCH = 16

/**
 * Reads a trained model: of a run from its newest sound checkpoint, or its best; or from a model file.
 *
 * @param best take the checkpoint with the best test accuracy.
 * @throws where there is no such run or file, or it is damaged, saying which.
 */
export async function readTrained(path: string, { best = false } = {}): Promise<Trained> {
  if (trainedAt(path).isDirectory()) return ofRun(path, best)
  if (best) throw new Error('--best chooses a checkpoint of a run; a model file holds one model')
  return ofFile(path)
}

async function ofRun(dir: string, best: boolean): Promise<Trained> {
  const classes = classesOf(dir)
  const folder = new RunFolder(dir, { resume: true })
  const choice = readConfig(folder)
  const { checkpoint, warnings } = await newestCheckpoint(folder, { best })
  if (!checkpoint)
    throw new Error(
      `${dir} has no checkpoint${folder.has(MODEL_FILE) ? `; its ${MODEL_FILE} can be evaluated by itself` : ' yet'}`,
    )
  const { file, content, position } = checkpoint
  const config = { ...choice.model, classes: classes.length }
  const last = position.history.at(-1)
  return {
    file,
    classes,
    config,
    batch: choice.training.batch,
    run: {
      dir,
      choice,
      epochs: position.epochs,
      steps: position.steps,
      // An epoch that was not tested has no figures.
      reported: !position.steps && Object.keys(last ?? {}).length ? last : undefined,
    },
    load(warn) {
      for (const warning of warnings) warn(warning)
      const missing = choice.kernels && missingText(useChoices(choice.kernels))
      if (missing) warn(missing)
      const model = makeRecogniser(new Zeros(), config)
      restore(model.state(), content.tensors, file)
      return { heads: model.heads, step: inputs => evaluateStep(model, inputs) }
    },
  }
}

async function ofFile(file: string): Promise<Trained> {
  const { tensors, metadata } = await readModel(file)
  const { config, classes } = readModelCard(metadata, file)
  checkFinite(tensors, file)
  return {
    file,
    classes,
    config,
    batch: BATCH,
    load() {
      const model = new TasnInference(new Zeros(), config)
      model.load(tensors)
      return { heads: ['sharedMaster'], step: inputs => predictStep(model, inputs) }
    },
  }
}

/** evaluateStep() for a model that has only the head that predicts. */
function predictStep(model: TasnInference, { pixels, change, labels }: Inputs): readonly [Tensor, Tensor] {
  const logits = { sharedMaster: model.forward(augment(pixels, change)) }
  const weights = { ...model.config.weights, sharedMaster: 1 }
  return [pack(resultOf(weights, labels, logits, constant([labels.size], 0))), logits.sharedMaster]
}
