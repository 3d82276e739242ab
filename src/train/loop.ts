/**
 * The loop of training. It yields what happens, step by step and epoch by epoch, and talks to nobody: who consumes the
 * events draws the bar, logs and saves. Between an epoch's event and the next one nothing is in flight.
 */
import type { Batch } from '../data/batch.ts'
import { Random } from '../engine/random.ts'
import { drawChanges } from './augmentation.ts'
import { type Accuracies, evaluate, type Tested } from './evaluate.ts'
import { overlapped } from './overlap.ts'
import type { Rates } from './rates.ts'
import type { Numbers } from './report.ts'
import { STREAM, type Training } from './setup.ts'
import { feedBatch } from './steps.ts'

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
  /** Images and seconds since the epoch began. */
  readonly images: number
  readonly seconds: number
}

/** An epoch that is done. */
export interface EpochEvent extends Omit<StepEvent, 'kind' | 'step' | 'rates' | 'numbers'> {
  readonly kind: 'epoch'
  /** The test after it, where there was one; and the accuracies of it that mean something by now. */
  readonly tested: Tested | undefined
  readonly accuracies: Accuracies
}

export type TrainingEvent = StepEvent | EpochEvent

/**
 * Trains from where `t` is to its last epoch. Tests after every `evaluateEvery` epochs, and after the last. A consumer
 * that leaves within an epoch leaves `t` there: only a checkpoint leads back to its beginning.
 * @throws where a loss is not finite, one step later. That epoch has no event, so who saves at epochs never saves it.
 */
export async function* train(t: Training, { evaluateEvery = 1 } = {}): AsyncGenerator<TrainingEvent, void, undefined> {
  const { epochs } = t.settings
  for (let epoch = t.done.epochs; epoch < epochs; epoch++) {
    const last = yield* trainEpoch(t, epoch)
    const due = (epoch + 1) % evaluateEvery === 0 || epoch === epochs - 1
    const tested = due ? await evaluate(t.testStep, t.inputs, t.loaders.test) : undefined
    const accuracies = accuraciesOf(t, epoch, tested)
    t.done.epochs++
    t.done.history.push(accuracies)
    yield { kind: 'epoch', epoch, means: last.means, images: last.images, seconds: last.seconds, tested, accuracies }
  }
}

/** The steps of one epoch; returns the last. */
async function* trainEpoch(t: Training, epoch: number): AsyncGenerator<StepEvent, StepEvent, undefined> {
  const { accumulate, batch: N, augmentation } = t.settings
  const phase = epoch < t.attentionEpochs ? t.phases.alone! : t.phases.together
  const random = new Random(t.seed, STREAM.epoch + epoch)
  const began = performance.now()

  /** The k-th batch of the epoch, sent to the device. */
  const launch = (batch: Batch, k: number): Promise<Numbers> => {
    const rates = t.rates(epoch, Math.floor(k / accumulate))
    if (k % accumulate === 0) for (const name of phase.learners) t.optimizers[name].advance(rates[name])
    const change = drawChanges(random, N, augmentation)
    const u = Float32Array.from({ length: N }, () => random.next())
    feedBatch(t.inputs, batch, change, u)
    const [report] = phase.step.run() // loss, gradient and, without accumulation, the update
    const numbers = phase.numbers(report!) // its copy is under way; the values come while the next step runs
    if ((k + 1) % accumulate === 0) phase.apply?.run() // with accumulation, the update
    return numbers
  }

  const sums: Record<string, number> = {}
  let batches = 0
  let last: StepEvent | undefined
  for await (const numbers of overlapped(first(t.stepsPerEpoch * accumulate, t.loaders.train.epoch(epoch)), launch)) {
    const step = Math.floor(batches++ / accumulate)
    checkFinite(numbers, epoch, step)
    for (const [name, v] of Object.entries(numbers)) sums[name] = (sums[name] ?? 0) + v
    if (batches % accumulate) continue
    const means = Object.fromEntries(Object.entries(sums).map(([name, v]) => [name, v / batches])) as Numbers
    const seconds = (performance.now() - began) / 1000
    const rates = t.rates(epoch, step)
    last = { kind: 'step', epoch, step, rates, numbers, means, images: batches * N, seconds }
    yield last
  }
  return last!
}

function checkFinite({ loss }: Numbers, epoch: number, step: number): void {
  if (!Number.isFinite(loss))
    throw new Error(
      `the loss is ${loss} at epoch ${epoch + 1}, step ${step + 1}: lower --lr (or --attention-lr), or look for the ` +
        'cause with CHECK=1',
    )
}

/** While the attention net learns alone, there is nothing to say of the other heads. */
function accuraciesOf({ model, attentionEpochs }: Training, epoch: number, tested: Tested | undefined): Accuracies {
  if (!tested) return {}
  const heads = epoch < attentionEpochs ? model.heads.slice(0, 1) : model.heads
  return Object.fromEntries(heads.map(head => [head, tested.accuracy[head]]))
}

/** The first `n` of the items; `n` is at least 1. */
async function* first<T>(n: number, items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  for await (const item of items) {
    yield item
    if (--n === 0) return
  }
}
