/** Pixels as PNG bytes, for the pictures of chapters. */
import sharp from 'sharp'

/** A square of RGB numbers, row by row, from 0 to 255. */
export const pngOf = (rgb: ArrayLike<number>, size: number): Promise<Buffer> =>
  sharp(Uint8ClampedArray.from(rgb), { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer()

/** A square picture in an SVG: `pixels` each way, of three or four (RGBA, alpha ignored) numbers from 0 to 255. */
export async function square(
  [x, y]: readonly [number, number],
  side: number,
  data: ArrayLike<number>,
  pixels: number,
): Promise<string> {
  const channels = data.length / pixels ** 2
  const rgb = Array.from(data).filter((_, i) => i % channels < 3)
  const href = `data:image/png;base64,${(await pngOf(rgb, pixels)).toString('base64')}`
  return `<image x="${x}" y="${y}" width="${side}" height="${side}" href="${href}"/>`
}
