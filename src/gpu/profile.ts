/** PROFILE=1: timestamps around every launch, and the table they add up to. */
import { gpu, onClose, wait } from './device.ts'
import { type Ladder, labelOf, type Params, type Rung } from './kernel.ts'

/** The part of a launch that timing needs. */
interface Timed {
  readonly ladder: Ladder
  readonly rung: Rung
  readonly params: Params
  readonly tensors: Readonly<Record<string, { readonly storage: { readonly bytes: number } }>>
}
export interface Row {
  calls: number
  /** Calls whose timestamps make no sense: they are in none of the sums. */
  untimed: number
  ns: number
  flop: number
  bytes: number
}

/**
 * Launches per submit (engine/encode.ts) and per query set: costs nothing (measured) and keeps each submit short for
 * the watchdogs of GPU drivers.
 */
export const SUBMIT_EVERY = 64

/** An hour. WebGPU lets a GPU set its timestamps back, so a difference may be negative, or any number. */
const LONGEST_NS = 3.6e12

class Profiler {
  readonly rows = new Map<string, Row>()
  readonly #queries = gpu.createQuerySet({ type: 'timestamp', count: 2 * SUBMIT_EVERY })
  readonly #resolved = gpu.createBuffer({
    size: 16 * SUBMIT_EVERY,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  })
  #pending: Timed[] = []
  #readings: { staging: GPUBuffer; launches: Timed[] }[] = []

  /** A pass of its own for one launch, with a timestamp at either end. */
  beginPass(encoder: GPUCommandEncoder, l: Timed): GPUComputePassEncoder {
    const i = 2 * (this.#pending.push(l) - 1)
    return encoder.beginComputePass({
      label: l.rung.file,
      timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: i, endOfPassWriteIndex: i + 1 },
    })
  }

  /** Called before each submit: moves the timestamps of its launches into a buffer of their own. */
  resolve(encoder: GPUCommandEncoder): void {
    const launches = this.#pending.splice(0)
    if (!launches.length) return
    const staging = gpu.createBuffer({
      size: 16 * launches.length,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    })
    encoder.resolveQuerySet(this.#queries, 0, 2 * launches.length, this.#resolved, 0)
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, 0, staging.size)
    this.#readings.push({ staging, launches })
  }

  destroy(): void {
    this.#queries.destroy()
    this.#resolved.destroy()
  }

  /** Adds everything submitted so far to the rows, and gives its buffers back. */
  async collect(): Promise<void> {
    for (const { staging, launches } of this.#readings.splice(0)) {
      await wait(staging.mapAsync(GPUMapMode.READ))
      const times = new BigInt64Array(staging.getMappedRange())
      launches.forEach(({ ladder, rung, params, tensors }, i) => {
        const row = this.rows.get(labelOf(rung)) ?? { calls: 0, untimed: 0, ns: 0, flop: 0, bytes: 0 }
        this.rows.set(labelOf(rung), row)
        row.calls++
        const ns = Number(times[2 * i + 1]! - times[2 * i]!)
        if (!(ns >= 0 && ns < LONGEST_NS)) {
          row.untimed++
          return
        }
        row.ns += ns
        row.flop += ladder.flop?.(params) ?? 0
        // A tensor bound under two names is one tensor.
        row.bytes += [...new Set(Object.values(tensors).map(t => t.storage))].reduce((sum, s) => sum + s.bytes, 0)
      })
      staging.destroy()
    }
  }
}

export let profiler: Profiler | undefined
onClose(() => {
  profiler = undefined
})

/** Starts measuring. Every launch then runs in a pass of its own, which costs time itself. */
export function startProfiling(): void {
  if (!gpu.features.has('timestamp-query'))
    throw new Error('a profile (PROFILE=1) needs an adapter with the feature timestamp-query, which this one lacks')
  profiler = new Profiler()
}

/** The rows so far, by kernel, times in nanoseconds; undefined where nothing is measured. */
export async function profileSoFar(): Promise<ReadonlyMap<string, Row> | undefined> {
  await profiler?.collect()
  return profiler?.rows
}

/** Stops measuring and returns the rows by kernel, times in nanoseconds. */
export async function stopProfiling(): Promise<Map<string, Row>> {
  const p = profiler
  profiler = undefined
  try {
    await p?.collect()
  } finally {
    p?.destroy()
  }
  return p?.rows ?? new Map<string, Row>()
}

/**
 * The rows as text, slowest first: calls, ms, share, GFLOP/s where the kernel knows its arithmetic, GB/s of the bound
 * tensors. Below it, what the times leave out.
 */
export function profileTable(rows: Map<string, Row>): string {
  const total = [...rows.values()].reduce((sum, r) => sum + r.ns, 0)
  const untimed = [...rows.values()].reduce((sum, r) => sum + r.untimed, 0)
  const line = (cells: string[]) =>
    cells[0]!.padEnd(50) +
    cells
      .slice(1)
      .map(c => c.padStart(10))
      .join('')
  const rate = (amount: number, ns: number, digits: number) => (amount && ns ? (amount / ns).toFixed(digits) : '')
  return [
    line(['kernel', 'calls', 'ms', 'share', 'GFLOP/s', 'GB/s']),
    ...[...rows]
      .sort((a, b) => b[1].ns - a[1].ns)
      .map(([file, r]) =>
        line([
          file,
          `${r.calls}`,
          (r.ns / 1e6).toFixed(2),
          total ? `${((100 * r.ns) / total).toFixed(1)} %` : '',
          rate(r.flop, r.ns, 1),
          rate(r.bytes, r.ns, 2),
        ]),
      ),
    line(['all', '', (total / 1e6).toFixed(2)]),
    ...(untimed ? [`${untimed} call(s) are not in the times: the GPU's timestamps make no sense there`] : []),
    ...(total || untimed ? [] : ["the GPU's timestamps stand still, so there are no times"]),
  ].join('\n')
}
