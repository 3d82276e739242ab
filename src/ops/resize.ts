/** Resizing images and maps. */
import { empty, launch } from '../engine/launch.ts'
import { record, recordConstant } from '../engine/tape.ts'
import { axes, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder } from '../gpu/kernel.ts'

/** N maps of H x W, resized to OH x OW. */
type Sizes = Record<'N' | 'H' | 'W' | 'OH' | 'OW', number>
type Bilinear = Sizes & { ALIGN_CORNERS: number }

const outputs = ({ N, OH, OW }: Sizes): number => N * OH * OW
const forward = kernel<Bilinear>('resize/bilinear.wgsl', outputs)
const backward = kernel<Bilinear>('resize/bilinear_backward.wgsl', p => p.N * p.H * p.W)

/** Every output covers whole pixels. */
const whole = ({ H, W, OH, OW }: Sizes): boolean => H % OH === 0 && W % OW === 0
/** An output touches at most 16 columns. */
const narrow = ({ W, OW }: Sizes): boolean => W <= 14 * OW
/** The fewest whole vec4s of a row, IN columns, that make whole outputs, OUT of them. */
type Period = Record<'IN' | 'OUT', number>
function periodOf(W: number, OW: number): Period {
  let OUT = 1
  while (OUT < OW && ((W * OUT) % (4 * OW) !== 0 || OW % OUT !== 0)) OUT++
  return { IN: (W * OUT) / OW, OUT }
}
/** So few that a compiler keeps them in registers, and so few rows that their sum needs no care. */
const periodic = ({ H, OH, IN, OUT }: Sizes & Period): boolean => IN % 4 === 0 && IN <= 32 && OUT <= IN && H <= 14 * OH
const rows = ({ OH, N }: Sizes) => [OH, N, 1] as const
const area = ladder<Sizes & Period>('resize area', [
  { name: 'naive', file: 'resize/area/1_naive.wgsl', grid: outputs },
  { name: 'rows', file: 'resize/area/2_rows.wgsl', grid: rows, right: narrow },
  { name: 'rows octets', file: 'resize/area/2_rows.wgsl', grid: rows, right: narrow, consts: { WG: 8 }, on: 'cpu' },
  { name: 'period', file: 'resize/area/3_period.wgsl', grid: rows, right: periodic, on: 'cpu' },
  { name: 'whole', file: 'resize/area/4_whole.wgsl', grid: rows, right: whole },
  { name: 'whole octets', file: 'resize/area/4_whole.wgsl', grid: rows, right: whole, consts: { WG: 8 }, on: 'cpu' },
])

/**
 * y (N,C,OH,OW): x (N,C,H,W) read between its pixels, without smoothing first: PyTorch's interpolate(mode='bilinear').
 * alignCorners: the corner pixels keep their place (MXNet's BilinearResize2D); otherwise the corners of the image do.
 * dx: each output's gradient, shared out to its four pixels by their weights.
 */
export function resizeBilinear(x: Tensor, [OH, OW]: readonly [number, number], { alignCorners = false } = {}): Tensor {
  const [N, C, H, W] = axes('resizeBilinear', 'x', x, 'N C H W')
  const y = empty([N, C, OH, OW])
  const shape = { N: N * C, H, W, OH, OW, ALIGN_CORNERS: Number(alignCorners) }
  launch(forward, { x, y }, shape)

  return record('resizeBilinear', y, [x], dy => {
    const dx = empty(x.shape)
    launch(backward, { dy, dx }, shape)
    return [dx]
  })
}

/**
 * y (N,C,OH,OW): every output is the mean of the part of x (N,C,H,W) that it covers. For shrinking. Not differentiable:
 * a gradient that is wanted through it throws.
 */
export function resizeArea(x: Tensor, [OH, OW]: readonly [number, number]): Tensor {
  const [N, C, H, W] = axes('resizeArea', 'x', x, 'N C H W')
  const y = empty([N, C, OH, OW])
  launch(area, { x, y }, { N: N * C, H, W, OH, OW, ...periodOf(W, OW) })
  return recordConstant('resizeArea', y, [x])
}
