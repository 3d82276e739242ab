/** Decodes JPEG and PNG files to RGB. */
import type { Sharp } from 'sharp'
import { bytesOf } from './file_bytes.ts'
import { kindOf } from './image_kinds.ts'
import { type JpegFacts, jpegFacts } from './jpeg.ts'
import { pngFacts } from './png.ts'
import { DataError, reasonOf } from './problems.ts'
import { loadSharp } from './sharp.ts'

/** A decoded image, width and height in pixels. `rgb` holds height × width × 3 bytes, row by row. */
export interface Image {
  width: number
  height: number
  rgb: Uint8Array
  /** Pixels of this image for each pixel of the file. Default 1: it was not resized. */
  scale?: number
  /** Oddities of the file that did not stop its decoding, a few words each. Absent: none. */
  warnings?: string[]
}

export interface DecodeOptions {
  /**
   * true turns the picture as its EXIF orientation says, for a photo that is looked at. Default false: the pixels as
   * they are stored, which is how boxes and parts count them.
   */
  upright?: boolean
}

/** Larger images are refused. 65 megapixels take 195 MB as RGB; cameras of 61 megapixels are below. */
export const MAX_PIXELS = 65e6
/** Larger JPEGs are refused: at the highest quality 61 megapixels have less. */
const MAX_JPEG_BYTES = 64 * 2 ** 20
/** More work is refused: a progressive JPEG of 61 megapixels goes through 13 million blocks. */
const MAX_JPEG_WORK = 16e6
/** JPEG's end marker, and bytes that could be compressed pixels. The decoder itself fills with zeros. */
const END = Buffer.from([0xff, 0xd9])
const FILLINGS = [0xa5, 0x6d, 0xe4].map(byte => Buffer.alloc(256, byte))
/** Larger images are decoded one at a time. */
const LARGE_PIXELS = 16e6
/** Deflate makes nothing smaller than by this factor. */
const DEFLATE = 1032

/**
 * Decodes a JPEG or PNG file, told apart by content. Colour profiles are ignored, as PIL does, and so is the EXIF
 * orientation, unless `upright` is asked for. Grey, palette, CMYK and 16-bit images become 8-bit RGB, transparency
 * becomes white, and an animation its first picture.
 *
 * A file whose pixels are all there is read even where its end is not by the book; `warnings` says so. The memory is
 * bounded before the decoder runs: by the pixels, and by the fewest bytes that so many pixels can take.
 *
 * @throws DataError naming the file, for one that is unreadable, no image, cut short, damaged or above 65 megapixels.
 */
export async function decode(file: string, options: DecodeOptions = {}): Promise<Image> {
  const bytes = await bytesOf(file)
  const kind = kindOf(bytes)
  if (!bytes.length) throw new DataError(`${file}: is empty (0 bytes), expected a JPEG or PNG image; fetch it again`)
  if (kind !== 'JPEG' && kind !== 'PNG')
    throw new DataError(`${file}: expected a JPEG or PNG image, found ${kind}; convert or replace it`)
  await loadSharp()
  try {
    return await (kind === 'JPEG' ? decodeJpeg(bytes, options) : decodePng(bytes, options))
  } catch (error) {
    throw new DataError(
      `${file}: cannot be decoded as ${kind}, it is damaged, cut short or too large ` +
        `(${bytes.length} bytes; decoder: ${reasonOf(error)}); replace it`,
    )
  }
}

async function decodeJpeg(bytes: Buffer, { upright = false }: DecodeOptions): Promise<Image> {
  const facts = jpegFacts(bytes)
  if (!facts) throw new Error('no header with the size of the picture')
  checkPixels(facts)
  const { width, height, ends, complete, dataBytes, leastBytes, work, exif } = facts
  if (bytes.length > MAX_JPEG_BYTES) throw new Error(`the limit is ${MAX_JPEG_BYTES} bytes`)
  if (work > MAX_JPEG_WORK) throw new Error(`its scans go through ${work} blocks, the limit is ${MAX_JPEG_WORK}`)
  if (dataBytes < leastBytes)
    throw new Error(`${width} × ${height} pixels take at least ${leastBytes} bytes, found ${dataBytes}`)
  if (!ends && !complete) throw new Error('ends before its last scan')
  const warnings: string[] = []
  if (!ends) warnings.push('no end marker, but all pixels are there')
  else if (!complete) warnings.push('its last scans are missing, so it is less sharp than it could be')
  if (exif && !upright) warnings.push(...(await turned(bytes)))
  const image = await pixels(ends ? bytes : Buffer.concat([bytes, END]), warnings, facts, upright)
  if (!ends) await checkLastRows(bytes, image, facts, upright)
  return warnings.length ? { ...image, warnings } : image
}

