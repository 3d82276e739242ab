/** Matrix products, one or a batch, either side transposed; and the linear layer built on them. */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { machine } from '../gpu/device.ts'
import { type Grid, kernel, ladder } from '../gpu/kernel.ts'
import { bias } from './elementwise.ts'

type Product = Record<'TA' | 'TB' | 'batch' | 'M' | 'N' | 'K', number>
/** The constants of a tiled shader: a tile has ROWS x COLUMNS elements of y. */
type Tile = Record<'ROWS' | 'COLUMNS', number>

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

const product = ladder<Product>(
  'matmul',
  [
    { name: 'naive', file: 'matmul/1_naive.wgsl', grid: p => p.batch * p.M * p.N },
    { name: 'register', file: 'matmul/2_register.wgsl', grid: lanes },
    { name: 'quartet', file: 'matmul/5_quartet.wgsl', grid: lanes, needs: { subgroup: 4 }, on: 'cpu' },
    { name: 'subgroup', file: 'matmul/3_subgroup.wgsl', grid: lanes, needs: { subgroup: 8 } },
    { name: 'workgroup', file: 'matmul/4_workgroup.wgsl', grid: squares, on: 'gpu', pays: busy },
    {
      name: 'workgroup f16',
      file: 'matmul/4_workgroup.wgsl',
      grid: squares,
      needs: { f16: true },
      on: 'gpu',
      pays: busy,
    },
  ],
  {
    flop: ({ batch, M, N, K }) => 2 * batch * M * N * K,
    text: ({ batch, M, N, K, TA, TB }) =>
      `${batch > 1 ? `${batch} of ` : ''}${M}x${K}${TA ? 'ᵀ' : ''} by ${K}x${N}${TB ? 'ᵀ' : ''}`,
    batch: { axis: 'batch', tensors: ['a', 'b', 'y'] },
  },
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

/**
 * y (M,N) = a (M,K) b (K,N), or with a leading batch axis on both. `transposeA`: a is given as (K,M); `transposeB`: b
 * as (N,K). da = dy bᵀ and db = aᵀ dy, each in the layout of its side.
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: Transposed = {}): Tensor {
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

  const y = empty(rank === 3 ? [batch, M, N] : [M, N])
  // Rows that lie a power of two apart compete for the same few places of a CPU's cache: at 1024 x 1024, twice the
  // time.
  const turn = transposeB && machine() === 'cpu' && K % 256 === 0 && M >= 64 && batch * N * K >= 65536
  launch(
    product,
    { a, b: turn ? transposed(b, batch, N, K) : b, y },
    { TA: Number(transposeA), TB: Number(transposeB && !turn), batch, M, N, K },
  )

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
