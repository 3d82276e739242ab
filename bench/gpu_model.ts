/**
 * The time that a launch should take on a GPU, from published figures of the GPU and the constants of the shader.
 * Nothing here is measured. shaders/gpu.md says in words what is assumed.
 */
import type { Launch } from '../src/engine/launch.ts'
import type { Ladder, Params, Rung } from '../src/gpu/kernel.ts'
import { constsOf } from '../src/gpu/variant.ts'
import { bytesOf } from './cases.ts'

export interface Gpu {
  readonly name: string
  /** Multiply-adds of float32 a second, two operations each, in operations. */
  readonly flops: number
  /** Bytes of memory a second. */
  readonly bandwidth: number
  /** Streaming multiprocessors, GPU cores, Xe-cores: what a workgroup runs on. */
  readonly processors: number
  readonly clock: number
  /** Bytes of workgroup memory a processor reads in a cycle. */
  readonly workgroupBytes: number
  /** Seconds from the end of a launch to the work of the next, between barriers. */
  readonly launch: number
  readonly source: string
}

/** Peak operations: lanes of a processor, two operations a multiply-add. */
const gpu = (
  name: string,
  processors: number,
  clock: number,
  bandwidth: number,
  bytes: number,
  source: string,
): Gpu => ({
  name,
  processors,
  clock: 1e9 * clock,
  flops: processors * 128 * 2 * 1e9 * clock,
  bandwidth: 1e9 * bandwidth,
  workgroupBytes: bytes,
  launch: 7e-6,
  source,
})

export const GPUS: readonly Gpu[] = [
  gpu('NVIDIA H100 PCIe', 114, 1.755, 2000, 128, 'NVIDIA: H100 data sheet and Hopper white paper; 32 banks of 4 bytes'),
  gpu('Apple M3 Max', 40, 1.398, 400, 64, 'Apple: 40 cores, 400 GB/s; clock and 64 bytes a cycle are not published'),
  gpu('Intel Arc A770', 32, 2.1, 560, 128, 'Intel: Arc A-series specifications, Xe-HPG white paper; 128 bytes a cycle'),
]

/** The tile of a workgroup, and that of a lane. */
interface Tile {
  readonly rows: number
  readonly columns: number
  readonly laneRows: number
  readonly laneColumns: number
}

/** A product of rows x depth by depth x columns, so many times over. */
interface Product {
  readonly rows: number
  readonly columns: number
  readonly depth: number
  readonly times: number
  /** The numbers of the columns' side that lie in memory for each that a product takes: patches overlap. */
  readonly fresh: number
}

/** True of the products that the model knows. A depthwise convolution is bound by memory: a walk. */
export const isProduct = ({ ladder: { flop, name } }: Pick<Launch, 'ladder'>): boolean =>
  flop !== undefined && !name.startsWith('depthwise')

function productOf(l: Ladder, p: Params): Product {
  const { N, C, H, W, K, R, S, OH, OW, stride, G } = p as Record<
    'N' | 'C' | 'H' | 'W' | 'K' | 'R' | 'S' | 'OH' | 'OW' | 'stride' | 'G',
    number
  >
  const fresh = Math.min(1, stride ** 2 / (R * S))
  if (l.name === 'conv2d forward') return { rows: K, columns: N * OH * OW, depth: C * R * S, times: 1, fresh }
  if (l.name === 'conv2d backward input') {
    // Taps that reach a phase, on average over the phases.
    const depth = (K * R * S) / stride ** 2
    const columns = N * Math.ceil(H / stride) * Math.ceil(W / stride)
    return { rows: C, columns, depth, times: stride ** 2, fresh }
  }
  if (l.name === 'conv2d backward weight')
    return { rows: K, columns: C * R * S, depth: (N * OH * OW) / G, times: G, fresh }
  const parts = p.PARTS ?? 1
  return { rows: p.M!, columns: p.N!, depth: p.K! / parts, times: p.batch! * parts, fresh: 1 }
}

