/** The content of a training's files, and how a training takes them up again. */
import type { Tensor } from '../engine/tensor.ts'
import { readTensors, restore, saveTensors } from '../io/checkpoint.ts'
import type { SafetensorsFile } from '../io/safetensors.ts'
import { inferenceState } from '../tasn/inference.ts'
import { modelMetadata } from '../tasn/model_card.ts'
import { Tasn } from '../tasn/network.ts'
import { checkIdentity, type Position, positionMetadata, readPosition } from './position.ts'
import type { Training } from './setup.ts'

/** All that a training changes, by name: with it, it goes on to the bit. */
export function everything({ model, optimizers }: Training): Map<string, Tensor> {
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

/** Writes all that is needed to go on. The training must be settled. @throws WriteError */
export const saveCheckpoint = (t: Training, file: string): Promise<void> =>
  saveTensors(file, everything(t), positionMetadata(t))

/**
 * Writes the attention net after its own epochs, with its optimiser, for trainings that differ only in what follows.
 * @throws WriteError
 */
export const saveAttention = (t: Training, file: string): Promise<void> =>
  saveTensors(file, attentionPart(t), positionMetadata(t))

/**
 * Writes all that recognition needs; nothing for a plain classifier, which is only there to compare with.
 * @throws WriteError
 */
export async function saveModel({ model, dataset }: Training, file: string): Promise<void> {
  if (!(model instanceof Tasn)) return
  const metadata = modelMetadata({ config: model.config, classes: dataset.classes.map(c => c.name) })
  await saveTensors(file, inferenceState(model), metadata)
}

/** A checkpoint that has been read, and is sound as far as the file goes. */
export interface Checkpoint {
  readonly file: string
  readonly content: SafetensorsFile
  readonly position: Position
}

/** Reads a checkpoint. @throws naming the file, if it cannot be read, is damaged, or none. */
export async function readCheckpoint(file: string): Promise<Checkpoint> {
  const content = await readTensors(file)
  return { file, content, position: readPosition(content.metadata, file) }
}

/** Goes on from a checkpoint. @throws naming the file, if it is of another training; then nothing has changed. */
export function takeCheckpoint(t: Training, checkpoint: Checkpoint): void {
  checkIdentity(t, checkpoint.content.metadata, checkpoint.file)
  const { epochs, steps, batches } = checkpoint.position
  const { accumulate } = t.settings
  if (epochs > t.settings.epochs || steps > t.stepsPerEpoch || batches !== steps * accumulate)
    throw new Error(
      `${checkpoint.file} is damaged: it stands at epoch ${epochs + 1}, step ${steps}, and this run has ` +
        `${t.settings.epochs} epochs of ${t.stepsPerEpoch} steps`,
    )
  take(t, everything(t), checkpoint)
}

/**
 * Goes on from another training's attention net, as if its own epochs had been run here.
 * @throws if it learnt alone for another number of epochs.
 */
export async function takeAttention(t: Training, file: string): Promise<void> {
  const checkpoint = await readCheckpoint(file)
  const { epochs, steps } = checkpoint.position
  if (epochs !== t.attentionEpochs || steps)
    throw new Error(
      `${file} is of a run whose attention net learnt alone for ${epochs} epoch${epochs > 1 ? 's' : ''}; this one's ` +
        `does for ${t.attentionEpochs}`,
    )
  take(t, attentionPart(t), checkpoint)
}

function take(t: Training, into: ReadonlyMap<string, Tensor>, { file, content, position }: Checkpoint): void {
  restore(into, content.tensors, file)
  const { attentionSteps, classifierSteps, ...done } = position
  t.optimizers.attention.steps = attentionSteps
  t.optimizers.classifier.steps = classifierSteps
  t.done = done
}
