/** Resizing images and maps. */
import { empty, launch } from '../engine/execute.ts'
import { record } from '../engine/tape.ts'
import { axes, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder, MAX_GROUPS, type Params } from '../gpu/kernel.ts'

const outputs = (p: Params): number => p.N! * p.OH! * p.OW!
const forward = kernel('resize/bilinear.wgsl', outputs, { fix: ['ALIGN_CORNERS'] })
const backward = kernel('resize/bilinear_backward.wgsl', p => p.N! * p.H! * p.W!, { fix: ['ALIGN_CORNERS'] })
const area = ladder(
  'resize area',
  kernel('resize/area/1_naive.wgsl', outputs),
  kernel('resize/area/2_whole.wgsl', p => [p.OH!, p.N!, 1], {
    onCpu: { WG: 8 },
    fits: p => p.H! % p.OH! === 0 && p.W! % p.OW! === 0 && p.N! <= MAX_GROUPS,
  }),
)

/**
 * y (N,C,OH,OW): x (N,C,H,W) read between its pixels, without smoothing first: PyTorch's interpolate(mode='bilinear').
 * alignCorners: the corner pixels keep their place (MXNet's BilinearResize2D); otherwise the corners of the image do.
 * dx: each output's gradient, shared out to its four pixels by their weights.
 */
export function resizeBilinear(x: Tensor, [OH, OW]: readonly [number, number], { alignCorners = false } = {}): Tensor {
  const [N, C, H, W] = axes('resizeBilinear', 'x', x, 'N C H W') as [number, number, number, number]
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
 * y (N,C,OH,OW): every output is the mean of the part of x (N,C,H,W) that it covers. For shrinking; not differentiable.
 */
export function resizeArea(x: Tensor, [OH, OW]: readonly [number, number]): Tensor {
  const [N, C, H, W] = axes('resizeArea', 'x', x, 'N C H W') as [number, number, number, number]
  const y = empty([N, C, OH, OW])
  launch(area, { x, y }, { N: N * C, H, W, OH, OW })
  return y
}
