/** Placement: blocks of memory with sizes and lifetimes, packed into few buffers. */
import { alignedBytes } from './tensor.ts'

/** A block of memory and the launches, inclusive, between which it holds something. */
export interface Lifetime {
  readonly bytes: number
  readonly first: number
  readonly last: number
  /**
   * Blocks (by index) that must not share a buffer with this one, even on other bytes. Symmetric, as is `rather`:
   * packing looks at either side.
   */
  readonly apart: ReadonlySet<number>
  /** Blocks that had better not: a launch writes the one and reads the other. */
  readonly rather: ReadonlySet<number>
}

/** The place of a block in its buffer. */
export interface Seat {
  readonly block: number
  readonly offset: number
}

export interface Placement {
  /** The buffers, with the blocks that live in each. */
  readonly homes: readonly { readonly bytes: number; readonly seats: readonly Seat[] }[]
  readonly planned: number
  readonly unplanned: number
  /** Bytes alive at the worst launch: no placement can use less. */
  readonly lowerBound: number
  readonly alive: number[]
}

/**
 * Packs the blocks one after another, each into the buffer that need grow least for it, there into the tightest free
 * bytes. Four orders are tried (largest first, in two ways; largest times longest first; what lasts longest first), and
 * the smallest result is kept.
 *
 * Two blocks may share bytes when their lives do not overlap, and a buffer, on different bytes, unless they are
 * `apart`. Sharing buffers and not only bytes matters: a 7 MB image that is dead early would otherwise keep 7 MB for
 * one 2 MB feature map (planned over lower bound 1.44 on the tiny preset that way). WebGPU has a rule about a buffer
 * that one launch both reads and writes (gpu/variant.ts, declaredWritable()): among equally good buffers the one
 * without such a neighbour is taken. No buffer grows over `most` bytes.
 */
export function place(blocks: readonly Lifetime[], launches: number, most = Infinity): Placement {
  const alive = new Array<number>(launches).fill(0)
  for (const { bytes, first, last } of blocks)
    for (let i = first; i <= Math.min(last, launches - 1); i++) alive[i]! += bytes
  const index = blocks.map((_, i) => i)
  const span = (i: number) => blocks[i]!.last - blocks[i]!.first
  const orders = [
    [...index].sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes || blocks[a]!.first - blocks[b]!.first),
    [...index].sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes || span(b) - span(a)),
    [...index].sort((a, b) => blocks[b]!.bytes * span(b) - blocks[a]!.bytes * span(a)),
    [...index].sort((a, b) => blocks[b]!.last - blocks[a]!.last || blocks[b]!.bytes - blocks[a]!.bytes),
  ]
  const total = (homes: Placement['homes']) => homes.reduce((sum, h) => sum + h.bytes, 0)
  const homes = orders.map(order => pack(blocks, order, most)).reduce((best, h) => (total(h) < total(best) ? h : best))
  return {
    homes,
    alive,
    planned: total(homes),
    unplanned: blocks.reduce((sum, b) => sum + b.bytes, 0),
    lowerBound: alive.reduce((most, bytes) => Math.max(most, bytes), 0),
  }
}

interface Home {
  bytes: number
  seats: Seat[]
}

function pack(blocks: readonly Lifetime[], order: readonly number[], most: number): Home[] {
  const homes: Home[] = []
  for (const block of order) {
    const b = blocks[block]!
    const size = alignedBytes(b.bytes)
    let best: { home: Home; offset: number; cost: readonly [growth: number, clash: number, slack: number] } | undefined
    for (const home of homes) {
      if (home.seats.some(s => b.apart.has(s.block))) continue
      const { offset, slack } = gap(blocks, home, b, size)
      const growth = Math.max(0, offset + size - home.bytes)
      if (home.bytes + growth > most) continue
      const cost = [growth, Number(home.seats.some(s => b.rather.has(s.block))), slack] as const
      if (growth < size && (!best || less(cost, best.cost))) best = { home, offset, cost }
    }
    if (best) {
      best.home.seats.push({ block, offset: best.offset })
      best.home.bytes += best.cost[0]
    } else {
      homes.push({ bytes: size, seats: [{ block, offset: 0 }] })
    }
  }
  return homes
}

/** True if a comes before b, number by number. */
function less(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((v, k) => v !== b[k])
  return i >= 0 && a[i]! < b[i]!
}

/**
 * The tightest bytes of a home that nobody else uses during b's life; behind everybody else if there is no gap large
 * enough.
 */
function gap(blocks: readonly Lifetime[], home: Home, b: Lifetime, size: number): { offset: number; slack: number } {
  const taken = home.seats
    .filter(s => blocks[s.block]!.first <= b.last && b.first <= blocks[s.block]!.last)
    .sort((a, c) => a.offset - c.offset)
  let end = 0
  let offset = -1
  let slack = Infinity
  for (const s of taken) {
    const room = s.offset - end
    if (room >= size && room - size < slack) {
      offset = end
      slack = room - size
    }
    end = Math.max(end, s.offset + alignedBytes(blocks[s.block]!.bytes))
  }
  const last = Math.max(0, home.bytes - end - size)
  return offset >= 0 && slack <= (home.bytes - end >= size ? last : Infinity)
    ? { offset, slack }
    : { offset: end, slack: last }
}
