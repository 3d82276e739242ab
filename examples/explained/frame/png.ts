/** Pixels as PNG bytes, for the pictures of chapters. */
import sharp from 'sharp'

/** A square of RGB numbers, row by row, from 0 to 255. */
export const pngOf = (rgb: ArrayLike<number>, size: number): Promise<Buffer> =>
  sharp(Uint8ClampedArray.from(rgb), { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer()
