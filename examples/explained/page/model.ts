/** The demo's trained model, for figures: in a chapter's worker and in Node. */
import { Zeros } from '../../../src/engine/random.ts'
import { onClose } from '../../../src/gpu/device.ts'
import { inNode } from '../../../src/gpu/runtime.ts'
import { decodeSafetensors, type SafetensorsFile } from '../../../src/io/safetensors.ts'
import { Classifier } from '../../../src/tasn/classify.ts'
import { TasnInference } from '../../../src/tasn/inference.ts'
import { readModelCard } from '../../../src/tasn/model_card.ts'

async function bytes(): Promise<Uint8Array<ArrayBuffer>> {
  if (inNode) {
    const { readFileSync } = process.getBuiltinModule('node:fs')
    return new Uint8Array(readFileSync(new URL('../../browser/model.safetensors', import.meta.url)))
  }
  const response = await fetch(new URL('../model.safetensors', location.href)) // beside the chapters' folders
  if (!response.ok) throw new Error(`The book's model is missing (model.safetensors: ${response.status}).`)
  return new Uint8Array(await response.arrayBuffer())
}

let file: Promise<SafetensorsFile> | undefined
let loaded: Promise<Classifier> | undefined
let network: Promise<TasnInference> | undefined
onClose(() => {
  loaded = undefined
  network = undefined
})

/** The model's file, decoded once. @throws where it is missing. */
export function bookFile(): Promise<SafetensorsFile> {
  file ??= bytes().then(b => decodeSafetensors(b, 'model.safetensors'))
  return file
}

/** The model, loaded once. The device must be open. @throws where its file is missing. */
export function bookModel(): Promise<Classifier> {
  loaded ??= bookFile().then(found => new Classifier(found))
  return loaded
}

/** The same model as a network, for figures that look at its parts; loaded once. @throws where its file is missing. */
export function bookNetwork(): Promise<TasnInference> {
  network ??= bookFile().then(({ tensors, metadata }) => {
    const made = new TasnInference(new Zeros(), readModelCard(metadata, 'model.safetensors').config)
    made.load(tensors)
    return made
  })
  return network
}
