/** Decodes JPEG and PNG files to RGB. */
import { readFile } from 'node:fs/promises'
import { PNG } from 'pngjs'
import sharp from 'sharp'
import { DataError, quote } from './problems.ts'

/** A decoded image, width and height in pixels. `rgb` holds height × width × 3 bytes, row by row. */
export interface Image {
  width: number
  height: number
  rgb: Uint8Array
  /** Pixels of this image for each pixel of the file. Default 1: it was not resized. */
  scale?: number
}

/** Larger images are refused: 100 megapixels take 300 MB as RGB. */
export const MAX_PIXELS = 100e6

// Many small images are decoded at a time, so threads within one, and a memory of past operations, only cost.
sharp.concurrency(1)
sharp.cache(false)

/** Kinds of files by their first bytes, in hex. Only JPEG and PNG can be read; the others are here for the message. */
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
 * Decodes a JPEG or PNG file, told apart by content. Colour profiles are ignored, as PIL does. Grey, palette, CMYK and
 * 16-bit images become 8-bit RGB, transparency becomes white, and the EXIF orientation of a JPEG is applied.
 *
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

async function decodeJpeg(bytes: Buffer): Promise<Image> {
  // failOn truncated: bytes that end early are an error and not grey filler; stray bytes that do no harm are accepted.
  const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: MAX_PIXELS, ignoreIcc: true })
  const { data, info } = await image.autoOrient().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`gave ${info.channels} channels`)
  return { width: info.width, height: info.height, rgb: data }
}

function decodePng(bytes: Buffer): Image {
  // The size is looked up before decoding, which would claim the memory. IHDR is the first chunk, and begins with it.
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
