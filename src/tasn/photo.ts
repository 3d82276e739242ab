/** Photographs of any size: bytes to the square that a model looks at, and numbers of the model back to bytes. */
import { mostBytes } from '../engine/buffers.ts'
import { check, type Tensor } from '../engine/tensor.ts'
import { IMAGENET_MEAN, IMAGENET_STD } from '../ops/image.ts'
import { packShrunk, packSquare, type Window } from '../ops/pixels.ts'
import { resizeArea, resizeBilinear } from '../ops/resize.ts'

/**
 * An image's bytes, row by row, three (RGB) or four (RGBA, alpha ignored) a pixel. Width and height are in pixels. A
 * browser's ImageData is one.
 */
export interface Photo {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
}

/**
 * The middle square of a photo for a model that looks at `size` pixels: packed pixels (side,side), and the window that
 * they show.
 *
 * Photographs come with many more pixels. A square of at least four times `size`, or of more than `most` bytes as
 * float32 numbers of three channels, is shrunk here on the host: each pixel is the mean of a whole number of pixels
 * each way, so a few at the edges may be left out. At least twice `size` is left to be shrunk with care on the GPU.
 *
 * @throws if the photo's numbers do not fit together.
 */
export function middleSquare(
  { width, height, data }: Photo,
  size: number,
  most = mostBytes(),
): { packed: Uint32Array; side: number; window: Window } {
  const channels = data.length / (width * height)
  check(
    width >= 1 && height >= 1 && (channels === 3 || channels === 4),
    () =>
      `a photo of ${width} x ${height} pixels takes ${3 * width * height} bytes (RGB) or ${4 * width * height} ` +
      `(RGBA), found ${data.length}`,
  )
  const whole = Math.min(width, height)
  const largest = Math.floor(Math.sqrt(most / 12))
  const factor = Math.max(1, Math.floor(whole / (2 * size)), Math.ceil(whole / largest))
  const side = Math.floor(whole / factor)
  const window = {
    left: (width - side * factor + 1) >> 1,
    top: (height - side * factor + 1) >> 1,
    side: side * factor,
  }
  const image = { width, channels: channels as 3 | 4, data }
  const packed = new Uint32Array(side * side)
  if (factor === 1) packSquare(image, window, packed)
  else packShrunk(image, { ...window, side }, factor, packed)
  return { packed, side, window }
}

/** Images (1,3,H,W) at the size of a model: [height, width]. */
export function resized(x: Tensor, size: readonly [number, number]): Tensor {
  const [, , H, W] = x.shape
  if (H === size[0] && W === size[1]) return x
  return H! > size[0] ? resizeArea(x, size) : resizeBilinear(x, size)
}

/** Numbers of an image (3,height,width) as a model sees it, back to RGBA bytes. */
export function photoOf(planes: Float32Array, [height, width]: readonly [number, number]): Photo {
  const data = new Uint8ClampedArray(4 * width * height)
  const pixels = width * height
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = 255 * (planes[c * pixels + i]! * IMAGENET_STD[c]! + IMAGENET_MEAN[c]!)
    data[4 * i + 3] = 255
  }
  return { width, height, data }
}
