/** The training of TASN: epochs of steps, an evaluation after each, and everything written down in the run's folder. */
import { copyFileSync, existsSync } from 'node:fs'
import type { Dataset } from '../data/dataset.ts'
import { type Batch, Loader } from '../data/loader.ts'
import { finish, read, release } from '../engine/execute.ts'
import { Random } from '../engine/random.ts'
import type { Tensor } from '../engine/tensor.ts'
import { readTensors, restore, saveTensors } from '../io/checkpoint.ts'
import { AdamW, GradientSum, type Optimizer, SGD } from '../nn/optim.ts'
import { modelMetadata } from '../tasn/classify.ts'
import { inferenceState } from '../tasn/inference.ts'
import { LOSS_TERMS, Tasn, type TasnConfig } from '../tasn/network.ts'
import { makeRecogniser, type Plain } from '../tasn/plain.ts'
import { drawChanges } from '../train/augmentation.ts'
import { boxMaps, checkBoxes } from '../train/box_maps.ts'
import { type Accuracies, evaluate } from '../train/evaluate.ts'
import { type Plans, readyOrExplain } from '../train/fit.ts'
import type { TrainingConfig } from '../train/presets.ts'
import { ratesOf } from '../train/rates.ts'
import {
  applyStep,
  attentionStep,
  evaluateStep,
  feed,
  type Inputs,
  makeInputs,
  type Runner,
  readReport,
  runner,
  trainStep,
  type Update,
} from '../train/steps.ts'
import { attentionQuality } from './attention_quality.ts'
import { ATTENTION_FILE, type RunFolder } from './folder.ts'
import { duration, progress } from './progress.ts'
import { answersOf, describe, epochsText, HEAD_NAMES, percent, type Summary } from './summary.ts'

/** Streams of the run's seed: one for each purpose, so that using one does not move another. */
const STREAM = { weights: 1, epoch: 1000 } as const

export interface Trainer {
  readonly model: Tasn | Plain
  readonly test: Loader
  /** Parameters and planned launches and memory, for the reader of the log. */
  describe(): string
  run(): Promise<Summary>
}

/**
 * Builds the model and all steps (compiling the shaders), and takes up the checkpoint of the folder if there is one to
 * resume.
 * @param attentionFrom a file ATTENTION_FILE of another run with the same seed, data and attention settings: the
 *   attention net's own epochs are taken from there instead of being run once more.
 * @param evaluateEvery the test images are looked at after every so many epochs, and after the last.
 */
