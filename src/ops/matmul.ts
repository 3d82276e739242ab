/** Matrix products, one or a batch, either side transposed; and the linear layer built on them. */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { check, type Shape, type Tensor } from '../engine/tensor.ts'
import { machine } from '../gpu/device.ts'
import { type Grid, kernel, ladder } from '../gpu/kernel.ts'
import { bias } from './elementwise.ts'
import { options, type Product, partsOf, splitProduct, type Tile, tiledRungs } from './matmul_ladders.ts'
import { sum } from './reduce.ts'

export { fills, TILES, type Tile } from './matmul_ladders.ts'

/** Eight lanes a tile. */
const lanes = ({ batch, M, N }: Product, { ROWS, COLUMNS }: Tile): number =>
  8 * batch * Math.ceil(M / ROWS) * Math.ceil(N / COLUMNS)
/** A workgroup a square of lib/tile.wgsl. */
const squares = ({ batch, M, N }: Product, { TILE }: Record<'TILE', number>): Grid => [
  Math.ceil(N / TILE),
  Math.ceil(M / TILE),
  batch,
]
/** Squares pay on GPUs that they keep busy: until the tuner knows better, with 32 of them. */
const busy = (p: Product, c: Record<'TILE', number>): boolean => squares(p, c).reduce((a, b) => a * b) >= 32

const naive = { file: 'matmul/1_naive.wgsl', grid: ({ batch, M, N }: Product): number => batch * M * N }

const product = ladder<Product>(
  'matmul',
  [
    { name: 'naive', ...naive },
    { name: 'register', file: 'matmul/2_register.wgsl', grid: lanes },
    { name: 'quartet', file: 'matmul/5_quartet.wgsl', grid: lanes, needs: { subgroup: 4 }, on: 'cpu' },
    { name: 'subgroup', file: 'matmul/3_subgroup.wgsl', grid: lanes, needs: { subgroup: 8 } },
    { name: 'workgroup', file: 'matmul/4_workgroup.wgsl', grid: squares, on: 'gpu', pays: busy },
    ...tiledRungs,
    {
      name: 'workgroup f16',
      file: 'matmul/4_workgroup.wgsl',
      grid: squares,
      needs: { f16: true },
      on: 'gpu',
      pays: busy,
    },
    {
      name: 'vectors',
      file: 'matmul/8_vectors.wgsl',
      grid: lanes,
      needs: { subgroup: 8 },
      on: 'cpu',
      right: ({ M, N, K, TA }) => K % 4 === 0 && N % 4 === 0 && (!TA || M % 4 === 0),
      pays: ({ M }) => M > 16,
    },
    // A CPU multiplies so little in a tenth of a millisecond by any rung, and compiles this one 0.25 s sooner.
    {
      name: 'small',
      ...naive,
      on: 'cpu',
      consts: { WG: 8 },
      pays: ({ batch, M, N, K }) => batch * M * N * K < 2 ** 18,
    },
  ],
  { ...options, batch: { axis: 'batch', tensors: ['a', 'b', 'y'] } },
)

const transposeKernel = kernel<Record<'B' | 'N' | 'K', number>>(
  'matmul/transpose.wgsl',
  ({ B, N, K }, { RUN }: { RUN: number }) => B * N * Math.ceil(K / RUN),
)

/** Which side is stored transposed. */
export interface Transposed {
  transposeA?: boolean
  transposeB?: boolean
}

export interface MatmulOptions extends Transposed {
  /** K is cut into so many parts, whose sums a second launch adds up. Unless given, GPUs do so at few results. */
  parts?: number
}

/**
 * y (M,N) = a (M,K) b (K,N), or with a leading batch axis on both. `transposeA`: a is given as (K,M); `transposeB`: b
 * as (N,K). da = dy bᵀ and db = aᵀ dy, each in the layout of its side.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, parts }: MatmulOptions = {},
): Tensor {
  const rank = a.shape.length
  check(
    (rank === 2 || rank === 3) && b.shape.length === rank,
    () => `matmul: two matrices or two batches of matrices are needed, found [${a.shape}] and [${b.shape}]`,
  )
  const [batch, rowsA, colsA] =
    rank === 3 ? (a.shape as [number, number, number]) : ([1, ...a.shape] as [number, number, number])
  const [batchB, rowsB, colsB] =
    rank === 3 ? (b.shape as [number, number, number]) : ([1, ...b.shape] as [number, number, number])
  const [M, K] = transposeA ? [colsA, rowsA] : [rowsA, colsA]
  const [KB, N] = transposeB ? [colsB, rowsB] : [rowsB, colsB]
  check(
    K === KB && batch === batchB,
    () =>
      `matmul: [${a.shape}]${transposeA ? ' transposed' : ''} and [${b.shape}]` +
      `${transposeB ? ' transposed' : ''} do not fit: the inner axes are ${K} and ${KB}, the batches ${batch} and ` +
      `${batchB}`,
  )

  const TA = Number(transposeA)
  const TB = Number(transposeB)
  const y = multiply(a, b, { TA, TB, batch, M, N, K }, rank === 3 ? [batch, M, N] : [M, N], parts)

  return record('matmul', y, [a, b], dy => {
    const da = !a.requiresGrad
      ? null
      : transposeA
        ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
        : matmul(dy, b, { transposeB: !transposeB })
    const db = !b.requiresGrad
      ? null
      : transposeB
        ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, dy, { transposeA: !transposeA })
    return [da, db]
  })
}

function multiply(a: Tensor, b: Tensor, p: Product, shape: Shape, parts?: number): Tensor {
  const { TB, batch, M, N, K } = p
  const PARTS = parts ?? (machine() === 'gpu' ? partsOf(p) : 1)
  if (PARTS > 1) {
    const y = empty([PARTS, ...shape])
    launch(splitProduct, { a, b, y }, { ...p, PARTS })
    return sum(y, [0])
  }
  const y = empty(shape)
  // Rows that lie a power of two apart compete for the same few places of a CPU's cache: at 1024 x 1024, twice the
  // time.
  const turn = TB === 1 && machine() === 'cpu' && K % 256 === 0 && M >= 64 && batch * N * K >= 65536
  launch(product, { a, b: turn ? transposed(b, batch, N, K) : b, y }, { ...p, TB: Number(TB && !turn) })
  return y
}

/** x (B,N,K) with its last two axes exchanged. */
function transposed(x: Tensor, B: number, N: number, K: number): Tensor {
  const y = empty([B, K, N])
  launch(transposeKernel, { x, y }, { B, N, K })
  return y
}

/** y (N,K) = x (N,C) wᵀ + b,  w (K,C), b (K): PyTorch's layout. */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const y = matmul(x, w, { transposeB: true })
  return b ? bias(y, b) : y
}
