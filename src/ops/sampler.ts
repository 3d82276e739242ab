/**
 * TASN's attention-based sampler (paper section 3.2). An attention map becomes two densities, their integrals are
 * inverted, and the image is read at the positions that come out. As published, only the image gets a gradient. Here
 * the map can have one, too, if the cap is exact: every step is then differentiable nearly everywhere.
 */
import { empty, launch } from '../engine/launch.ts'
import { record, recordConstant } from '../engine/tape.ts'
import { axes, check, type Tensor } from '../engine/tensor.ts'
import { constant } from '../engine/transfer.ts'
import { kernel, ladder } from '../gpu/kernel.ts'
import { spread } from '../gpu/params.ts'

type Map = Record<'N' | 'H' | 'W', number>
type Densities = Map & Record<'OH' | 'OW' | 'dense' | 'ITERATIONS' | 'COUPLED', number>
type Exact = Record<'N' | 'L' | 'O' | 'dense', number>
type Positions = Record<'N' | 'L' | 'O' | 'source', number>
type Samples = Map & Record<'C' | 'OH' | 'OW' | 'BORDER', number>

const maps = ({ N }: { N: number }): number => N
const marginalKernel = kernel<Map>('sampler/marginal.wgsl', p => p.N * (p.H + p.W))
const marginalBackward = kernel<Map>('sampler/marginal_backward.wgsl', p => p.N * p.H * p.W)
/** Lanes share the thousands of steps that long axes take. */
const byLanes = { grid: (p: Map) => spread(p.N), on: 'gpu', pays: (p: Map): boolean => p.H + p.W >= 64 } as const
const densityKernel = ladder<Densities>('sampler/density', [
  { name: 'naive', file: 'sampler/density/1_naive.wgsl', grid: maps },
  { name: 'workgroup', file: 'sampler/density/2_workgroup.wgsl', ...byLanes },
])
const exactKernel = kernel<Exact>('sampler/density_exact.wgsl', maps)
const exactBackward = kernel<Exact>('sampler/density_exact_backward.wgsl', maps)
const invertKernel = kernel<Positions & { TORCH: number }>('sampler/invert.wgsl', p => p.N * p.O)
const invertBackward = kernel<Positions>('sampler/invert_backward.wgsl', p => p.N * p.L)
const sampleKernel = kernel<Samples>('sampler/sample.wgsl', p => p.N * p.C * p.OH * p.OW)
const sampleBackward = kernel<Samples>('sampler/sample_backward.wgsl', p => p.N * p.C * p.H * p.W)
const positionsBackward = kernel<Samples>('sampler/positions_backward.wgsl', p => p.N * (p.OH + p.OW))

/**
 * The place of positions between pixels. `half-pixel`, the default, covers the whole image: a mirrored map gives
 * mirrored positions, and a uniform map gives exactly a resize. Outside the image it reads the edge pixel. `torch` is
 * the arithmetic of the published PyTorch code: knots lie at pixels and the first density is dropped, so the sample is
 * not symmetric and never reaches the last pixels of the right and lower edge. Outside the image it reads zero.
 */
export type SamplerMode = 'half-pixel' | 'torch'

export interface SamplerOptions {
  mode?: SamplerMode
  /**
   * Cap of the magnification in the first clamp; 4 in the published code. The rounds then give back what they have cut
   * off, which may raise the magnification by up to 1 above the cap: by a quarter at 4.
   */
  dense?: number
  /**
   * How the cap is kept. `rounds`, as published: so many iterations, coupled or not, not differentiable. `exact`: no
   * magnification is above `dense` afterwards, each axis on its own, and the map gets a gradient; `iterations` and
   * `coupled` do not matter.
   */
  cap?: 'rounds' | 'exact'
  /** Rounds of clamp-and-redistribute, 5 as published; 0 leaves the marginals as they are. */
  iterations?: number
  /** One common largest magnification for both axes, as published. If one axis is flat, the other becomes flat too. */
  coupled?: boolean
}

/**
 * The integrands of F_x and F_y (paper section 3.2): rows (N,H) = max over columns, columns (N,W) = max over rows of A
 * (N,H,W). The maximum, and not the sum: a small spot of strong attention should count in full in its row, however
 * little attention the rest of the row gets. The gradient goes to the largest element of each row and column.
 */
export function marginals(A: Tensor): { rows: Tensor; columns: Tensor } {
  const [N, H, W] = axes('marginals', 'A', A, 'N H W')
  const [rows, columns] = [empty([N, H]), empty([N, W])]
  launch(marginalKernel, { A, rows, columns }, { N, H, W })

  // Two results of one op: each passes its own gradient on, zero for the other.
  const half = (out: Tensor, gradients: (d: Tensor) => { drows: Tensor; dcolumns: Tensor }): Tensor =>
    record('marginals', out, [A], d => {
      const dA = empty(A.shape)
      launch(marginalBackward, { A, rows, columns, ...gradients(d), dA }, { N, H, W })
      return [dA]
    })
  return {
    rows: half(rows, drows => ({ drows, dcolumns: constant([N, W], 0) })),
    columns: half(columns, dcolumns => ({ drows: constant([N, H], 0), dcolumns })),
  }
}

/**
 * Densities for an output of OH x OW from marginals (N,H) and (N,W): output pixels per row (they sum to OH) and per
 * column (OW), after TASN's clamp-and-redistribute. `fallback` (N) is 1 for maps that held nothing above zero: their
 * densities are uniform. All is NaN where the map holds NaN or infinity. Cap rounds throws where a gradient is wanted.
 */
