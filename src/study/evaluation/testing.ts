/** Runs a trained model on images, with a bar. */
import { decodePool } from '../../data/feed/pool.ts'
import { Loader } from '../../data/loader.ts'
import type { Tensor } from '../../engine/tensor.ts'
import { release } from '../../engine/transfer.ts'
import { OutOfDeviceMemory } from '../../gpu/device.ts'
import { progress } from '../../run/progress.ts'
import { checkBoxes } from '../../train/box_maps.ts'
import { NOTHING_TESTED, type Tested, testedOf, testing } from '../../train/evaluate.ts'
import { readyOrExplain } from '../../train/fit.ts'
import { makeInputs, runner } from '../../train/steps.ts'
import type { TestImages } from './images.ts'
import type { Loaded, Trained } from './model.ts'

/**
 * Tests the model as the loop of training does, so that a run's figures come again to the bit. The device is open.
 *
 * @param asked images at once, if that was asked for.
 * @throws where they do not fit into memory, or the model wants boxes that the images do not have.
 */
export async function test(
  { step }: Loaded,
  trained: Trained,
  { dataset, images, ofRun }: TestImages,
  asked: number | undefined,
): Promise<Tested> {
  const { imageSize, look, maps } = trained.config
  const [size, width] = imageSize
  if (size !== width) throw new Error(`the loader cuts squares; this model looks at ${size} x ${width} pixels`)
  const mapSize = look === 'box' ? (maps.mapSize ?? imageSize) : undefined
  if (mapSize) checkBoxes({ ...dataset, train: [] })
  // Kernels may differ with the batch: a run's own images are taken as many at once as in its tests.
  const batch = asked ?? (ofRun ? trained.batch : Math.min(trained.batch, dataset.test.length))
  const loader = new Loader(dataset.test, {
    size,
    batch,
    seed: 0,
    train: false,
    pool: decodePool,
    images,
    upright: dataset.upright,
  })
  const make = (n: number) => {
    const inputs = makeInputs(n, imageSize, mapSize)
    const testStep = runner(() => step(inputs))
    return { inputs, testStep, plans: testStep.plan ? [testStep.plan] : [] }
  }
  const { inputs, testStep, plans } = make(batch)
  await readyOrExplain(plans, { batch }, n => {
    const other = make(n)
    for (const t of Object.values(other.inputs) as Tensor[]) release(t)
    return other.plans
  })
  const bar = progress('testing', dataset.test.length)
  try {
    let sofar = NOTHING_TESTED
    for await (const batch of testing(testStep, inputs, loader)) {
      sofar = batch.sofar
      bar.update(sofar.answers.length, 'images')
    }
    return testedOf(sofar, loader)
  } catch (error) {
    if (!(error instanceof OutOfDeviceMemory)) throw error
    throw new Error(`${error.message}\nOther programs may hold the memory; a smaller --batch takes less`, {
      cause: error,
    })
  } finally {
    bar.stop()
  }
}
