/**
 * Records the figures of the panel Check in Node:
 *
 *     npx tsx examples/browser/record.ts     # writes examples/browser/recorded.json; `npm run format` folds it
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drawBird } from '../../src/data/birds/index.ts'
import { adapterInfo, close, decodeSafetensors, open } from '../../src/index.ts'
import { CHECK_BIRDS, figuresOf, type Recorded } from './check_figures.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Computes the figures on the device that is open. */
export async function record(): Promise<Recorded> {
  const model = decodeSafetensors(new Uint8Array(readFileSync(here('./model.safetensors'))), 'model.safetensors')
  const drawn = new Map(CHECK_BIRDS.map(index => [index, drawBird(0, index)]))
  const { logits, losses } = await figuresOf(drawn, model)
  const short = (values: readonly number[]): number[] => values.map(v => Number(v.toPrecision(8)))
  return { adapter: adapterInfo.description || adapterInfo.device, logits: short(logits), losses: short(losses) }
}

/** The figures as they were recorded last. */
export const recorded = (): Recorded => JSON.parse(readFileSync(here('./recorded.json'), 'utf8')) as Recorded

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await open()
  writeFileSync(here('./recorded.json'), `${JSON.stringify(await record())}\n`)
  await close()
}
