/** Matrix products by the tiles of a GPU's workgroups, which convolutions use, too; and products cut along K. */
import { type Grid, type LadderOptions, ladder } from '../gpu/kernel.ts'

export type Product = Record<'TA' | 'TB' | 'batch' | 'M' | 'N' | 'K', number>
/** The constants of a tiled shader: a tile has ROWS x COLUMNS elements of y. */
export type Tile = Record<'ROWS' | 'COLUMNS', number>

/** A workgroup a tile. */
const tiles = ({ batch, M, N }: Product, { ROWS, COLUMNS }: Tile): Grid => [
  Math.ceil(N / COLUMNS),
  Math.ceil(M / ROWS),
  batch,
]
/**
 * Tiles of lib/product.wgsl. Larger ones load less and read less of workgroup memory for each product; smaller ones
 * fill the machine with fewer results. Each takes at most the 16 KiB of workgroup memory that every adapter has.
 */
export const TILES = {
  '32x32': { WG: 64, ROWS: 32, COLUMNS: 32, DEPTH: 16, BUFFERS: 2, LANE_ROWS: 4, LANE_COLUMNS: 4 },
  '64x64': { WG: 128, ROWS: 64, COLUMNS: 64, DEPTH: 16, BUFFERS: 1, LANE_ROWS: 8, LANE_COLUMNS: 4 },
  '128x64': { WG: 256, ROWS: 128, COLUMNS: 64, DEPTH: 8, BUFFERS: 2, LANE_ROWS: 8, LANE_COLUMNS: 4 },
  '64x128': { WG: 256, ROWS: 64, COLUMNS: 128, DEPTH: 8, BUFFERS: 2, LANE_ROWS: 4, LANE_COLUMNS: 8 },
  '128x128': { WG: 256, ROWS: 128, COLUMNS: 128, DEPTH: 16, BUFFERS: 1, LANE_ROWS: 8, LANE_COLUMNS: 8 },
} as const

/**
 * True where tiles pay on a GPU, until the tuner knows better: where `rows` x `columns` results, `times` over, give
 * each of some hundred multiprocessors a tile, and no more than a quarter of what is computed is thrown away. The
 * smallest tiles pay with 16 of them, and up to a half thrown away: what does not fill the machine with these fills it
 * with none.
 */
export function fills({ ROWS, COLUMNS }: Tile, rows: number, columns: number, times: number): boolean {
  const down = Math.ceil(rows / ROWS)
  const across = Math.ceil(columns / COLUMNS)
  const small = ROWS * COLUMNS <= 1024
  const used = (rows * columns) / (down * ROWS * across * COLUMNS)
  return down * across * times >= (small ? 16 : 96) && used >= (small ? 0.5 : 0.75)
}

const tiled = (name: keyof typeof TILES, file: string) =>
  ({
    name,
    file,
    grid: tiles,
    consts: TILES[name],
    on: 'gpu',
    pays: ({ batch, M, N }: Product, c: Tile): boolean => fills(c, M, N, batch),
  }) as const

/** Rungs that move four numbers at a time: right where the axes that lie in one piece are multiples of four. */
const inFours = ({ TA, TB, M, N, K }: Product): boolean =>
  N % 4 === 0 && (TA ? M : K) % 4 === 0 && (TB ? K : N) % 4 === 0
const vec4 = (name: keyof typeof TILES) =>
  ({ ...tiled(name, 'matmul/7_tiles_vec4.wgsl'), name: `${name} vec4`, right: inFours }) as const

/** Properties of both ladders. */
export const options: LadderOptions<Product> = {
  flop: ({ batch, M, N, K }) => 2 * batch * M * N * K,
  text: ({ batch, M, N, K, TA, TB }) =>
    `${batch > 1 ? `${batch} of ` : ''}${M}x${K}${TA ? 'ᵀ' : ''} by ${K}x${N}${TB ? 'ᵀ' : ''}`,
}

/** The rungs of `matmul` by tiles, the smallest first: the rules take the last that suits. */
export const tiledRungs = [
  tiled('32x32', 'matmul/6_tiles.wgsl'),
  tiled('64x64', 'matmul/6_tiles.wgsl'),
  tiled('128x128', 'matmul/6_tiles.wgsl'),
  vec4('64x64'),
  vec4('128x64'),
  vec4('128x128'),
] as const

/** K cut into PARTS, whose sums are apart: y (PARTS, batch, M, N). A rung's tiles are those of `matmul`. */
type Split = Product & Record<'PARTS', number>
const splitTiles = (p: Split, c: Tile): Grid => tiles({ ...p, batch: p.batch * p.PARTS }, c)

export const splitProduct = ladder<Split>(
  'matmul split',
  [
    { name: 'naive', file: 'matmul/split/1_naive.wgsl', grid: p => p.PARTS * p.batch * p.M * p.N },
    {
      name: '32x32',
      file: 'matmul/6_tiles.wgsl',
      grid: splitTiles,
      consts: { ...TILES['32x32'], DEPTH: 32, BUFFERS: 1 },
      on: 'gpu',
    },
    {
      name: '64x64 vec4',
      file: 'matmul/7_tiles_vec4.wgsl',
      grid: splitTiles,
      consts: TILES['64x64'],
      on: 'gpu',
      right: inFours,
      pays: (p: Split, c: Tile) => fills(c, p.M, p.N, p.batch * p.PARTS),
    },
  ],
  { ...options, text: p => `${options.text!(p)} in ${p.PARTS} parts` } as LadderOptions<Split>,
)

/**
 * Into how many parts a GPU cuts K where there are few results: as many as give some hundred multiprocessors a tile of
 * 32 x 32 each, none of them less than 256 deep. A power of two, because each number is a pipeline of its own.
 */
export function partsOf({ batch, M, N, K }: Product): number {
  const few = batch * Math.ceil(M / 32) * Math.ceil(N / 32)
  const wanted = Math.min(128 / few, K / 256, 32)
  return wanted < 2 ? 1 : 2 ** Math.floor(Math.log2(wanted))
}