/** Tiles of the first rungs, whose workgroups share nothing but the cache: those of all of their lanes together. */
function tileOf(l: Ladder, rung: Rung): Tile {
  const c = constsOf(rung) as Record<string, number>
  if (c.LANE_ROWS) return { rows: c.ROWS!, columns: c.COLUMNS!, laneRows: c.LANE_ROWS, laneColumns: c.LANE_COLUMNS! }
  if (c.TILE) return { rows: c.TILE, columns: c.TILE, laneRows: 4, laneColumns: 4 }
  if (c.CHANNELS) return { rows: c.CHANNELS, columns: 4 * c.WG!, laneRows: c.CHANNELS, laneColumns: 4 }
  // Eight lanes share COLUMNS; a workgroup has WG / 8 such tiles, side by side.
  if (c.ROWS) return { rows: c.ROWS, columns: (c.COLUMNS! * c.WG!) / 8, laneRows: c.ROWS, laneColumns: 4 }
  return l.name.startsWith('matmul') || l.name.startsWith('conv2d')
    ? { rows: 1, columns: c.WG!, laneRows: 1, laneColumns: 1 }
    : { rows: 1, columns: 1, laneRows: 1, laneColumns: 1 }
}

/** Lanes that run in lockstep: of a workgroup with fewer, or with no multiple of them, the others idle. */
const LOCKSTEP = 32
/** How much longer a workgroup takes for the lanes that idle beside it. */
function idle(rung: Rung): number {
  const { WG } = constsOf(rung) as { WG: number }
  return (LOCKSTEP * Math.ceil(WG / LOCKSTEP)) / WG
}

/** Seconds, and which of the four bounds they are. */
export interface Expected {
  readonly seconds: number
  readonly bound: 'arithmetic' | 'memory' | 'workgroup memory' | 'launch'
}

/** The time of a convolution or matrix product on a rung. */
export function expectedProduct(g: Gpu, l: Ladder, rung: Rung, p: Params): Expected {
  const { rows, columns, depth, times, fresh } = productOf(l, p)
  const tile = tileOf(l, rung)
  const down = Math.ceil(rows / tile.rows)
  const across = Math.ceil(columns / tile.columns)
  const DEPTH = (constsOf(rung) as Record<string, number>).DEPTH ?? 1
  const deep = DEPTH * Math.ceil(depth / DEPTH)
  // Processors work in rounds: so many tiles at once, and the last round takes as long as a full one.
  const rounds = Math.ceil((down * across * times) / g.processors)
  const multiplyAdds = rounds * tile.rows * tile.columns * deep * idle(rung)
  const arithmetic = (multiplyAdds * 2) / (g.flops / g.processors)
  // Of each multiply-add: reads for a lane's rows and columns, and the writes that lay the tile.
  const bytesEach = 4 * (1 / tile.laneRows + 1 / tile.laneColumns + 1 / tile.rows + 1 / tile.columns)
  const near = (multiplyAdds * bytesEach) / (g.workgroupBytes * g.clock)
  const tiles = down * across * times
  const loaded = 4 * tiles * depth * (Math.min(tile.rows, rows) + Math.min(tile.columns, columns) * fresh)
  const memory = (loaded + 4 * rows * columns * times) / g.bandwidth
  return slowest(g, { arithmetic, memory, 'workgroup memory': near })
}

/** The time of any other launch: each tensor that it binds goes through memory once. */
export const expectedWalk = (g: Gpu, l: Launch): Expected =>
  slowest(g, {
    arithmetic: 0,
    'workgroup memory': 0,
    memory: bytesOf(l) / g.bandwidth,
  })

function slowest(g: Gpu, bounds: Record<Exclude<Expected['bound'], 'launch'>, number>): Expected {
  const [bound, seconds] = Object.entries(bounds).reduce((a, b) => (b[1] > a[1] ? b : a))
  return { seconds: seconds + g.launch, bound: seconds < g.launch ? 'launch' : (bound as Expected['bound']) }
}