/**
 * The decoder does not tell of what is missing in the last rows. But pixels that are there do not depend on what
 * follows them.
 *
 * @throws if they do.
 */
async function checkLastRows(bytes: Buffer, image: Image, facts: JpegFacts, upright: boolean): Promise<void> {
  const data = bytes.at(-1) === 0xff ? bytes.subarray(0, -1) : bytes
  for (const filling of FILLINGS) {
    const { rgb } = await pixels(Buffer.concat([data, filling, END]), [], facts, upright)
    if (Buffer.compare(image.rgb, rgb)) throw new Error('ends before its last pixels')
  }
}

async function decodePng(bytes: Buffer, { upright = false }: DecodeOptions): Promise<Image> {
  const facts = pngFacts(bytes)
  if (!facts) throw new Error('no header')
  checkPixels(facts)
  const { width, height, end, dataBytes, rawBytes, exif, animated } = facts
  if (end === undefined) throw new Error('ends before its last chunk, IEND')
  if (DEFLATE * dataBytes < rawBytes)
    throw new Error(`${width} × ${height} pixels take at least ${Math.ceil(rawBytes / DEFLATE)} bytes`)
  const warnings: string[] = []
  if (end < bytes.length) warnings.push('bytes behind its end, which are ignored')
  if (animated) warnings.push('an animation, of which the first picture is taken')
  if (exif && !upright) warnings.push(...(await turned(bytes)))
  const image = await pixels(bytes.subarray(0, end), warnings, facts, upright)
  return warnings.length ? { ...image, warnings } : image
}

function checkPixels({ width, height }: { width: number; height: number }): void {
  if (width * height > MAX_PIXELS)
    throw new Error(`${Math.round((width * height) / 1e6)} megapixels, the limit is ${MAX_PIXELS / 1e6}`)
}

/** A warning where the EXIF orientation is not the stored one. */
async function turned(bytes: Buffer): Promise<string[]> {
  const sharp = await loadSharp()
  const orientation = await sharp(bytes)
    .metadata()
    .then(
      m => m.orientation ?? 1,
      () => 1,
    )
  return orientation === 1 ? [] : ['an EXIF orientation, which is ignored: pixels, boxes and parts are as stored']
}

/** Complaints of the decoders after which pixels are lost, or of other colours. */
const LOST = /premature end|bad Huffman code|bad arithmetic code|instead of RST|(PLTE|tRNS): CRC error/i

/** Runs the decoder: strictly, and where it only complains of what does no harm, once more, with a warning. */
async function pixels(
  bytes: Buffer,
  warnings: string[],
  size: { width: number; height: number },
  upright: boolean,
): Promise<Image> {
  const sharp = await loadSharp()
  const run = (failOn: 'warning' | 'truncated') => {
    const image = sharp(bytes, { failOn, limitInputPixels: MAX_PIXELS, ignoreIcc: true })
    return inTurn(size.width * size.height > LARGE_PIXELS, () => rgbOf(upright ? image.autoOrient() : image))
  }
  try {
    return await run('warning')
  } catch (error) {
    const complaint = reasonOf(error)
    if (LOST.test(complaint)) throw error
    const image = await run('truncated')
    warnings.push(`the decoder's warning "${complaint}"`)
    return image
  }
}

async function rgbOf(image: Sharp): Promise<Image> {
  const flat = image.flatten({ background: '#ffffff' }).toColourspace('srgb').raw()
  const { data, info } = await flat.toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`gave ${info.channels} channels`)
  return { width: info.width, height: info.height, rgb: data }
}

let last: Promise<unknown> = Promise.resolve()

/** Runs large work one at a time: each takes hundreds of megabytes. */
function inTurn<T>(large: boolean, work: () => Promise<T>): Promise<T> {
  if (!large) return work()
  const done = last.then(work)
  last = done.catch(() => {})
  return done
}
