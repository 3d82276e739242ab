/** Where the tensors of a plan live: blocks with sizes and lifetimes, packed into few buffers. */

import { Random } from './random.ts'

/** A block of memory and the launches, inclusive, between which it holds something. */
export interface Lifetime {
  readonly bytes: number
  readonly first: number
  readonly last: number
  /** Blocks (by index) that may not share a buffer with this one even on other bytes: see place(). */
  readonly apart: ReadonlySet<number>
}

export interface Seat { readonly block: number, readonly offset: number }

export interface Placement {
  readonly homes: readonly { readonly bytes: number, readonly seats: readonly Seat[] }[]
  readonly planned: number
  readonly unplanned: number
  /** Bytes alive at the worst launch: no placement can use less. */
  readonly lowerBound: number
  readonly alive: number[]
}

/** WebGPU's default alignment for the offset of a storage binding. */
const ALIGN = 256

/**
 * Packs the blocks, largest first, each at the lowest free bytes of the buffer where it fits most tightly.
 *
 * Two blocks may share bytes when their lives do not overlap. Two blocks may share a buffer, on different bytes, unless one launch
 * writes the one and reads the other: WebGPU rejects a buffer that is bound for reading and for writing in one dispatch, whatever the
 * ranges. `apart` holds those pairs. Sharing buffers and not only bytes matters: a 7 MB image that is dead early would otherwise keep
 * 7 MB for one 2 MB feature map (planned over lower bound 1.44 on the tiny preset that way). No buffer grows over `most` bytes.
 */
export function place(blocks: readonly Lifetime[], launches: number, most = Infinity): Placement {
  const alive = new Array<number>(launches).fill(0)
  for (const { bytes, first, last } of blocks) for (let i = first; i <= Math.min(last, launches - 1); i++) alive[i]! += bytes
  const index = blocks.map((_, i) => i), span = (i: number) => blocks[i]!.last - blocks[i]!.first
  const orders = [
    [...index].sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes || blocks[a]!.first - blocks[b]!.first),
    [...index].sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes || span(b) - span(a)),
    [...index].sort((a, b) => blocks[b]!.bytes * span(b) - blocks[a]!.bytes * span(a)),
  ]
  const total = (homes: Placement['homes']) => homes.reduce((sum, h) => sum + h.bytes, 0)
  const lowerBound = alive.reduce((most, n) => Math.max(most, n), 0)
  let homes = orders.map(order => pack(blocks, order, most)).reduce((best, h) => total(h) < total(best) ? h : best)
  // No greedy order is always good: shake the sizes that the order goes by, keep what helps, until close to the bound.
  const random = new Random(0)
  let key = blocks.map(b => Math.log(b.bytes))
  for (let i = 0; i < SHAKES && total(homes) > CLOSE * lowerBound; i++) {
    const shaken = key.map(k => random.next() < SHARE ? k + SHAKE * random.normal() : k)
    const tried = pack(blocks, [...index].sort((a, b) => shaken[b]! - shaken[a]!), most)
    if (total(tried) > total(homes)) continue
    homes = tried
    key = shaken
  }
  return { homes, planned: total(homes), unplanned: blocks.reduce((sum, b) => sum + b.bytes, 0), lowerBound, alive }
}

const SHAKES = 200, SHARE = 0.1, SHAKE = 1, CLOSE = 1.14

interface Home { bytes: number, seats: Seat[] }

function pack(blocks: readonly Lifetime[], order: readonly number[], most: number): Home[] {
  const homes: Home[] = []
  for (const block of order) {
    const b = blocks[block]!, size = Math.ceil(b.bytes / ALIGN) * ALIGN
    let best: { home: Home, offset: number, growth: number, slack: number } | undefined
    for (const home of homes) {
      if (home.seats.some(s => b.apart.has(s.block))) continue
      const { offset, slack } = gap(blocks, home, b, size), growth = Math.max(0, offset + size - home.bytes)
      if (home.bytes + growth > most) continue
      if (growth < size && (!best || growth < best.growth || (growth === best.growth && slack < best.slack))) best = { home, offset, growth, slack }
    }
    if (best) {
      best.home.seats.push({ block, offset: best.offset })
      best.home.bytes += best.growth
    } else {
      homes.push({ bytes: size, seats: [{ block, offset: 0 }] })
    }
  }
  return homes
}

/** The tightest bytes of a home that nobody else uses during b's life; behind everybody else if there is no gap large enough. */
function gap(blocks: readonly Lifetime[], home: Home, b: Lifetime, size: number): { offset: number, slack: number } {
  const taken = home.seats.filter(s => blocks[s.block]!.first <= b.last && b.first <= blocks[s.block]!.last).sort((a, c) => a.offset - c.offset)
  let end = 0, offset = -1, slack = Infinity
  for (const s of taken) {
    const room = s.offset - end
    if (room >= size && room - size < slack) {
      offset = end
      slack = room - size
    }
    end = Math.max(end, s.offset + Math.ceil(blocks[s.block]!.bytes / ALIGN) * ALIGN)
  }
  const last = Math.max(0, home.bytes - end - size)
  return offset >= 0 && slack <= (home.bytes - end >= size ? last : Infinity) ? { offset, slack } : { offset: end, slack: last }
}
