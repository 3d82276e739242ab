/** Images brought to a given short side. */
import type { Sharp } from 'sharp'
import { type DecodeOptions, decode, type Image, MAX_PIXELS } from './decode.ts'
import { DataError } from './problems.ts'
import { loadSharp } from './sharp.ts'

/**
 * Decodes an image and resizes it, its shape kept, to a short side of `size` pixels. The filter is bilinear and grows
 * with the reduction, so nothing aliases. An image that has the size keeps its pixels.
 *
 * @throws DataError as decode() does, and for an image so elongated that the result would be above 65 megapixels.
 */
export async function loadShortSide(file: string, size: number, options?: DecodeOptions): Promise<Image> {
  const image = await decode(file, options)
  const scale = size / Math.min(image.width, image.height)
  if (scale === 1) return image
  const width = Math.round(image.width * scale)
  const height = Math.round(image.height * scale)
  if (width * height > MAX_PIXELS) {
    const shape = `${image.width} × ${image.height}`
    throw new DataError(`${file}: ${shape} pixels are too elongated for a short side of ${size}; crop it`)
  }
  return { width, height, scale, rgb: await (scale < 1 ? reduce(image, width, height) : enlarge(image, width, height)) }
}

async function source(rgb: Uint8Array, width: number, height: number): Promise<Sharp> {
  const sharp = await loadSharp()
  return sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })
}

async function reduce({ rgb, width, height }: Image, toWidth: number, toHeight: number): Promise<Uint8Array> {
  const image = await source(rgb, width, height)
  return image.resize(toWidth, toHeight, { fit: 'fill', kernel: 'linear' }).raw().toBuffer()
}

/**
 * Enlarges with pixel centres on pixel centres: out + 0.5 = scale × (in + 0.5). sharp's own resize is off by half a
 * pixel there.
 */
async function enlarge({ rgb, width, height }: Image, toWidth: number, toHeight: number): Promise<Uint8Array> {
  const sx = toWidth / width
  const sy = toHeight / height
  // Beyond the image the transform blends with a background colour, so the image gets a frame of its edge pixels.
  const row = (width + 2) * 3
  const framed = new Uint8Array(row * (height + 2))
  for (let y = 0; y < height + 2; y++) {
    const from = Math.min(Math.max(y - 1, 0), height - 1) * width * 3
    const end = from + width * 3
    framed.set(rgb.subarray(from, from + 3), y * row)
    framed.set(rgb.subarray(from, end), y * row + 3)
    framed.set(rgb.subarray(end - 3, end), (y + 1) * row - 3)
  }
  const image = await source(framed, width + 2, height + 2)
  const { data, info } = await image
    .affine(
      [
        [sx, 0],
        [0, sy],
      ],
      { interpolator: 'bilinear', odx: -(sx + 1) / 2, ody: -(sy + 1) / 2 },
    )
    .raw()
    .toBuffer({ resolveWithObject: true })
  const out = new Uint8Array(toWidth * toHeight * 3)
  for (let y = 0; y < toHeight; y++) {
    out.set(data.subarray(y * info.width * 3, (y * info.width + toWidth) * 3), y * toWidth * 3)
  }
  return out
}
