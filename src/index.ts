/** The package's exports: the engine, ops and their gradients, layers, TASN, and recognition with a trained model. */

export { scope } from './engine/eager.ts'
export { empty, type Launch, launch } from './engine/launch.ts'
export { close, open } from './engine/open.ts'
export { Plan } from './engine/plan.ts'
export { type MemoryBytes, OutOfMemory, type PlanMemory } from './engine/plan_memory.ts'
export { Random, Zeros } from './engine/random.ts'
export { detached, type InGroups, type Node, noGrad, record } from './engine/tape.ts'
export { type DType, type Shape, type Storage, Tensor } from './engine/tensor.ts'
export {
  constant,
  finish,
  type HostArrays,
  type HostData,
  persistent,
  read,
  readAll,
  readU32,
  release,
  write,
} from './engine/transfer.ts'
export { type Choices, choices, useChoices } from './engine/tune/choices.ts'
export { type AdapterInfo, adapterInfo, DeviceClosed, DeviceLost, OutOfDeviceMemory } from './gpu/device.ts'
export {
  type Batch,
  type Grid,
  kernel,
  type Ladder,
  type LadderOptions,
  ladder,
  type Params,
  type Rung,
  strips,
} from './gpu/kernel.ts'
export type { OpenOptions } from './gpu/options.ts'
export { addSource, type Binding, type Consts, type Reflection } from './gpu/shader.ts'
export type { Variant } from './gpu/variant.ts'
export { decodeSafetensors, encodeSafetensors, type HostTensor, type SafetensorsFile } from './io/safetensors.ts'
export { type FileSource, loadSafetensors } from './io/source.ts'
export { type Backbone, type BackboneConfig, channelsOf, makeBackbone } from './nn/backbone.ts'
export { kaimingNormal, parameter, uniformFanIn } from './nn/init.ts'
export { BatchNorm2d, Conv2d, Linear } from './nn/layers.ts'
export {
  type ConvNorm,
  type InvertedResidual,
  MobileNetV1,
  type MobileNetV1Config,
  MobileNetV2,
  type MobileNetV2Config,
  type Separable,
} from './nn/mobilenet.ts'
export type { Conventions, MobileNetOptions, Parts, Settled } from './nn/mobilenet_parts.ts'
export { Module } from './nn/module.ts'
export { AdamW, GradientSum, type Named, type Optimizer, ParameterGroups, SGD } from './nn/optim.ts'
export {
  type BasicBlock,
  type Block,
  type Bottleneck,
  RESNET18,
  RESNET34,
  RESNET50,
  ResNet,
  type ResNetConfig,
} from './nn/resnet.ts'
export { cosine, type Schedule, steps, warmUp } from './nn/schedule.ts'
export { liveMean, pickLive } from './ops/attention.ts'
export { valueAndGrad } from './ops/backward.ts'
export { concat, gather, gathered, slice } from './ops/batch.ts'
export { type BatchNormOptions, type BatchNormParams, batchNorm } from './ops/batch_norm.ts'
export { type ConvEpilogue, type ConvOptions, conv2d } from './ops/conv2d.ts'
export {
  abs,
  add,
  addRelu,
  bias,
  div,
  exp,
  log,
  mul,
  power,
  type Relu,
  relu,
  relu6,
  reshape,
  scale,
  sigmoid,
  sqrt,
  square,
  sub,
  tanh,
} from './ops/elementwise.ts'
export { augment, CHANGE_SIZE, IMAGENET_MEAN, IMAGENET_STD, mirror, NO_CHANGE } from './ops/image.ts'
export { correct, crossEntropy, softCrossEntropy } from './ops/loss.ts'
export { linear, type MatmulOptions, matmul, type Transposed } from './ops/matmul.ts'
export { type ImageBytes, packSquare, type Window } from './ops/pixels.ts'
export { globalAveragePool, maxPool2d } from './ops/pool.ts'
export { cumsum, max, mean, sum } from './ops/reduce.ts'
export { resizeArea, resizeBilinear } from './ops/resize.ts'
export {
  densities,
  invert,
  marginals,
  type SamplerMode,
  type SamplerOptions,
  type SamplingGrid,
  sampleGrid,
  samplingGrid,
} from './ops/sampler.ts'
export { logSoftmax, softmax } from './ops/softmax.ts'
export { AttentionNet, type AttentionNetConfig, MultiDilation } from './tasn/attention_net.ts'
export { Classifier } from './tasn/classify.ts'
export { TASN_DEFAULTS, type TasnConfig } from './tasn/config.ts'
export type { AttendedPhoto, ExplainOptions } from './tasn/explain.ts'
export type { ExplainedAxis, ExplainedView, Explanation, Guess } from './tasn/explanation.ts'
export { HEADS, type Head, LOSS_TERMS, type LossTerm, type TasnResult } from './tasn/heads.ts'
export { inferenceState, TasnInference } from './tasn/inference.ts'
export { loadModel } from './tasn/load_model.ts'
export { type ModelCard, modelMetadata } from './tasn/model_card.ts'
export { Tasn } from './tasn/network.ts'
export type { Photo } from './tasn/photo.ts'
export { type TrilinearConfig, trilinearAttention } from './tasn/trilinear.ts'
export type { MapConfig, View, Views } from './tasn/views.ts'
