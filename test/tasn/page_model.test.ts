/** The trained model of the page is as good as it says, on birds that it has not seen. */
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drawBird } from '../../src/data/birds/draw.ts'
import { decodeSafetensors } from '../../src/io/safetensors.ts'
import { Classifier } from '../../src/tasn/classify.ts'

/** Test birds of the built-in set, the first 3,072 of which are for training: six of each species. */
const [FIRST, COUNT] = [3072, 96]

const t = suite('tasn/page_model')

t('names nine birds in ten', async () => {
  const file = new URL('../../examples/browser/model.safetensors', import.meta.url)
  const classifier = new Classifier(decodeSafetensors(new Uint8Array(readFileSync(file)), 'model.safetensors'))
  let right = 0
  for (let index = FIRST; index < FIRST + COUNT; index++) {
    const { rgb, label } = drawBird(0, index)
    const [best] = await classifier.classify({ width: 192, height: 192, data: rgb }, 1)
    right += Number(best!.name === classifier.classes[label])
  }
  classifier.destroy()
  assert.ok(right >= 0.9 * COUNT, `${right} of ${COUNT}`)
})

t.run()
