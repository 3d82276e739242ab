/** Asks if the steps of a training or a test fit the adapter, before anything is allocated, and which batch would. */
import { mostBytes, stats } from '../engine/buffers.ts'
import type { Plan } from '../engine/plan.ts'
import { OutOfMemory } from '../engine/plan_memory.ts'
import { adapterInfo } from '../gpu/device.ts'
import { inNode } from '../gpu/runtime.ts'
import { switches } from '../gpu/switches.ts'

/** Plans that are in memory together. */
export type Plans = readonly Plan[]

/**
 * Bytes that plans may still take. WebGPU does not tell how much memory a GPU has: there only the switch MEMORY (GiB
 * for everything) is a limit, and what allocation says. A software adapter takes the machine's own memory, of which a
 * tenth is left alone.
 */
export function freeBytes(): number {
  const limit = switches.memory
  if (limit !== undefined) return Math.max(0, limit * 2 ** 30 - stats.bytes)
  return adapterInfo.software && inNode ? 0.9 * process.availableMemory() : Infinity
}

/**
 * Makes plans ready to run.
 * @param recordAt the same plans for another batch.
 * @throws where they cannot fit, with the largest batch that would: before anything is allocated, if that can be known.
 */
export async function readyOrExplain(plans: Plans, settings: BatchSettings, recordAt: RecordAt): Promise<void> {
  const free = freeBytes()
  const explain = (room: number, why: string): Error => refusal(settings, why, largestBatch(settings, room, recordAt))
  const needed = bytesOf(plans)
  const largest = largestOf(plans)
  const beside = `beside the ${size(stats.bytes)} of the model it needs ${size(needed)}`
  if (largest > mostBytes())
    throw explain(
      free,
      `its largest tensor takes ${size(largest)}, and this adapter binds at most ${size(mostBytes())} at once`,
    )
  if (needed > free) {
    const where = switches.memory ? ` of MEMORY=${switches.memory}` : ' on this machine'
    throw explain(free, `${beside}, and ${size(free)} are free${where}`)
  }
  let ready = 0
  try {
    for (const plan of plans) {
      await plan.ready()
      ready += plan.memory.planned
    }
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error
    const room = ready + error.got
    for (const plan of plans) plan.destroy()
    throw explain(room, `${beside}, and the GPU gave ${size(room)}`)
  }
}

export interface BatchSettings {
  readonly batch: number
  /** Undefined for a test. */
  readonly accumulate?: number
}
type RecordAt = (batch: number) => Plans

/**
 * The largest batch below the wanted one whose plans fit into `room` bytes; 0 if not even one image does. Found by
 * recording the same steps at other batches, which costs neither memory nor work on the GPU.
 */
export function largestBatch({ batch }: BatchSettings, room: number, recordAt: RecordAt): number {
  let fits = 0
  for (let over = batch; over - fits > 1; ) {
    const middle = (fits + over) >> 1
    const other = recordAt(middle)
    if (bytesOf(other) <= room && largestOf(other) <= mostBytes()) fits = middle
    else over = middle
  }
  return fits
}

function refusal({ batch, accumulate }: BatchSettings, why: string, fits: number): Error {
  const [what, network, more] = accumulate
    ? [
        'training step',
        'a smaller --preset, or ',
        `; with --accumulate ${Math.ceil((batch * accumulate) / fits)} a step still learns from as many images`,
      ]
    : ['test', '', '']
  const advice = fits
    ? `--batch ${fits} fits${more}`
    : `not even one image fits: take ${network}an adapter with more memory`
  return new Error(`a ${what} of ${batch} image${batch > 1 ? 's' : ''} does not fit: ${why}. ${advice}`)
}

export const bytesOf = (plans: Plans): number => plans.reduce((sum, p) => sum + p.memory.planned, 0)
const largestOf = (plans: Plans): number => Math.max(0, ...plans.map(p => p.placed.largest.bytes))
const size = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
