/** The panel Check's half in the worker: computes the figures and compares them with those of Node. */
import { adapterInfo, decodeSafetensors } from '../../src/index.ts'
import { CHECK_BIRDS, figuresOf, largestDifference, type Recorded } from './check_figures.ts'
import { birdsOf } from './draw.ts'
import type { Emit, Handlers } from './panel.ts'

/** The comparison, as the page shows it. */
export interface Compared {
  readonly adapter: string
  readonly recordedOn: string
  readonly losses: readonly { readonly here: number; readonly there: number }[]
  /** Largest differences. */
  readonly logits: number
  readonly loss: number
}

async function fileOf(name: string): Promise<Response> {
  const response = await fetch(new URL(name, import.meta.url))
  if (!response.ok) throw new Error(`${name} of this page is missing (${response.status})`)
  return response
}

async function compare(_: unknown, emit: Emit): Promise<Compared> {
  const recorded = (await (await fileOf('recorded.json')).json()) as Recorded
  const model = decodeSafetensors(new Uint8Array(await (await fileOf('model.safetensors')).arrayBuffer()), 'the model')
  const drawn = await birdsOf(CHECK_BIRDS, (done, of) => {
    if (done % 8 === 0) emit(`Drawing birds: ${done} of ${of}`)
  })
  emit('Computing logits and five steps …')
  const here = await figuresOf(drawn, model)
  const { vendor, architecture, device, description } = adapterInfo
  return {
    adapter: description || [vendor, architecture, device].filter(Boolean).join(' ') || 'an adapter without a name',
    recordedOn: recorded.adapter,
    losses: here.losses.map((loss, i) => ({ here: loss, there: recorded.losses[i]! })),
    logits: largestDifference(here.logits, recorded.logits),
    loss: largestDifference(here.losses, recorded.losses),
  }
}

export const handlers: Handlers = { compare }
