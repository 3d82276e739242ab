/** All that a training goes on from, as a checkpoint holds it: in bytes here, in files by save.ts. */
import type { Tensor } from '../engine/tensor.ts'
import { decodeTensors, encodeTensors } from '../io/checkpoint_bytes.ts'
import { restore } from '../io/restore.ts'
import type { HostTensor, SafetensorsFile } from '../io/safetensors.ts'
import { inferenceState } from '../tasn/inference.ts'
import { modelMetadata } from '../tasn/model_card.ts'
import { Tasn } from '../tasn/network.ts'
import { answersOfTest, checkIdentity, type Position, positionMetadata, readPosition } from './position.ts'
import type { Training } from './setup.ts'

/** Tensors with the metadata of their file. */
export interface Content {
  readonly tensors: ReadonlyMap<string, Tensor | HostTensor>
  readonly metadata: Record<string, string>
}

/** All that a training changes, by name: with it, it goes on to the bit. */
export function everything({ model, optimizers }: Training): Map<string, Tensor> {
  return new Map([
    ...model.state(),
    ...prefixed('optimizer.attention.', optimizers.attention.state()),
    ...prefixed('optimizer.classifier.', optimizers.classifier.state()),
  ])
}

const prefixed = (prefix: string, tensors: Map<string, Tensor>): [string, Tensor][] =>
  [...tensors].map(([name, t]) => [prefix + name, t])

/** The content of a checkpoint. The training must be settled. */
export const checkpointContent = (t: Training): Content => ({
  tensors: new Map<string, Tensor | HostTensor>([...everything(t), ...answersOfTest(t.done)]),
  metadata: positionMetadata(t),
})

/** All that recognition needs; undefined for a plain classifier, which is only there to compare with. */
export function modelContent({ model, dataset }: Training): Content | undefined {
  if (!(model instanceof Tasn)) return undefined
  const metadata = modelMetadata({ config: model.config, classes: dataset.classes.map(c => c.name) })
  return { tensors: inferenceState(model), metadata }
}

/** The bytes of checkpoint.safetensors. The training must be settled. @throws NotFiniteTensor */
export function encodeCheckpoint(t: Training): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, metadata } = checkpointContent(t)
  return encodeTensors(tensors, metadata)
}

/** The bytes of model.safetensors; undefined for a plain classifier. @throws NotFiniteTensor */
export async function encodeModel(t: Training): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const content = modelContent(t)
  return content && encodeTensors(content.tensors, content.metadata)
}

/** A checkpoint that has been read, and is sound as far as the file goes. */
export interface Checkpoint {
  readonly file: string
  readonly content: SafetensorsFile
  readonly position: Position
}

/** A file's content as a checkpoint. @throws naming the file, if it is none. */
export const asCheckpoint = (content: SafetensorsFile, file: string): Checkpoint => ({
  file,
  content,
  position: readPosition(content, file),
})

/** Reads the bytes of a checkpoint. @throws naming the file, if they are damaged, or none. */
export const decodeCheckpoint = async (bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Checkpoint> =>
  asCheckpoint(await decodeTensors(bytes, file), file)

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

/** Puts tensors and position into a training. @throws if a tensor is missing or does not fit. */
export function take(t: Training, into: ReadonlyMap<string, Tensor>, { file, content, position }: Checkpoint): void {
  restore(into, content.tensors, file)
  const { attentionSteps, classifierSteps, ...done } = position
  t.optimizers.attention.steps = attentionSteps
  t.optimizers.classifier.steps = classifierSteps
  t.done = done
}
