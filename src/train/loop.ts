/**
 * The loop of training. It yields what happens, step by step and epoch by epoch, and talks to nobody: who consumes the
 * events draws the bar, logs and saves. After an event that is `settled` nothing is in flight, and `t.done` says
 * exactly where the training stands: there it can be saved, and left.
 */
import type { Batch } from '../data/batch.ts'
import { Random } from '../engine/random.ts'
import { drawChanges } from './augmentation.ts'
import { type Accuracies, type Tested, testedOf, testing } from './evaluate.ts'
import { overlapped } from './overlap.ts'
import { NOTHING_DONE } from './position.ts'
import type { Rates } from './rates.ts'
import type { Numbers } from './report.ts'
import { STREAM, type Training } from './setup.ts'
import { feedBatch } from './steps.ts'

/** Images trained by this process in an epoch, and its time. */
export type Spent = Pick<StepEvent, 'images' | 'seconds' | 'waited'>

/** A step that is done: the update by one batch or, with accumulation, by several. */
export interface StepEvent {
  readonly kind: 'step'
  /** The epoch, and the step in it, both from 0. */
  readonly epoch: number
  readonly step: number
  readonly rates: Rates
  /** The numbers of its last batch, and their means over the epoch's batches so far. */
  readonly numbers: Numbers
  readonly means: Numbers
  /** Images trained by this process in this epoch, and its seconds since it began with the epoch. */
  readonly images: number
  readonly seconds: number
  /** Seconds of these in which the host waited for images. The device may have been busy with an earlier step. */
  readonly waited: number
  readonly settled: boolean
}

/** A batch of a test that is done. */
export interface TestEvent {
  readonly kind: 'test'
  readonly epoch: number
  /** Batches that are done, of how many. */
  readonly batches: number
  readonly of: number
  readonly settled: boolean
}

/** An epoch that is done. It is settled. */
export interface EpochEvent extends Pick<StepEvent, 'epoch' | 'means' | keyof Spent> {
  readonly kind: 'epoch'
  /** The test after it, where there was one; and the accuracies of it that mean something by now. */
  readonly tested: Tested | undefined
  readonly accuracies: Accuracies
}

export type TrainingEvent = StepEvent | TestEvent | EpochEvent

export interface TrainOptions {
  /** Tests after every so many epochs, and after the last. */
  readonly evaluateEvery?: number | undefined
  /** Asked after each step, and in a test after each batch: true to leave nothing in flight, so that it is settled. */
  readonly settle?: (() => boolean) | undefined
}

/**
 * Trains from where `t` is to its last epoch. The last step before a test is settled, too. A consumer that leaves after
 * an event which is not settled leaves `t` between two places: only a checkpoint leads back.
 * @throws NotFinite where a loss is not finite, before anything behind that step is settled.
 */
export async function* train(
  t: Training,
  { evaluateEvery = 1, settle = () => false }: TrainOptions = {},
): AsyncGenerator<TrainingEvent, void, undefined> {
  const { epochs } = t.settings
  for (let epoch = t.done.epochs; epoch < epochs; epoch++) {
    const due = (epoch + 1) % evaluateEvery === 0 || epoch === epochs - 1
    const { means, ...spent } = yield* trainEpoch(t, epoch, settle, due)
    const tested = due ? yield* testEpoch(t, epoch, settle) : undefined
    const accuracies = accuraciesOf(t, epoch, tested)
    t.done = { ...NOTHING_DONE, epochs: epoch + 1, history: [...t.done.history, accuracies] }
    yield { kind: 'epoch', epoch, means, ...spent, tested, accuracies }
  }
}

/**
 * The steps of one epoch that are not done; returns images and time, and the epoch's means. The last step is
 * settled if a test follows; otherwise the epoch's own event is.
 */
