/** Prediction: the shared head on the structure sample, and on its mirror image. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scope } from '../../src/engine/eager.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read } from '../../src/engine/transfer.ts'
import { correct, crossEntropy } from '../../src/ops/loss.ts'
import { Tasn } from '../../src/tasn/network.ts'
import { testLogits } from '../../src/tasn/prediction.ts'
import { relative } from '../support/check.ts'
import { CONFIG, draw, images, labels, N, picks } from '../support/toy_tasn.ts'

const t = suite('tasn/prediction')

t('predict() is the shared head on the structure sample', async () => {
  const model = new Tasn(new Random(2), CONFIG).train(false)
  const input = images()
  const y = labels()
  const [loss, right, wantLoss, wantRight] = scope(() => {
    const logits = model.predict(input)
    const { terms, correct: all } = model.forward(input, y, picks())
    return [crossEntropy(logits, y), correct(logits, y), terms.sharedMaster, all.sharedMaster]
  })
  assert.ok(relative(await read(loss), await read(wantLoss)) < 1e-6)
  assert.equal(await read(right), await read(wantRight))
})

t('mirrorTest: what predicts is the mean over the sample and its mirror image, in testing only', async () => {
  const sample = persistent([N, 3, 12, 14], draw(3, N * 3 * 12 * 14))
  const values = await read(sample)
  const [mean] = scope(() => [testLogits({ ...CONFIG, mirrorTest: true }, sample, y => y)])
  assert.ok(
    relative(
      await read(mean),
      values.map((v, i) => (v + values[i - (i % 14) + 13 - (i % 14)]!) / 2),
    ) < 1e-6,
  )
  const losses = async (mirrorTest: boolean, training: boolean) => {
    const model = new Tasn(new Random(2), { ...CONFIG, mirrorTest }).train(training)
    const [loss, logits] = scope(() => [
      model.forward(images(), labels(), picks()).terms.sharedMaster,
      model.predict(images()),
    ])
    return { loss: (await read(loss))[0]!, logits: [...(await read(logits))] }
  }
  assert.is((await losses(true, true)).loss, (await losses(false, true)).loss)
  const on = await losses(true, false)
  const off = await losses(false, false)
  assert.not.equal(on.logits, off.logits)
  const want = scope(() => [crossEntropy(persistent([N, 5], Float32Array.from(on.logits)), labels())])[0]!
  assert.ok(Math.abs((await read(want))[0]! - on.loss) < 1e-5, 'forward() and predict() agree')
})

t.run()
