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
const rows = ({ OH, N }: Sizes) => [OH, N, 1] as const
const area = ladder<Sizes>('resize area', [
  { name: 'naive', file: 'resize/area/1_naive.wgsl', grid: outputs },
  { name: 'rows', file: 'resize/area/2_rows.wgsl', grid: rows, right: narrow },
  { name: 'rows octets', file: 'resize/area/2_rows.wgsl', grid: rows, right: narrow, consts: { WG: 8 }, on: 'cpu' },
  { name: 'whole', file: 'resize/area/3_whole.wgsl', grid: rows, right: whole },
  { name: 'whole octets', file: 'resize/area/3_whole.wgsl', grid: rows, right: whole, consts: { WG: 8 }, on: 'cpu' },
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
  launch(area, { x, y }, { N: N * C, H, W, OH, OW })
  return recordConstant('resizeArea', y, [x])
}
