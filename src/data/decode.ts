/** Decodes JPEG and PNG files to RGB and brings them to a given short side. */
import { readFile } from 'node:fs/promises'
import { PNG } from 'pngjs'
import sharp from 'sharp'
import { DataError, quote } from './dataset.ts'

/** A decoded image: `rgb` holds height × width × 3 bytes, row by row. */
export interface Image {
  width: number
  height: number
  rgb: Uint8Array
  /** Pixels of this image for each pixel of the file; 1 unless it was resized. */
  scale?: number
}

/** Larger images are refused: 100 megapixels take 300 MB as RGB. */
const MAX_PIXELS = 100e6

// Many small images are decoded at a time, so threads within one, and a memory of past operations, only cost.
sharp.concurrency(1)
sharp.cache(false)

/** The first bytes of a file (in hex) tell its kind. Those that cannot be read are here for the message. */
const KINDS: [start: RegExp, kind: string][] = [
  [/^ffd8ff/, 'JPEG'],
  [/^89504e470d0a1a0a/, 'PNG'],
  [/^474946/, 'GIF image'],
  [/^52494646.{8}57454250/, 'WebP image'],
  [/^(49492a00|4d4d002a)/, 'TIFF image'],
  [/^424d/, 'BMP image'],
  [/^.{8}66747970(61766966|68656963|6d696631)/, 'AVIF or HEIC image'],
  [/^00051607/, 'macOS "._" companion file'],
  [/^(1f8b|504b0304)/, 'compressed archive'],
  [/^(0d|0a|20)*3c/, 'web page or XML'],
]

/**
 * Decodes a JPEG or PNG file, told apart by content, as the file's own numbers: colour profiles are ignored, like PIL
 * does. Grey, palette, CMYK and 16-bit images become 8-bit RGB, transparency becomes white, EXIF orientation is applied
 * (JPEG).
 * @throws DataError naming the file, for one that is unreadable, no image, cut short, damaged or above 100 megapixels.
 */
export async function decode(file: string): Promise<Image> {
  const bytes = await readFile(file).catch(error => {
    throw new DataError(`${file}: cannot be read (${message(error)}); put it back or make it readable`)
  })
  const start = bytes.toString('hex', 0, 16)
  const kind = KINDS.find(([pattern]) => pattern.test(start))?.[1]
  if (!bytes.length) throw new DataError(`${file}: is empty (0 bytes), expected a JPEG or PNG image; fetch it again`)
  if (kind !== 'JPEG' && kind !== 'PNG') {
    const begins = `${quote(bytes.toString('latin1', 0, 16))} (hex ${start.slice(0, 16)})`
    const found = kind ? `a ${kind}` : `a file that starts with ${begins}`
    throw new DataError(`${file}: expected a JPEG or PNG image, found ${found}; convert or replace it`)
  }
  try {
    return kind === 'JPEG' ? await decodeJpeg(bytes) : decodePng(bytes)
  } catch (error) {
    throw new DataError(
      `${file}: cannot be decoded as ${kind}, it is damaged, cut short or too large ` +
        `(${bytes.length} bytes; decoder: ${message(error)}); replace it`,
    )
  }
}

/**
 * Decodes an image and resizes it, the shape kept, so that the shorter side has `size` pixels: bilinear with a filter
 * that grows with the reduction, so nothing aliases. An image of that size already keeps its pixels.
 * @throws DataError as decode() does, and for an image so elongated that the result would be above 100 megapixels.
 */
export async function loadShortSide(file: string, size: number): Promise<Image> {
  const image = await decode(file)
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

const source = (rgb: Uint8Array, width: number, height: number) =>
  sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })

const reduce = ({ rgb, width, height }: Image, toWidth: number, toHeight: number): Promise<Uint8Array> =>
  source(rgb, width, height).resize(toWidth, toHeight, { fit: 'fill', kernel: 'linear' }).raw().toBuffer()

/**
 * sharp's resize moves what it enlarges by half a pixel; this maps centres to centres, out + 0.5 = scale × (in + 0.5).
 */
async function enlarge({ rgb, width, height }: Image, toWidth: number, toHeight: number): Promise<Uint8Array> {
  const sx = toWidth / width
  const sy = toHeight / height
  // Beyond the image the transform blends with a background colour: a frame of repeated edge pixels goes there instead.
  const row = (width + 2) * 3
  const framed = new Uint8Array(row * (height + 2))
  for (let y = 0; y < height + 2; y++) {
    const from = Math.min(Math.max(y - 1, 0), height - 1) * width * 3
    const end = from + width * 3
    framed.set(rgb.subarray(from, from + 3), y * row)
    framed.set(rgb.subarray(from, end), y * row + 3)
    framed.set(rgb.subarray(end - 3, end), (y + 1) * row - 3)
  }
  const { data, info } = await source(framed, width + 2, height + 2)
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

async function decodeJpeg(bytes: Buffer): Promise<Image> {
  // failOn: bytes that end early are an error, not grey filler; mere oddities that decode well (stray bytes) are not.
  const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: MAX_PIXELS, ignoreIcc: true })
  const { data, info } = await image.autoOrient().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`gave ${info.channels} channels`)
  return { width: info.width, height: info.height, rgb: data }
}

function decodePng(bytes: Buffer): Image {
  // Looked up before decoding, which would claim the memory: IHDR is the first chunk, width and height its first
  // fields.
  if (bytes.length < 24) throw new Error('no header')
  const pixels = bytes.readUInt32BE(16) * bytes.readUInt32BE(20)
  if (pixels > MAX_PIXELS) throw new Error(`${Math.round(pixels / 1e6)} megapixels, the limit is ${MAX_PIXELS / 1e6}`)
  const { width, height, data } = PNG.sync.read(bytes)
  const rgb = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    const alpha = data[from + 3]!
    const white = 255 * (255 - alpha)
    for (let c = 0; c < 3; c++) rgb[to++] = (data[from + c]! * alpha + white) / 255 + 0.5
  }
  return { width, height, rgb }
}

const message = (error: unknown) => (error instanceof Error ? error.message.trim() : String(error))
