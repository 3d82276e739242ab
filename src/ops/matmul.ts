/** Matrix products, one or a batch, either side transposed; and the linear layer built on them. */
import { empty, launch } from '../engine/execute.ts'
import { record } from '../engine/tape.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { adapterInfo } from '../gpu/device.ts'
import { type Grid, HALF, type KernelOptions, kernel, ladder, MAX_GROUPS, type Params } from '../gpu/kernel.ts'
import { bias } from './elementwise.ts'

const flop = (p: Params): number => 2 * p.batch! * p.M! * p.N! * p.K!

/**
 * Workgroups of 64 rows and columns. Worth it on GPUs that they keep busy: until the tuner knows better, with 32 of
 * them.
 */
const blocks = (p: Params): Grid => [Math.ceil(p.N! / 64), Math.ceil(p.M! / 64), p.batch!]
const blocked: KernelOptions = {
  flop,
  fits: p => blocks(p).every(n => n <= MAX_GROUPS),
  pays: (p, software) => !software && blocks(p).reduce((a, b) => a * b) >= 32,
}

/** Eight lanes a tile of `rows` rows and 32 columns. */
const tiles =
  (rows: number) =>
  (p: Params): number =>
    8 * p.batch! * Math.ceil(p.M! / rows) * Math.ceil(p.N! / 32)

const product = ladder(
  'matmul',
  kernel('matmul/1_naive.wgsl', p => p.batch! * p.M! * p.N!, { fix: ['TA', 'TB'], flop }),
  kernel('matmul/2_register.wgsl', tiles(8), { flop }),
  kernel('matmul/3_subgroup.wgsl', tiles(16), { flop, subgroup: 8 }),
  kernel('matmul/4_workgroup.wgsl', blocks, blocked),
  kernel('matmul/4_workgroup.wgsl', blocks, { ...blocked, ...HALF }),
)

const transposeKernel = kernel('matmul/transpose.wgsl', p => p.B! * p.N! * Math.ceil(p.K! / 16))

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
  const turn = transposeB && adapterInfo.software && K % 256 === 0 && M >= 64 && batch * N * K >= 65536
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