async function* trainEpoch(
  t: Training,
  epoch: number,
  settle: () => boolean,
  testFollows: boolean,
): AsyncGenerator<StepEvent, Spent & Pick<StepEvent, 'means'>, undefined> {
  const { accumulate, batch: N, augmentation } = t.settings
  const phase = epoch < t.attentionEpochs ? t.phases.alone! : t.phases.together
  const random = new Random(t.seed, STREAM.epoch + epoch)
  const draw = () => ({
    change: drawChanges(random, N, augmentation),
    u: Float32Array.from({ length: N }, () => random.next()),
  })
  const began = performance.now()
  const first = t.done.steps * accumulate
  const left = t.stepsPerEpoch * accumulate - first
  for (let k = 0; k < first; k++) draw() // what the steps that are done drew

  /** The k-th batch of those left, sent to the device. */
  const launch = (batch: Batch, k: number): Promise<Numbers> => {
    const rates = t.rates(epoch, Math.floor((first + k) / accumulate))
    if (k % accumulate === 0) for (const name of phase.learners) t.optimizers[name].advance(rates[name])
    const { change, u } = draw()
    feedBatch(t.inputs, batch, change, u)
    const [report] = phase.step.run() // loss, gradient and, without accumulation, the update
    const numbers = phase.numbers(report!) // its copy is under way; the values come while the next step runs
    if ((k + 1) % accumulate === 0) phase.apply?.run() // with accumulation, the update
    return numbers
  }

  const sofar = { sums: { ...t.done.sums }, batches: t.done.batches }
  let images = 0
  const spent = (): Spent => ({
    images,
    seconds: (performance.now() - began) / 1000,
    waited: t.loaders.train.waited,
  })
  if (!left) return { images, seconds: 0, waited: 0, means: meansOf(sofar) }
  const batches = take(left, t.loaders.train.epoch(epoch, first))
  const between = (k: number) => (k + 1) % accumulate === 0 && settle()
  for await (const { result: numbers, settled: landed } of overlapped(batches, launch, between)) {
    const step = Math.floor(sofar.batches++ / accumulate)
    checkFinite(numbers, epoch, step)
    for (const [name, v] of Object.entries(numbers)) sofar.sums[name] = (sofar.sums[name] ?? 0) + v
    images += N
    if (sofar.batches % accumulate) continue
    const settled = landed && (testFollows || step + 1 < t.stepsPerEpoch)
    if (settled) t.done = { ...t.done, steps: step + 1, batches: sofar.batches, sums: { ...sofar.sums } }
    const rates = t.rates(epoch, step)
    const means = meansOf(sofar)
    yield { kind: 'step', epoch, step, rates, numbers, means, ...spent(), settled }
  }
  return { ...spent(), means: meansOf(sofar) }
}

/** The test after an epoch, from where it was cut off. */
async function* testEpoch(
  t: Training,
  epoch: number,
  settle: () => boolean,
): AsyncGenerator<TestEvent, Tested, undefined> {
  const { test: loader } = t.loaders
  let { test } = t.done
  for await (const { sofar, settled: landed } of testing(t.testStep, t.inputs, loader, test, settle)) {
    test = sofar
    const settled = landed && sofar.batches < loader.batches
    if (settled) t.done = { ...t.done, test }
    yield { kind: 'test', epoch, batches: sofar.batches, of: loader.batches, settled }
  }
  return testedOf(test!, loader)
}

const meansOf = ({ sums, batches }: { sums: Readonly<Record<string, number>>; batches: number }): Numbers =>
  Object.fromEntries(Object.entries(sums).map(([name, v]) => [name, v / batches])) as Numbers

/** A loss that is not finite. */
export class NotFinite extends Error {
  override name = 'NotFinite'
  /** The epoch, and the step in it, both from 0. */
  readonly at: readonly [epoch: number, step: number]
  constructor(loss: number, epoch: number, step: number) {
    super(`the loss is ${loss} at epoch ${epoch + 1}, step ${step + 1}`)
    this.at = [epoch, step]
  }
}

function checkFinite({ loss }: Numbers, epoch: number, step: number): void {
  if (!Number.isFinite(loss)) throw new NotFinite(loss, epoch, step)
}

/** While the attention net learns alone, there is nothing to say of the other heads. */
function accuraciesOf({ model, attentionEpochs }: Training, epoch: number, tested: Tested | undefined): Accuracies {
  if (!tested) return {}
  const heads = epoch < attentionEpochs ? model.heads.slice(0, 1) : model.heads
  return Object.fromEntries(heads.map(head => [head, tested.accuracy[head]]))
}

/** The first `n` of the items; `n` is at least 1. */
async function* take<T>(n: number, items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  for await (const item of items) {
    yield item
    if (--n === 0) return
  }
}
