/** The words of a run: what it prints about itself at its beginning, after each epoch, and at its end. */
import { relative } from 'node:path'
import type { Dataset } from '../data/dataset.ts'
import type { Tensor } from '../engine/tensor.ts'
import { tuning } from '../engine/tune/tune.ts'
import { adapterInfo } from '../gpu/device.ts'
import type { Head } from '../tasn/heads.ts'
import type { EpochEvent, StepEvent } from '../train/loop.ts'
import type { Numbers } from '../train/report.ts'
import { parametersOf, type Training } from '../train/setup.ts'
import { METRICS_FILE, MODEL_FILE, type RunFolder } from './folder.ts'
import { duration } from './progress.ts'
import type { Summary } from './summary.ts'

/**
 * The heads as the log calls them. `shared(master)`, the shared head on the structure sample, predicts; distillation
 * teaches `master`.
 */
export const HEAD_NAMES: Record<Head, string> = {
  attention: 'attention',
  part: 'part',
  master: 'master',
  sharedPart: 'shared(part)',
  sharedMaster: 'shared(master)',
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
export const epochsText = (n: number): string => `${n} epoch${n > 1 ? 's' : ''}`
export const thousands = (n: number): string => n.toLocaleString('en-US')
export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

/** The images that a run is tested on, in a word. */
export const sideText = (heldOut: unknown): string => (heldOut ? 'held-out' : 'test')

/** The adapter and the data. The device must be open. */
export function beginningText(dataset: Dataset): string {
  const { description, device, architecture, software } = adapterInfo
  return [
    `adapter: ${description || device || architecture}${software ? ' (software: runs on the CPU)' : ''}`,
    `data: ${relative(process.cwd(), dataset.dir) || '.'}: ${dataset.classes.length} classes, ` +
      `${dataset.train.length} training and ${dataset.test.length} ${sideText(dataset.heldOut)} images`,
  ].join('\n')
}

/** The warning for a run that is repeated without some of its kernels; undefined if all are there. */
export const missingText = (missing: readonly string[]): string | undefined =>
  missing.length
    ? `${missing.length} kernel(s) of that run are not to be had here, so the last bits will differ; the first: ` +
      missing[0]
    : undefined

/** Parameters, planned launches and memory, and what the tuner did. */
export function modelText({ model, settings: { batch }, phases }: Training): string {
  const { attention, classifier } = parametersOf(model)
  const count = (params: ReadonlyMap<string, Tensor>) => [...params.values()].reduce((n, t) => n + t.size, 0)
  const lines = [
    `model: ${thousands(count(attention) + count(classifier))} parameters` +
      (attention.size
        ? ` (attention net ${thousands(count(attention))}, classifier and heads ${thousands(count(classifier))})`
        : ''),
  ]
  const { plan } = phases.together.step
  lines.push(
    plan
      ? `step: ${plan.launches.length} launches for ${batch} images; memory planned ` +
          `${mebibytes(plan.memory.planned)} MiB, without sharing ${mebibytes(plan.memory.unplanned)} MiB, at least ` +
          `${mebibytes(plan.memory.lowerBound)} MiB`
      : 'step: run eagerly (PLAN=0)',
  )
  if (tuning.shapes)
    lines.push(
      `tuner: ${tuning.shapes} shapes measured in ${tuning.seconds.toFixed(1)} s, once for this adapter; ` +
        `${tuning.known} known${tuning.left ? `, ${tuning.left} left to the rules` : ''}`,
    )
  return lines.join('\n')
}

/** `epoch  3/26`, as wide for every epoch. */
const epochName = (epoch: number, epochs: number): string =>
  `epoch ${`${epoch + 1}`.padStart(`${epochs}`.length)}/${epochs}`

/** The place of a training: `epoch 3`, or `epoch 3 and 17 of the 128 steps of epoch 4`. */
export function placeText({ done: { epochs, steps }, stepsPerEpoch }: Training): string {
  const all = steps === stepsPerEpoch
  const parts = [
    ...(epochs || !steps ? [`epoch ${epochs}`] : []),
    ...(steps ? [`${all ? 'all' : `${steps} of the ${stepsPerEpoch}`} steps of epoch ${epochs + 1}`] : []),
  ]
  return `${parts.join(' and ')}${all ? ', before its test' : ''}`
}

export const testTitle = (epoch: number, { settings: { epochs } }: Training): string =>
  `${epochName(epoch, epochs)} (test)`

export const barTitle = ({ epoch }: StepEvent, { settings: { epochs }, attentionEpochs }: Training): string =>
  `${epochName(epoch, epochs)}${epoch < attentionEpochs ? ' (attention)' : ''}`

/** Beside the bar: means of the epoch so far, speed, the share of time waited for images, the seconds to the end. */
export function stepText({ epoch, step, means, images, seconds, waited }: StepEvent, t: Training): string {
  const { batch, accumulate, epochs } = t.settings
  const speed = images / seconds
  const left = (epochs - epoch) * t.stepsPerEpoch - (step + 1)
  return (
    `loss ${means.loss.toFixed(3)}  ${trainingAccuracy(means)}  ${speed.toFixed(1)} images/s  ` +
    `waits ${percent(waited / seconds)}  ${duration((left * accumulate * batch) / speed)} left`
  )
}

/** Training accuracy of the attention net and of the head that predicts. */
const trainingAccuracy = (means: Numbers): string =>
  (['attention', 'sharedMaster'] as const)
    .filter(h => `accuracy_${h}` in means)
    .map(h => `${HEAD_NAMES[h]} ${percent(means[`accuracy_${h}`]!)}`)
    .join('  ')

/** A loss that is this many times that of guessing is no longer learning. */
const DIVERGED = 100

/** The warning of a loss beyond all use; undefined while there is none. */
export function divergingText({ epoch, step, numbers: { loss } }: StepEvent, { dataset }: Training) {
  const guessing = Math.log(dataset.classes.length)
  return loss > DIVERGED * guessing
    ? `the loss is ${loss.toExponential(1)} at epoch ${epoch + 1}, step ${step + 1}, and guessing alone has ` +
        `${guessing.toFixed(1)}: the learning rate is probably too high (Ctrl-C stops the run; --resume --best ` +
        'with a lower --lr or --attention-lr goes on from the best checkpoint)'
    : undefined
}

/** The warning of a full disk. @param must the run can only go on once there is room. */
export const fullText = ({ message }: Error, must: boolean): string =>
  `${message}: ${must ? 'waiting for room' : 'training goes on, and the checkpoint is tried again soon'}`

/** The line of an epoch. @param elapsed seconds of this process until the epoch's last step. */
export function epochText(event: EpochEvent, elapsed: number, { settings: { epochs } }: Training): string {
  const { epoch, means, images, seconds, tested, accuracies } = event
  const heads = (Object.entries(accuracies) as [Head, number][]).map(([h, a]) => `${HEAD_NAMES[h]} ${percent(a)}`)
  return (
    `${epochName(epoch, epochs)}  loss ${means.loss.toFixed(3)}  ` +
    `${tested ? `test: ${heads.join('  ')}  ` : ''}${images ? `${(images / seconds).toFixed(1)} images/s  ` : ''}` +
    duration(elapsed)
  )
}

/** Speed, accuracy of every head, attention. */
export function endText(summary: Summary, { model, dataset }: Training): string {
  const { trained, trainImages, seconds, imagesPerSecond, epochs, testImages, final, best, bestEpoch, attention } =
    summary
  const earlier = trained < epochs ? `, after ${epochs - trained} from before` : ''
  const cell = (share: number | undefined) => (share === undefined ? '' : percent(share)).padStart(7)
  const inBox = attention?.inBox
  return [
    `${epochsText(trained)} of ${trainImages} images in ${duration(seconds)}, ${imagesPerSecond.toFixed(1)} images/s` +
      earlier,
    `${sideText(dataset.heldOut)} accuracy on ${testImages} images (chance ${percent(1 / dataset.classes.length)}):`,
    ...model.heads.map(
      head => `  ${HEAD_NAMES[head].padEnd(15)} ${cell(final[head])}   in epoch ${bestEpoch} ${cell(best[head])}`,
    ),
    `(shared(master) is what predicts; epoch ${bestEpoch} was its best on these very images, so that column flatters)`,
    ...(inBox === undefined
      ? []
      : [`attention in the bird's box: ${percent(inBox)} (evenly spread: ${percent(attention!.uniformInBox!)})`]),
  ].join('\n')
}

/** The files to look at. @param picture the overview, where there is one. @param report the same. */
export const filesText = (folder: RunFolder, picture: string | undefined, report: string | undefined): string =>
  [
    ...(report ? [`report:   ${report}`] : []),
    ...(picture ? [`pictures: ${picture}`] : []),
    `metrics:  ${folder.path(METRICS_FILE)}`,
    ...(picture
      ? [
          `model:    ${folder.path(MODEL_FILE)} (all that recognition needs; checkpoint.safetensors beside it ` +
            'is for --resume)',
        ]
      : []),
  ].join('\n')
