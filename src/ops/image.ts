/** Photographs in, network input out: unpacking, augmentation and normalisation in one launch. */
import { empty, launch } from '../engine/launch.ts'
import { record, recordConstant } from '../engine/tape.ts'
import { axes, check, type Tensor } from '../engine/tensor.ts'
import { kernel, ladder } from '../gpu/kernel.ts'
import { spread } from '../gpu/params.ts'

type Pixels = Record<'N' | 'H' | 'W' | `${'mean' | 'std'}_${'r' | 'g' | 'b'}`, number>
/** A workgroup for each row of an image. */
const rows = ({ H, N }: Pixels) => spread(N * H)

const mirrorKernel = kernel<{ n: number; W: number }>('image/mirror.wgsl', p => p.n)
const augmentKernel = ladder<Pixels>('image/augment', [
  { name: 'rows', file: 'image/augment.wgsl', grid: rows },
  { name: 'octets', file: 'image/augment.wgsl', grid: rows, consts: { WG: 8 }, on: 'cpu' },
])

/** Numbers per image that say how it is changed: six of an affine map, then brightness, contrast, saturation. */
export const CHANGE_SIZE = 9

/** The numbers of an image that is not changed. */
export const NO_CHANGE: readonly number[] = [1, 0, 0, 0, 1, 0, 1, 1, 1]

/** Mean of ImageNet's channels, as torchvision's pretrained weights expect. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const
/** Standard deviation of ImageNet's channels. */
export const IMAGENET_STD = [0.229, 0.224, 0.225] as const

/**
 * y (N,3,H,W) = pixels (N,H,W; RGBA8 packed in u32) moved, recoloured as `change` (N,9) says (see image/augment.wgsl),
 * and normalised per channel to (value / 255 - mean) / std. Not differentiable: a gradient that is wanted through it
 * throws.
 */
export function augment(pixels: Tensor, change: Tensor): Tensor {
  const [N, H, W] = axes('augment', 'pixels', pixels, 'N H W')
  check(pixels.dtype === 'u32', () => 'augment: pixels are RGBA8 packed in u32')
  check(
    `${change.shape}` === `${[N, CHANGE_SIZE]}`,
    () => `augment: change must be [${N},${CHANGE_SIZE}], found [${change.shape}]`,
  )
  const y = empty([N, 3, H, W])
  const [mean_r, mean_g, mean_b] = IMAGENET_MEAN
  const [std_r, std_g, std_b] = IMAGENET_STD
  launch(augmentKernel, { pixels, change, y }, { N, H, W, mean_r, mean_g, mean_b, std_r, std_g, std_b })
  return recordConstant('augment', y, [change])
}

/** y (...,W) = x with left and right changed.      dx = dy mirrored. */
export function mirror(x: Tensor): Tensor {
  const y = empty(x.shape)
  launch(mirrorKernel, { x, y }, { n: x.size, W: x.shape.at(-1)! })

  return record('mirror', y, [x], dy => [mirror(dy)])
}