export async function makeTrainer(
  config: TasnConfig,
  training: TrainingConfig,
  dataset: Dataset,
  seed: number,
  folder: RunFolder,
  {
    pretrained,
    attentionFrom,
    evaluateEvery = 1,
  }: {
    pretrained?: (model: Tasn | Plain) => Promise<void>
    attentionFrom?: string | undefined
    evaluateEvery?: number | undefined
  } = {},
): Promise<Trainer> {
  const model = makeRecogniser(new Random(seed, STREAM.weights), config)
  const { heads } = model
  const own = folder.path('checkpoint.safetensors')
  if (!existsSync(own)) await pretrained?.(model)
  const { batch, accumulate, epochs } = training
  const attentionEpochs = model instanceof Tasn ? training.attentionEpochs : 0
  const [side, width] = config.imageSize
  if (side !== width) throw new Error(`the loader cuts squares; imageSize is ${side} x ${width}`)
  const train = new Loader(dataset.train, { size: side, batch, seed, train: true })
  const test = new Loader(dataset.test, { size: side, batch, seed, train: false })

  const named = (keep: (name: string) => boolean) => new Map([...model.parameters()].filter(([name]) => keep(name)))
  const attentionParams = named(n => n.startsWith('attention.'))
  const otherParams = named(n => !n.startsWith('attention.'))
  const optimizer = (params: Map<string, Tensor>): Optimizer =>
    training.optimizer === 'adamw'
      ? new AdamW(params, { b2: 0.99, weightDecay: training.weightDecay })
      : new SGD(params, { momentum: training.momentum, weightDecay: training.weightDecay })
  const attentionOptimizer = optimizer(attentionParams)
  const otherOptimizer = optimizer(otherParams)
  const rests = model instanceof Tasn && attentionEpochs > 0 && training.attentionAfter === 'rests'
  const full: Update = {
    params: [...(rests ? otherParams : model.parameters()).values()],
    optimizers: rests ? [otherOptimizer] : [attentionOptimizer, otherOptimizer],
  }
  const alone: Update = { params: [...attentionParams.values()], optimizers: [attentionOptimizer] }

  const sums = accumulate > 1 ? new GradientSum(model.parameters()) : undefined
  // The mode is part of the step: run eagerly, steps of both modes take turns.
  const record = (inputs: Inputs) => ({
    train: runner(() => trainStep((model instanceof Tasn ? model.rest(rests) : model).train(), inputs, full, sums)),
    alone:
      attentionEpochs && model instanceof Tasn
        ? runner(() => attentionStep(model.rest(false).train(), inputs, alone, sums))
        : undefined,
    applyFull: sums ? runner(() => applyStep(sums, full, accumulate)) : undefined,
    applyAlone: sums && attentionEpochs ? runner(() => applyStep(sums, alone, accumulate)) : undefined,
    test: runner(() => evaluateStep(model.train(false), inputs)),
  })
  const plansOf = (steps: ReturnType<typeof record>): Plans => Object.values(steps).flatMap(s => s?.plan ?? [])
  const mapSize = config.look === 'box' ? (config.maps.mapSize ?? config.imageSize) : undefined
  if (mapSize) checkBoxes(dataset)
  const inputs = makeInputs(batch, config.imageSize, mapSize)
  const steps = record(inputs)
  await readyOrExplain(plansOf(steps), training, other => {
    const smaller = makeInputs(other, config.imageSize, mapSize)
    const plans = plansOf(record(smaller))
    for (const t of Object.values(smaller) as Tensor[]) release(t)
    return plans
  })

  const everything = (): Map<string, Tensor> =>
    new Map([
      ...model.state(),
      ...prefixed('optimizer.attention.', attentionOptimizer.state()),
      ...prefixed('optimizer.classifier.', otherOptimizer.state()),
    ])

  /** What the attention net's own epochs have changed. */
  const attentionState = (): Map<string, Tensor> =>
    new Map([...everything()].filter(([name]) => /^(optimizer\.)?attention\./.test(name)))

  const stepsPerEpoch = Math.floor(train.batches / accumulate)
  if (!stepsPerEpoch)
    throw new Error(
      `an epoch has ${train.batches} batches of ${batch}, which is less than one step of --accumulate ${accumulate}`,
    )
  const total = epochs * stepsPerEpoch

  /** One epoch of training; returns its mean losses and accuracies. */
  async function trainEpoch(epoch: number, started: number): Promise<Record<string, number>> {
    const attentionOnly = epoch < attentionEpochs
    const step = attentionOnly ? steps.alone! : steps.train
    const apply = attentionOnly ? steps.applyAlone : steps.applyFull
    const random = new Random(seed, STREAM.epoch + epoch)
    const name = `epoch ${`${epoch + 1}`.padStart(`${epochs}`.length)}/${epochs}${attentionOnly ? ' (attention)' : ''}`
    const bar = progress(name, stepsPerEpoch)
    const epochStart = performance.now()
    const means: Record<string, number> = {}
    let images = 0
    let micro = 0
    let stepNumber = 0

    const take = async (batchNow: Batch): Promise<void> => {
      if (micro % accumulate === 0) setRates(epoch, stepNumber)
      const change = drawChanges(random, batch, training.augmentation)
      const u = Float32Array.from({ length: batch }, () => random.next())
      feed(inputs, batchNow.pixels, change, batchNow.labels, u, mapSize && boxMaps(batchNow.boxes, change, mapSize))
      const numbers = await reportNumbers(step, attentionOnly)
      images += batch
      for (const [key, v] of Object.entries(numbers)) means[key] = (means[key] ?? 0) + v
      if (!Number.isFinite(numbers.loss)) {
        throw new Error(
          `the loss is ${numbers.loss} at epoch ${epoch + 1}, step ${stepNumber + 1}: lower --lr (or ` +
            '--attention-lr), or look for the cause with CHECK=1',
        )
      }
      if (++micro % accumulate) return
      apply?.run()
      stepNumber++
      const seconds = (performance.now() - epochStart) / 1000
      const speed = images / seconds
      const done = epoch * stepsPerEpoch + stepNumber
      const lr = rate(epoch, stepNumber - 1)
      const k = images / batch
      const left = ((total - done) * accumulate * batch) / speed
      folder.log({
        kind: 'step',
        epoch: epoch + 1,
        step: done,
        lr,
        ...numbers,
        imagesPerSecond: Number(speed.toFixed(2)),
      })
      bar.update(
        stepNumber,
        `loss ${(means.loss! / k).toFixed(3)}  ${headText(means, k)}  ${speed.toFixed(1)} images/s  ` +
          `${duration(left)} left`,
      )
    }
    try {
      for await (const batchNow of train.epoch(epoch)) {
        if (stepNumber === stepsPerEpoch) break
        await take(batchNow)
      }
    } finally {
      bar.stop()
    }
    const mean = Object.fromEntries(Object.entries(means).map(([key, v]) => [key, v / micro]))
    return {
      ...mean,
      imagesPerSecond: images / ((performance.now() - epochStart) / 1000),
      elapsed: (performance.now() - started) / 1000,
    }
  }

  const rate = ratesOf(training, attentionEpochs, stepsPerEpoch)
  function setRates(epoch: number, step: number): void {
    const { attention, classifier } = rate(epoch, step)
    if (epoch < attentionEpochs || !rests) attentionOptimizer.advance(attention)
    if (epoch >= attentionEpochs) otherOptimizer.advance(classifier)
  }

  /** Runs a step and names its numbers as metrics.jsonl does. */
  async function reportNumbers({ run }: Runner, attentionOnly: boolean): Promise<Record<string, number>> {
    if (attentionOnly) {
      const v = await read(run()[0]!)
      return { loss: v[0]!, loss_attention: v[0]!, accuracy_attention: average(v.slice(1)) }
    }
    const { loss, terms, correct, emptyMaps } = await readReport(run()[0]!, batch)
    const losses = LOSS_TERMS.filter(t => (t === 'soft' ? heads.includes('part') : heads.includes(t))).map(
      (t): [string, number] => [`loss_${t}`, terms[t]],
    )
    const accuracies = heads.map((h): [string, number] => [`accuracy_${h}`, average(correct[h])])
    return { loss, ...Object.fromEntries([...losses, ...accuracies]), emptyMaps }
  }

  async function run(): Promise<Summary> {
    const started = performance.now()
    const history: Accuracies[] = []
    const times: number[] = []
    let firstEpoch = 0
    let trained = 0
    let testImages = 0
    const source = existsSync(own) ? own : attentionFrom
    if (source !== undefined) {
      const { tensors, metadata } = await readTensors(source)
      restore(source === own ? everything() : attentionState(), tensors, source)
      firstEpoch = Number(metadata.epoch)
      if (source !== own && firstEpoch !== attentionEpochs)
        throw new Error(
          `${source} is of a run whose attention net learnt alone for ${epochsText(firstEpoch)}; this one's does ` +
            `for ${attentionEpochs}`,
        )
      attentionOptimizer.steps = Number(metadata.attentionSteps)
      otherOptimizer.steps = Number(metadata.classifierSteps)
      history.push(...(JSON.parse(metadata.history ?? '[]') as Accuracies[]))
      // So that this run can be taken from as well.
      if (source !== own) copyFileSync(source, folder.path(ATTENTION_FILE))
      console.log(
        source !== own
          ? `the attention net's ${epochsText(firstEpoch)} alone ${firstEpoch > 1 ? 'are' : 'is'} taken from ${source}`
          : firstEpoch < epochs
            ? `resuming after epoch ${firstEpoch}`
            : `all ${epochsText(epochs)} of this run are done; --epochs can raise them`,
      )
    }
    folder.keepMetrics(line => line.epoch <= firstEpoch)
    if (attentionEpochs > firstEpoch)
      console.log(`the attention net learns alone for ${epochsText(attentionEpochs)}${rests ? ', then it rests' : ''}`)
    for (let epoch = firstEpoch; epoch < epochs; epoch++) {
      const epochStart = performance.now()
      const { elapsed, ...trainMeans } = await trainEpoch(epoch, started)
      if (epoch >= attentionEpochs) times.push((performance.now() - epochStart) / 1000)
      const tested =
        (epoch + 1) % evaluateEvery === 0 || epoch === epochs - 1 ? await evaluate(steps.test, inputs, test) : undefined
      // While the attention net learns alone, there is nothing to say of the others.
      const shown = !tested ? [] : epoch < attentionEpochs ? heads.slice(0, 1) : heads
      const accuracy: Accuracies = Object.fromEntries(shown.map(h => [h, tested!.accuracy[h]]))
      history.push(accuracy)
      trained += stepsPerEpoch * accumulate * batch
      testImages = tested?.images ?? testImages
      folder.log({
        kind: 'epoch',
        epoch: epoch + 1,
        ...trainMeans,
        imagesPerSecond: Number(trainMeans.imagesPerSecond!.toFixed(2)),
        ...Object.fromEntries(shown.map(h => [`test_${h}`, accuracy[h]!])),
        seconds: Number(elapsed!.toFixed(2)),
      })
      const where = {
        epoch: `${epoch + 1}`,
        attentionSteps: `${attentionOptimizer.steps}`,
        classifierSteps: `${otherOptimizer.steps}`,
        history: JSON.stringify(history),
      }
      if (epoch + 1 === attentionEpochs && training.attentionAfter !== 'joint')
        await saveTensors(folder.path(ATTENTION_FILE), attentionState(), where)
      if (model instanceof Tasn)
        await saveTensors(
          folder.path('model.safetensors'),
          inferenceState(model),
          modelMetadata({ config, classes: dataset.classes.map(c => c.name) }),
        )
      if (epoch === epochs - 1) folder.writeJson('answers.json', answersOf(tested!.right))
      // Last: who finds this checkpoint finds the rest of the epoch, too.
      await saveTensors(own, everything(), where)
      console.log(
        `epoch ${`${epoch + 1}`.padStart(`${epochs}`.length)}/${epochs}  loss ${trainMeans.loss!.toFixed(3)}  ` +
          `${tested ? `test: ${shown.map(h => `${HEAD_NAMES[h]} ${percent(accuracy[h]!)}`).join('  ')}  ` : ''}` +
          `${trainMeans.imagesPerSecond!.toFixed(1)} images/s  ${duration(elapsed!)}`,
      )
    }
    await finish()
    if (!history.length) throw new Error('no epoch was run')
    const bestEpoch = history.reduce(
      (best, a, i) => ((a.sharedMaster ?? -1) > (history[best]!.sharedMaster ?? -1) ? i : best),
      0,
    )
    const seconds = (performance.now() - started) / 1000
    return {
      final: history.at(-1) as Summary['final'],
      best: history[bestEpoch] as Summary['final'],
      bestEpoch: bestEpoch + 1,
      epochs: history.length,
      trained: Math.max(0, epochs - firstEpoch),
      trainImages: dataset.train.length,
      testImages: testImages || dataset.test.length,
      seconds,
      imagesPerSecond: trained / seconds,
      memory: steps.train.plan?.memory,
      secondsPerEpoch: times.sort((a, b) => a - b)[times.length >> 1],
      parametersAtTest: [...model.parameters()].reduce(
        (n, [name, t]) => (/^(part|master|attention\.(bn|fc))\./.test(name) ? n : n + t.size),
        0,
      ),
      attention: model instanceof Tasn ? await attentionQuality(model, test) : undefined,
    }
  }

  return { model, test, describe: () => describe(attentionParams, otherParams, batch, steps.train.plan), run }
}

const average = (v: ArrayLike<number>): number => {
  let s = 0
  for (let i = 0; i < v.length; i++) s += v[i]!
  return s / v.length
}
/** Training accuracy of the attention net and of the head that predicts. */
const headText = (means: Record<string, number>, k: number): string =>
  (['attention', 'sharedMaster'] as const)
    .filter(h => `accuracy_${h}` in means)
    .map(h => `${HEAD_NAMES[h]} ${percent(means[`accuracy_${h}`]! / k)}`)
    .join('  ')
const prefixed = (prefix: string, tensors: Map<string, Tensor>): [string, Tensor][] =>
  [...tensors].map(([name, t]) => [prefix + name, t])
