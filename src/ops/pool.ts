/** Pooling: the largest of each window, the average of each channel. */
import { empty, launch } from '../engine/launch.ts'
import { record } from '../engine/tape.ts'
import { axes, check, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder } from '../gpu/kernel.ts'
import { mean } from './reduce.ts'

type Windows = Record<'N' | 'H' | 'W' | 'OH' | 'OW' | 'R' | 'stride' | 'pad', number>

const forward = kernel<Windows>('pool/max.wgsl', p => p.N * p.OH * p.OW)
/** Blocks of stride x stride pixels, which lie under the same windows. */
const blocks = ({ N, H, W, stride, pad }: Windows): number =>
  N * Math.ceil((H + pad) / stride) * Math.ceil((W + pad) / stride)
const backward = ladder<Windows>('pool max backward', [
  { name: 'naive', file: 'pool/max_backward/1_naive.wgsl', grid: p => p.N * p.H * p.W },
  { name: 'blocks', file: 'pool/max_backward/2_blocks.wgsl', grid: blocks, pays: p => p.stride <= 4 },
])

/**
 * y (N,C,OH,OW) = largest x (N,C,H,W) of each size x size window; padding never wins, NaN always does.      dx = dy
 * at the winner of each window.
 * @throws where size, stride or padding are not whole numbers, padding is over half the window, or the window is larger
 *   than the padded x.
 */
export function maxPool2d(
  x: Tensor,
  size: number,
  { stride = size, padding: pad = 0 }: { stride?: number; padding?: number } = {},
): Tensor {
  const [N, C, H, W] = axes('maxPool2d', 'x', x, 'N C H W')
  check(
    [size, stride, pad].every(Number.isInteger) && size >= 1 && stride >= 1 && pad >= 0,
    () =>
      `maxPool2d: size and stride must be whole numbers from 1, padding from 0; found size ${size}, ` +
      `stride ${stride}, padding ${pad}`,
  )
  check(
    2 * pad <= size,
    () => `maxPool2d: padding ${pad} is over half the window ${size}, so a window could be all padding`,
  )
  const out = (n: number) => Math.floor((n + 2 * pad - size) / stride) + 1
  const OH = out(H)
  const OW = out(W)
  check(
    OH >= 1 && OW >= 1,
    () => `maxPool2d: x [${x.shape}] with padding ${pad} is smaller than the window ${size} x ${size}`,
  )
  const y = empty([N, C, OH, OW])
  const index = empty([N, C, OH, OW], 'u32')
  const shape = { N: N * C, H, W, OH, OW, R: size, stride, pad }
  launch(forward, { x, y, index }, shape)

  return record('maxPool2d', y, [x], dy => {
    const dx = empty(x.shape)
    launch(backward, { index, dy, dx }, shape)
    return [dx]
  })
}

/** y (N,C) = mean of x (N,C,H,W) over its pixels.      dx = dy / (H W). */
export const globalAveragePool = (x: Tensor): Tensor => mean(x, [2, 3])
