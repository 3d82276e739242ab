/**
 * Records what the page has from Node: the figures of the panel Check, and the answer that the panel Look opens with.
 *
 *     npx tsx examples/browser/record.ts     # recorded.json and first_look.json; `npm run format` folds them
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drawBird } from '../../src/data/birds/index.ts'
import { adapterInfo, Classifier, close, decodeSafetensors, open, type SafetensorsFile } from '../../src/index.ts'
import { CHECK_BIRDS, figuresOf, type Recorded } from './check_figures.ts'
import { packLook } from './first_look.ts'
import { FIRST_SHOWN, pictureOf } from './painters.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const pageModel = (): SafetensorsFile =>
  decodeSafetensors(new Uint8Array(readFileSync(here('./model.safetensors'))), 'model.safetensors')

/** Computes the figures of the panel Check on the device that is open. */
export async function record(): Promise<Recorded> {
  const drawn = new Map(CHECK_BIRDS.map(index => [index, drawBird(0, index)]))
  const { logits, losses } = await figuresOf(drawn, pageModel())
  const short = (values: readonly number[]): number[] => values.map(v => Number(v.toPrecision(8)))
  return { adapter: adapterInfo.description || adapterInfo.device, logits: short(logits), losses: short(losses) }
}

/** The figures as they were recorded last. */
export const recorded = (): Recorded => JSON.parse(readFileSync(here('./recorded.json'), 'utf8')) as Recorded

/** Computes the answer to the bird that the page opens with, by its own model as it was trained. */
export async function recordLook() {
  const classifier = new Classifier(pageModel())
  const { config } = classifier
  const seen = await classifier.explain(pictureOf(drawBird(0, FIRST_SHOWN)))
  classifier.destroy()
  return { config, seen }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await open()
  writeFileSync(here('./recorded.json'), `${JSON.stringify(await record())}\n`)
  const { config, seen } = await recordLook()
  writeFileSync(here('./first_look.json'), `${JSON.stringify({ config, look: packLook(seen) })}\n`)
  await close()
}
