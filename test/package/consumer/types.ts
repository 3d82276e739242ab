/** Declarations as a program for pages uses them. */
import {
  type AdapterInfo,
  adapterInfo,
  Classifier,
  type Guess,
  open,
  persistent,
  read,
  relu,
  type Tensor,
} from 'tasn-webgpu'
import { type BirdSet, type DrawnBird, drawBird, inMemory, species } from 'tasn-webgpu/birds'
import { decodeCheckpoint, PRESETS, type StepEvent, setUp, type Training, train } from 'tasn-webgpu/train'

export async function relued(): Promise<number> {
  await open()
  const x: Tensor = persistent([2], Float32Array.of(-1, 1))
  const info: AdapterInfo = adapterInfo
  return (await read(relu(x)))[1]! + info.subgroup
}

export const guess = (model: ConstructorParameters<typeof Classifier>[0], image: ImageData): Promise<Guess[]> =>
  new Classifier(model).classify(image)

export async function trained(): Promise<Training> {
  const bird: DrawnBird = drawBird(0, 0)
  const set: BirdSet = { seed: 0, train: 24, test: 1 }
  const { model, training: settings } = PRESETS.tiny
  const config = { ...model, classes: species(16).length }
  const training = await setUp({ config, settings, seed: 0, ...inMemory(set, new Map([[0, bird]])) })
  for await (const event of train(training)) if (event.kind === 'step') step(event)
  return training
}
const step = (_: StepEvent): void => {}

export { decodeCheckpoint }
// @ts-expect-error a shape is made of numbers
export const wrong = (): Tensor => persistent(['2'])