export function densities(
  rows: Tensor,
  columns: Tensor,
  [OH, OW]: readonly [number, number],
  { dense = 4, cap = 'rounds', iterations: ITERATIONS = 5, coupled = true }: SamplerOptions = {},
): { dy: Tensor; dx: Tensor; fallback: Tensor } {
  const [N, H] = axes('densities', 'rows', rows, 'N H')
  const [NC, W] = axes('densities', 'columns', columns, 'N W')
  check(N === NC, () => `densities: ${N} rows of marginals, but ${NC} of columns`)
  check(dense >= 1, () => `densities: dense is a magnification of at least 1, found ${dense}`)
  check(ITERATIONS >= 0 && ITERATIONS % 1 === 0, () => `densities: iterations are a whole number, found ${ITERATIONS}`)
  if (cap === 'exact') {
    const y = exactDensity(rows, OH, dense)
    return { dy: y.d, dx: exactDensity(columns, OW, dense).d, fallback: y.fallback }
  }
  const [dy, dx, fallback] = [empty([N, H]), empty([N, W]), empty([N])]
  const shape = { N, H, W, OH, OW, dense, ITERATIONS, COUPLED: Number(coupled) }
  launch(densityKernel, { rows, columns, dy, dx, fallback }, shape)
  const last = (d: Tensor) => recordConstant('densities with cap rounds', d, [rows, columns], 'take cap exact, or ')
  return { dy: last(dy), dx: last(dx), fallback }
}

/** The density (N,L) of one axis for O output pixels, nowhere above `dense` times the uniform one. Differentiable. */
function exactDensity(m: Tensor, O: number, dense: number): { d: Tensor; fallback: Tensor } {
  const [N, L] = m.shape as [number, number]
  const [d, fallback] = [empty([N, L]), empty([N])]
  const shape = { N, L, O, dense }
  launch(exactKernel, { m, d, fallback }, shape)
  return {
    fallback,
    d: record('exactDensity', d, [m], dd => {
      const dm = empty(m.shape)
      launch(exactBackward, { m, d, dd, dm }, shape)
      return [dm]
    }),
  }
}

/**
 * Positions (N,O), in pixels of an axis of `source` pixels, at which `O` equal steps of the integral of d (N,L) are
 * reached. In mode half-pixel d gets a gradient: where more density lies, more positions lie. In mode torch a gradient
 * that is wanted through it throws.
 */
export function invert(d: Tensor, O: number, source: number, mode: SamplerMode = 'half-pixel'): Tensor {
  const [N, L] = axes('invert', 'd', d, 'N L')
  check(mode === 'half-pixel' || L >= 2, () => `invert: mode torch needs at least 2 cells on an axis, found ${L}`)
  const position = empty([N, O])
  launch(invertKernel, { d, position }, { TORCH: Number(mode === 'torch'), N, L, O, source })
  if (mode === 'torch') return recordConstant('invert in mode torch', position, [d], 'take mode half-pixel, or ')

  return record('invert', position, [d], g => {
    const dd = empty(d.shape)
    launch(invertBackward, { d, position, g, dd }, { N, L, O, source })
    return [dd]
  })
}

/** The pixel rows (N,OH) and columns (N,OW) that maps look at, which maps were empty (N), and the steps before. */
export interface SamplingGrid {
  readonly rows: Tensor
  readonly columns: Tensor
  readonly fallback: Tensor
  readonly marginals: ReturnType<typeof marginals>
  readonly densities: Omit<ReturnType<typeof densities>, 'fallback'>
}

/**
 * The sampling grid of attention maps A (N,h,w) for images of H x W pixels and samples of OH x OW. A gets a gradient if
 * the cap is exact and the mode half-pixel; else one that is wanted throws, unless A is detached().
 */
export function samplingGrid(
  A: Tensor,
  [H, W]: readonly [number, number],
  out: readonly [number, number],
  options: SamplerOptions = {},
): SamplingGrid {
  const m = marginals(A)
  const { fallback, ...d } = densities(m.rows, m.columns, out, options)
  const [rows, columns] = [invert(d.dy, out[0], H, options.mode), invert(d.dx, out[1], W, options.mode)]
  return { rows, columns, fallback, marginals: m, densities: d }
}

/**
 * y (N,C,OH,OW) = x (N,C,H,W) read at the grid's positions, bilinear between pixels. Along each axis the positions must
 * not fall, as those of samplingGrid() never do: the gradient relies on it.
 * dx: each output's gradient, shared out to its four pixels by their weights. drows and dcolumns: by the slope of the
 * image there.
 */
export function sampleGrid(
  x: Tensor,
  { rows, columns }: Pick<SamplingGrid, 'rows' | 'columns'>,
  mode: SamplerMode = 'half-pixel',
): Tensor {
  const [N, C, H, W] = axes('sampleGrid', 'x', x, 'N C H W')
  const [NR, OH] = axes('sampleGrid', 'rows', rows, 'N OH')
  const [NC, OW] = axes('sampleGrid', 'columns', columns, 'N OW')
  check(N === NR && N === NC, () => `sampleGrid: ${N} images, but ${NR} rows and ${NC} columns of positions`)
  const y = empty([N, C, OH, OW])
  const shape = { N, C, H, W, OH, OW, BORDER: Number(mode === 'half-pixel') }
  launch(sampleKernel, { x, rows, columns, y }, shape)

  return record('sampleGrid', y, [x, rows, columns], dy => {
    const dx = x.requiresGrad ? empty(x.shape) : null
    if (dx) launch(sampleBackward, { dy, rows, columns, dx }, shape)
    if (!rows.requiresGrad && !columns.requiresGrad) return [dx, null, null]
    const [drows, dcolumns] = [empty(rows.shape), empty(columns.shape)]
    launch(positionsBackward, { dy, x, rows, columns, drows, dcolumns }, shape)
    return [dx, drows, dcolumns]
  })
}
