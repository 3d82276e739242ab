/** The figures by which a page is compared with Node: logits of 32 birds, and the losses of five training steps. */
import { type BirdSet, BUILT_IN, type DrawnBird, inMemory } from '../../src/data/birds/index.ts'
import {
  augment,
  packSquare,
  persistent,
  read,
  release,
  type SafetensorsFile,
  scope,
  TasnInference,
  Zeros,
} from '../../src/index.ts'
import { readModelCard } from '../../src/tasn/model_card.ts'
import { noChanges, PRESETS, setUp, train } from '../../src/train/index.ts'
import { destroy } from './train_session.ts'

/** All that is compared. */
export interface Figures {
  /** 32 birds by 16 species, of the page's trained model. */
  readonly logits: readonly number[]
  /** Losses of five steps in which all parts of a new TASN learn. */
  readonly losses: readonly number[]
}

/** Figures as Node recorded them, and the adapter that computed them. */
export interface Recorded extends Figures {
  readonly adapter: string
}

const BIRDS = 32
const STEPS = 5
const CLASSES = 16
/** The model has been trained on those before it. */
const FIRST_TEST_BIRD = BUILT_IN.train
const { model: MODEL, training: TRAINING } = PRESETS.tiny
const SET: BirdSet = { seed: 0, train: STEPS * TRAINING.batch, test: CLASSES }

/** The indices of all birds that figuresOf() needs. */
export const CHECK_BIRDS: readonly number[] = [
  ...Array.from({ length: SET.train + SET.test }, (_, k) => k),
  ...Array.from({ length: BIRDS }, (_, k) => FIRST_TEST_BIRD + k),
]

/**
 * Computes the figures. The device must be open.
 * @param drawn the birds of CHECK_BIRDS.
 * @param model the content of the page's model.safetensors.
 */
export async function figuresOf(drawn: ReadonlyMap<number, DrawnBird>, model: SafetensorsFile): Promise<Figures> {
  return { logits: await logitsOf(drawn, model), losses: await lossesOf(drawn) }
}

async function logitsOf(
  drawn: ReadonlyMap<number, DrawnBird>,
  { tensors, metadata, file = 'the model' }: SafetensorsFile,
): Promise<number[]> {
  const { config } = readModelCard(metadata, file)
  const [side] = config.imageSize
  const pixels = new Uint32Array(BIRDS * side * side)
  for (let n = 0; n < BIRDS; n++) {
    const own = pixels.subarray(n * side * side, (n + 1) * side * side)
    const { rgb } = drawn.get(FIRST_TEST_BIRD + n)!
    packSquare({ width: side, channels: 3, data: rgb }, { left: 0, top: 0, side }, own)
  }
  const net = new TasnInference(new Zeros(), config)
  net.load(tensors)
  const [images, change] = [persistent([BIRDS, side, side], pixels), persistent([BIRDS, 9], noChanges(BIRDS))]
  const [logits] = scope(() => [net.forward(augment(images, change))])
  const values = [...(await read(logits))]
  for (const t of [images, change, logits, ...net.state().values()]) release(t)
  return values
}

/** All parts learn from the first step on, at rates that are gentle: what differs by rounding is not blown up. */
async function lossesOf(drawn: ReadonlyMap<number, DrawnBird>): Promise<number[]> {
  const settings = {
    ...TRAINING,
    epochs: 1,
    attentionEpochs: 0,
    attentionAfter: 'joint',
    lr: 0.001,
    attentionLr: 0.001,
  } as const
  const t = await setUp({ config: { ...MODEL, classes: CLASSES }, settings, seed: 0, ...inMemory(SET, drawn) })
  const losses: number[] = []
  for await (const event of train(t)) {
    if (event.kind === 'step') losses.push(event.numbers.loss)
    if (losses.length === STEPS) break
  }
  destroy(t)
  return losses
}

/** The largest difference of two lists, each relative to the recorded number where that is above 1. */
export function largestDifference(here: readonly number[], there: readonly number[]): number {
  if (here.length !== there.length) return Infinity
  const apart = here.map((v, i) => Math.abs(v - there[i]!) / Math.max(1, Math.abs(there[i]!)))
  return apart.every(Number.isFinite) ? Math.max(...apart) : Infinity
}
