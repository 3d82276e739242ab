/** The training step of a preset, as the benchmarks get it: to be recorded and placed, or to be run. */
import { type Random, Zeros } from '../src/engine/random.ts'
import type { Tensor } from '../src/engine/tensor.ts'
import { AdamW, GradientSum, SGD } from '../src/nn/optim.ts'
import { Tasn } from '../src/tasn/network.ts'
import { noChanges } from '../src/train/augmentation.ts'
import { PRESETS, type Preset, type PresetName } from '../src/train/presets.ts'
import { parametersOf } from '../src/train/setup.ts'
import { feed, makeInputs, trainStep } from '../src/train/steps.ts'

/** A training step, and the tensors that it works on. */
export interface Step {
  readonly images: number
  readonly step: () => readonly Tensor[]
  /** Weights, running statistics, optimiser state, summed gradients, inputs: to be released after the last run. */
  readonly kept: readonly Tensor[]
}

export interface StepOptions {
  /** Images worked on at once; the preset's own number unless given. */
  readonly batch?: number
  /** Classes of the birds: 16, those of the built-in ones, unless given. */
  readonly classes?: number
  /** Draws weights and inputs, and the rates are set, so that the step may be run. Without it all are zeros. */
  readonly random?: Random
  /** Adds up gradients where the preset does, as a training. Without it each step moves the weights. */
  readonly accumulating?: boolean
}

/** The step with everything learning, the attention net as well, unless it rests from the first step. */
export function presetStep(
  name: PresetName,
  { batch, classes = 16, random, accumulating = false }: StepOptions = {},
): Step {
  const { model: size, training }: Preset = PRESETS[name]
  const images = batch ?? training.batch
  const model = new Tasn(random ?? new Zeros(), { ...size, classes })
  const rests = training.attentionAfter === 'rests' && !training.attentionEpochs
  const params = rests ? parametersOf(model).classifier : model.parameters()
  const optimizer = training.optimizer === 'adamw' ? new AdamW(params) : new SGD(params)
  const sums = accumulating && training.accumulate > 1 ? new GradientSum(params) : undefined
  const inputs = makeInputs(images, size.imageSize)
  if (random) {
    const [H, W] = size.imageSize
    feed(
      inputs,
      Uint32Array.from({ length: images * H * W }, () => random.int(2 ** 32)),
      noChanges(images),
      Uint32Array.from({ length: images }, (_, i) => i % classes),
      Float32Array.from({ length: images }, () => random.next()),
    )
    optimizer.advance(0.001) // once: the rate does not change what a step costs
  }
  const update = { params: [...params.values()], optimizers: [optimizer], attentionRests: rests }
  return {
    images,
    step: () => trainStep(model, inputs, update, sums),
    kept: [
      ...model.state().values(),
      ...optimizer.state().values(),
      ...(sums?.totals.values() ?? []),
      ...(Object.values(inputs) as Tensor[]),
    ],
  }
}
