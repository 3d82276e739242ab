/** The structure of a PNG file: its size, its chunks, and if it ends. Chunks are those of the PNG specification. */

export interface PngFacts {
  width: number
  height: number
  /** The place behind the last chunk, IEND; undefined where the file ends before it. */
  end: number | undefined
  /** Bytes of the pixels, packed, and before packing. */
  dataBytes: number
  rawBytes: number
  exif: boolean
  animated: boolean
}

const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Walks through the chunks behind the signature. `undefined` where the first is not a whole header. */
export function pngFacts(bytes: Buffer): PngFacts | undefined {
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined
  const width = bytes.readUInt32BE(16)
  const height = bytes.readUInt32BE(20)
  const bits = bytes[24]! * (SAMPLES[bytes[25]!] ?? 0)
  const rawBytes = height * (1 + Math.ceil((width * bits) / 8))
  const facts: PngFacts = { width, height, end: undefined, dataBytes: 0, rawBytes, exif: false, animated: false }
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const name = bytes.toString('latin1', at + 4, at + 8)
    at += 12 + length
    if (at > bytes.length) break
    if (name === 'IDAT') facts.dataBytes += length
    if (name === 'eXIf') facts.exif = true
    if (name === 'acTL') facts.animated = true
    if (name === 'IEND') return { ...facts, end: at }
  }
  return facts
}
