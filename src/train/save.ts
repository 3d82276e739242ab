/** The content of a training's files, and how a training takes them up again. */
import type { Tensor } from '../engine/tensor.ts'
import { readTensors, restore, saveTensors } from '../io/checkpoint.ts'
import { inferenceState } from '../tasn/inference.ts'
import { modelMetadata } from '../tasn/model_card.ts'
import { Tasn } from '../tasn/network.ts'
import type { Accuracies } from './evaluate.ts'
import type { Training } from './setup.ts'

/** All that a training changes, by name: with it, it goes on to the bit. */
function everything({ model, optimizers }: Training): Map<string, Tensor> {
  return new Map([
    ...model.state(),
    ...prefixed('optimizer.attention.', optimizers.attention.state()),
    ...prefixed('optimizer.classifier.', optimizers.classifier.state()),
  ])
}

/** The part of it that the attention net's own epochs change. */
const attentionPart = (t: Training): Map<string, Tensor> =>
  new Map([...everything(t)].filter(([name]) => /^(optimizer\.)?attention\./.test(name)))

const prefixed = (prefix: string, tensors: Map<string, Tensor>): [string, Tensor][] =>
  [...tensors].map(([name, t]) => [prefix + name, t])

/** The place that a training has reached: metadata of its files. */
const whereOf = ({ done, optimizers }: Training): Record<string, string> => ({
  epoch: `${done.epochs}`,
  attentionSteps: `${optimizers.attention.steps}`,
  classifierSteps: `${optimizers.classifier.steps}`,
  history: JSON.stringify(done.history),
})

/** Writes all that is needed to go on. */
export const saveCheckpoint = (t: Training, file: string): Promise<void> => saveTensors(file, everything(t), whereOf(t))

/**
 * Writes the attention net after its own epochs, with its optimiser, for trainings that differ only in what follows.
 */
export const saveAttention = (t: Training, file: string): Promise<void> =>
  saveTensors(file, attentionPart(t), whereOf(t))

/** Writes all that recognition needs; nothing for a plain classifier, which is only there to compare with. */
export async function saveModel({ model, dataset }: Training, file: string): Promise<void> {
  if (!(model instanceof Tasn)) return
  const metadata = modelMetadata({ config: model.config, classes: dataset.classes.map(c => c.name) })
  await saveTensors(file, inferenceState(model), metadata)
}

/** Goes on from a checkpoint. @throws naming the file, if it is of another model. */
export const takeCheckpoint = (t: Training, file: string): Promise<void> => take(t, everything(t), file)

/**
 * Goes on from another training's attention net, as if its own epochs had been run here.
 * @throws if it learnt alone for another number of epochs.
 */
export async function takeAttention(t: Training, file: string): Promise<void> {
  await take(t, attentionPart(t), file)
  const { epochs } = t.done
  if (epochs !== t.attentionEpochs)
    throw new Error(
      `${file} is of a run whose attention net learnt alone for ${epochs} epoch${epochs > 1 ? 's' : ''}; this one's ` +
        `does for ${t.attentionEpochs}`,
    )
}

async function take(t: Training, into: ReadonlyMap<string, Tensor>, file: string): Promise<void> {
  const { tensors, metadata } = await readTensors(file)
  restore(into, tensors, file)
  t.optimizers.attention.steps = Number(metadata.attentionSteps)
  t.optimizers.classifier.steps = Number(metadata.classifierSteps)
  t.done.epochs = Number(metadata.epoch)
  t.done.history = JSON.parse(metadata.history ?? '[]') as Accuracies[]
}
