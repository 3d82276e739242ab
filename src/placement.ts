/** Which tensors of a plan may share a buffer: interval scheduling with sizes. */

/** A block of memory and the launches, inclusive, between which it holds something. */
export interface Lifetime { readonly bytes: number, readonly first: number, readonly last: number }

export interface Placement {
  /** Buffers, each with its size and the indices of the blocks that live in it one after another. */
  readonly homes: { bytes: number, tenants: number[] }[]
  readonly planned: number
  readonly unplanned: number
  /** Bytes alive at the worst launch: no placement can use less. */
  readonly lowerBound: number
  readonly alive: number[]
}

/**
 * Assigns whole buffers, never parts of one: WebGPU rejects a buffer bound for reading and for writing in one dispatch, even on
 * ranges that do not overlap. Several greedy orders are tried, for none is always best (large blocks first wins when sizes are
 * few, first come first served when lives are short), and the smallest total is kept.
 */
export function place(blocks: readonly Lifetime[], launches: number): Placement {
  const alive = new Array<number>(launches).fill(0)
  for (const { bytes, first, last } of blocks) for (let i = first; i <= Math.min(last, launches - 1); i++) alive[i]! += bytes
  const index = blocks.map((_, i) => i)
  const bySize = [...index].sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes || blocks[a]!.first - blocks[b]!.first)
  const bySizeLongest = [...index].sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes || span(blocks[b]!) - span(blocks[a]!))
  const byStart = [...index].sort((a, b) => blocks[a]!.first - blocks[b]!.first)
  const peak = alive.indexOf(Math.max(...alive))
  // What is alive at the worst launch needs a buffer each anyway: seat it first, the rest around it.
  const atPeak = (i: number) => blocks[i]!.first <= peak && peak <= blocks[i]!.last ? 0 : 1
  const peakFirst = [...bySize].sort((a, b) => atPeak(a) - atPeak(b))
  const peakFirstByStart = [...byStart].sort((a, b) => atPeak(a) - atPeak(b))
  const tries = [bySize, bySizeLongest, byStart, peakFirst, peakFirstByStart].map(order => seat(blocks, order))
  const total = (homes: Placement['homes']) => homes.reduce((sum, h) => sum + h.bytes, 0)
  const homes = tries.reduce((best, t) => total(t) < total(best) ? t : best)
  return { homes, planned: total(homes), unplanned: blocks.reduce((sum, b) => sum + b.bytes, 0), lowerBound: Math.max(0, ...alive), alive }
}

const span = (b: Lifetime): number => b.last - b.first

/** Seats the blocks in the order given: into the free buffer that grows least, then wastes least; else into a new one. */
function seat(blocks: readonly Lifetime[], order: readonly number[]): Placement['homes'] {
  const homes: Placement['homes'] = []
  for (const i of order) {
    const b = blocks[i]!
    let best: Placement['homes'][number] | undefined, bestCost = b.bytes // what a new buffer would cost
    let bestWaste = Infinity
    for (const h of homes) {
      const cost = Math.max(0, b.bytes - h.bytes), waste = Math.max(0, h.bytes - b.bytes)
      if (cost > bestCost || (cost === bestCost && waste >= bestWaste)) continue
      if (h.tenants.some(j => overlap(blocks[j]!, b))) continue
      best = h
      bestCost = cost
      bestWaste = waste
    }
    if (best) {
      best.bytes = Math.max(best.bytes, b.bytes)
      best.tenants.push(i)
    } else {
      homes.push({ bytes: b.bytes, tenants: [i] })
    }
  }
  return homes
}

const overlap = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last
