/** A small computation from end to end, for comparing browsers with Node: logits of drawn birds, and losses. */

import { drawBird } from '../../src/data/birds/draw.ts'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read, release } from '../../src/engine/transfer.ts'
import { AdamW } from '../../src/nn/optim.ts'
import { augment, CHANGE_SIZE, NO_CHANGE } from '../../src/ops/image.ts'
import type { TasnConfig } from '../../src/tasn/config.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { PRESETS } from '../../src/train/presets.ts'
import { readReport } from '../../src/train/report.ts'
import { feed, makeInputs, runner, trainStep } from '../../src/train/steps.ts'

/** Birds that are classified, and those in a step of training. */
const BIRDS = 32
const BATCH = 8
const SIZE = 96

const CONFIG: TasnConfig = {
  ...PRESETS.tiny.model,
  classes: 16,
  imageSize: [SIZE, SIZE],
  attentionSize: [32, 32],
  maps: { ...PRESETS.tiny.model.maps, mapSize: [32, 32] },
}

export interface SmallRun {
  /** (BIRDS,16) of the network as it is initialised. */
  readonly logits: readonly number[]
  /** Of steps of training, of all parts together. */
  readonly losses: readonly number[]
}

const noChange = (n: number): Float32Array =>
  Float32Array.from({ length: n * CHANGE_SIZE }, (_, i) => NO_CHANGE[i % CHANGE_SIZE]!)

/** Classifies 32 birds, then trains for `steps` steps. The device is open. */
export async function smallRun(steps = 5): Promise<SmallRun> {
  const birds = Array.from({ length: BIRDS }, (_, i) => drawBird(11, i, { size: SIZE }))
  const packed = birds.map(({ rgb }) =>
    Uint32Array.from(
      { length: SIZE * SIZE },
      (_, i) => (rgb[3 * i]! | (rgb[3 * i + 1]! << 8) | (rgb[3 * i + 2]! << 16) | (255 << 24)) >>> 0,
    ),
  )
  const pixelsOf = (from: number, n: number): Uint32Array<ArrayBuffer> =>
    Uint32Array.from(packed.slice(from, from + n).flatMap(p => [...p]))

  const model = new Tasn(new Random(3), CONFIG)
  model.train(false)
  const pixels = persistent([BIRDS, SIZE, SIZE], pixelsOf(0, BIRDS))
  const change = persistent([BIRDS, CHANGE_SIZE], noChange(BIRDS))
  const [logits] = scope(() => [model.predict(augment(pixels, change))])
  const answer = [...(await read(logits!))]
  for (const t of [pixels, change]) release(t)

  const inputs = makeInputs(BATCH, CONFIG.imageSize)
  const parameters = model.parameters()
  const optimizer = new AdamW(parameters, { b2: 0.99 })
  const step = runner(() => trainStep(model, inputs, { params: [...parameters.values()], optimizers: [optimizer] }))
  await step.plan?.ready()
  const losses: number[] = []
  for (let k = 0; k < steps; k++) {
    const from = (k * BATCH) % BIRDS
    const labels = Uint32Array.from(birds.slice(from, from + BATCH), b => b.label)
    const u = Float32Array.from({ length: BATCH }, (_, i) => (i + 0.5) / BATCH)
    optimizer.advance(0.002)
    feed(inputs, pixelsOf(from, BATCH), noChange(BATCH), labels, u)
    losses.push((await readReport(step.run()[0]!, BATCH)).loss)
  }
  return { logits: answer, losses }
}
