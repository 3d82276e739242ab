/** The files of a training, and how a training takes them up again. */
import type { Tensor } from '../engine/tensor.ts'
import { readTensors, saveTensors } from '../io/checkpoint.ts'
import { asCheckpoint, type Checkpoint, checkpointContent, everything, modelContent, take } from './checkpoint.ts'
import { positionMetadata } from './position.ts'
import type { Training } from './setup.ts'

/** The part of a training that the attention net's own epochs change. */
const attentionPart = (t: Training): Map<string, Tensor> =>
  new Map([...everything(t)].filter(([name]) => /^(optimizer\.)?attention\./.test(name)))

/** Writes all that is needed to go on. The training must be settled. @throws WriteError */
export async function saveCheckpoint(t: Training, file: string): Promise<void> {
  const { tensors, metadata } = checkpointContent(t)
  await saveTensors(file, tensors, metadata)
}

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
export async function saveModel(t: Training, file: string): Promise<void> {
  const content = modelContent(t)
  if (content) await saveTensors(file, content.tensors, content.metadata)
}

/** Reads a checkpoint. @throws naming the file, if it cannot be read, is damaged, or none. */
export const readCheckpoint = async (file: string): Promise<Checkpoint> => asCheckpoint(await readTensors(file), file)

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
