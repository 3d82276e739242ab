/** The place that a training has reached: as the loop moves it, and as a checkpoint's metadata keep it. */
import { isObject, parsed, sameJson } from '../io/json.ts'
import type { HostTensor, SafetensorsFile } from '../io/safetensors.ts'
import { HEADS } from '../tasn/heads.ts'
import type { Accuracies, TestedSoFar } from './evaluate.ts'
import type { Training } from './setup.ts'

/** All of a training's progress that is not in tensors. */
export interface Done {
  /** Epochs that are done, with their tests. */
  readonly epochs: number
  /** Steps that are done of the epoch after them; all of them while its test is under way. */
  readonly steps: number
  /** The batches of these steps, and the sums of their numbers. */
  readonly batches: number
  readonly sums: Readonly<Record<string, number>>
  /** The test of that epoch, as far as it has come. */
  readonly test: TestedSoFar | undefined
  /** Test accuracies after each epoch that is done. */
  readonly history: readonly Accuracies[]
}

/** The beginning of a training. */
export const NOTHING_DONE: Done = { epochs: 0, steps: 0, batches: 0, sums: {}, test: undefined, history: [] }

/** The metadata of a training's files. They hold no times, so equal trainings write equal files. */
export const positionMetadata = (t: Training): Record<string, string> => ({
  position: JSON.stringify({
    ...t.done,
    test: t.done.test && { ...t.done.test, answers: undefined }, // in answersOfTest()
    attentionSteps: t.optimizers.attention.steps,
    classifierSteps: t.optimizers.classifier.steps,
  }),
  training: JSON.stringify(identityOf(t)),
})

/** The answers of a test that is under way are a tensor: as text, those to 60,000 images are too long for a header. */
const ANSWERS = 'test.answers'

/** By its name that tensor, where there is such a test: for each image if it was right, and its answer. */
export const answersOfTest = ({ test }: Done): [name: string, t: HostTensor][] => {
  const data = test?.answers.flatMap(a => [+a.right, a.answer, a.confidence, a.labelConfidence])
  return data ? [[ANSWERS, { shape: [data.length / 4, 4], data: Float32Array.from(data) }]] : []
}

/** The way back, to the very numbers: a float32 has all four digits of a probability. */
const answersIn = ({ data }: HostTensor): TestedSoFar['answers'] =>
  Array.from({ length: data.length / 4 }, (_, n) => {
    const row = Array.from(data.subarray(4 * n, 4 * n + 4), v => Math.round(v * 1e4) / 1e4)
    const [right, answer, confidence, labelConfidence] = row as [number, number, number, number]
    return { right: right === 1, answer, confidence, labelConfidence }
  })

/** All that stays the same while a training goes on, whatever --resume may change. */
function identityOf({ seed, model: { config }, settings }: Training): Record<string, unknown> {
  const { epochs: _, lr: __, attentionLr: ___, before: ____, ...fixed } = settings
  return JSON.parse(JSON.stringify({ seed, model: config, settings: fixed })) as Record<string, unknown>
}

/** A position as a file has it: with the steps that each optimiser has begun. */
export interface Position extends Done {
  readonly attentionSteps: number
  readonly classifierSteps: number
}

/**
 * Reads the position from a file's content.
 * @throws if there is none, or its numbers are none that a training has.
 */
export function readPosition(
  { metadata, tensors }: Pick<SafetensorsFile, 'metadata' | 'tensors'>,
  file: string,
): Position {
  const { position, sha256 } = metadata
  if (position === undefined || sha256 === undefined)
    throw new Error(`${file} is no checkpoint of this version: it lacks the position of a training, or its checksum`)
  const found = parsed(position) as Partial<Position> | undefined
  const counts = ['epochs', 'steps', 'batches', 'attentionSteps', 'classifierSteps'] as const
  const wrong =
    !isObject(found) || !isObject(found.sums) || !Array.isArray(found.history)
      ? 'position'
      : (counts.find(name => !isCount(found[name])) ??
        (Object.values(found.sums).every(v => Number.isFinite(v)) ? undefined : 'sums') ??
        (found.history.length === found.epochs && found.history.every(isObject) ? undefined : 'history') ??
        (found.test === undefined || isTest(found.test) ? undefined : 'test'))
  if (wrong) throw new Error(`${file} is damaged: the ${wrong} in its metadata is not what a training writes there`)
  // Earlier versions have no such tensor: their test begins again.
  const answers = tensors.get(ANSWERS)
  return { ...(found as Position), test: found!.test && answers && { ...found!.test, answers: answersIn(answers) } }
}

/** @throws if a file's metadata are of another training than `t`: it would go on with other bits than it began with. */
export function checkIdentity(t: Training, { training }: Record<string, string>, file: string): void {
  const then = parsed(training ?? '')
  const now = identityOf(t)
  if (sameJson(then, now)) return
  const differ = isObject(then) ? Object.keys(now).filter(name => !sameJson(then[name], now[name])) : []
  throw new Error(
    `${file} is not of this run: ${differ.join(', ') || 'all'} of it differ${differ.length > 1 ? '' : 's'} ` +
      "from this run's config.json",
  )
}

const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0
const isTest = (v: unknown): boolean =>
  isObject(v) && isCount(v.batches) && isObject(v.correct) && HEADS.every(h => isCount((v.correct as never)[h]))
