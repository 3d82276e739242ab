/**
 * The structure of a JPEG file: its size, its scans, and if it ends. The decoder fills what is missing with grey; this
 * tells before it runs. Marker codes and fields are those of ITU-T T.81, annex B.
 */

export interface JpegFacts {
  width: number
  height: number
  /** Has an end marker (EOI) behind its scans. */
  ends: boolean
  /** Each coefficient of each component has been sent with all of its bits. */
  complete: boolean
  /** Bytes between the headers of the scans: the compressed picture. */
  dataBytes: number
  /** The fewest bytes that so many pixels can take, whatever they show. */
  leastBytes: number
  /** Blocks of 8 × 8 that the scans go through, each as often as it is refined: the decoder's work. */
  work: number
  /** Has EXIF data. */
  exif: boolean
}

interface Component {
  id: number
  /** Number of its blocks of 8 × 8. */
  blocks: number
  /** For each of the 64 coefficients the lowest bit that was sent; -1 for none. Sequential scans send all. */
  sent: Int8Array
}

const [SOF0, SOF15, DHT, JPG, DAC] = [0xc0, 0xcf, 0xc4, 0xc8, 0xcc]
const [RST0, RST7, SOI, EOI, SOS, APP1, TEM] = [0xd0, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0x01]

const isFrame = (marker: number) =>
  marker >= SOF0 && marker <= SOF15 && marker !== DHT && marker !== JPG && marker !== DAC
const standsAlone = (marker: number) => (marker >= RST0 && marker <= SOI) || marker === TEM

/** Walks through the markers. `undefined` without a frame header before the first scan: no decoder can begin. */
export function jpegFacts(bytes: Buffer): JpegFacts | undefined {
  let frame: { marker: number; width: number; height: number; components: Component[] } | undefined
  let [ends, exif, dataBytes, work] = [false, false, 0, 0]
  for (let at = 2; at + 1 < bytes.length; ) {
    if (bytes[at] !== 0xff || bytes[at + 1] === 0xff) {
      at++ // stray bytes, or filling before a marker
      continue
    }
    const marker = bytes[at + 1]!
    at += 2
    if (marker === EOI) {
      ends = true
      break
    }
    if (standsAlone(marker) || marker === 0) continue
    if (at + 2 > bytes.length) break
    const segment = bytes.subarray(at + 2, at + bytes.readUInt16BE(at))
    at += Math.max(2, bytes.readUInt16BE(at))
    if (marker === APP1 && segment.toString('latin1', 0, 4) === 'Exif') exif = true
    if (isFrame(marker) && !frame && segment.length >= 6) frame = frameOf(marker, segment)
    if (marker !== SOS) continue
    if (!frame) return undefined
    work += take(frame.components, segment)
    const next = endOfScan(bytes, at)
    dataBytes += Math.max(0, next - at)
    at = next
  }
  if (!frame) return undefined
  const { width, height, components } = frame
  return {
    width,
    height,
    ends,
    exif,
    dataBytes,
    work,
    leastBytes: Math.floor((components.reduce((n, c) => n + c.blocks, 0) * leastBits(frame.marker)) / 8),
    complete: components.every(c => c.sent.every(bit => bit === 0)),
  }
}

function frameOf(marker: number, segment: Buffer) {
  const height = segment.readUInt16BE(1)
  const width = segment.readUInt16BE(3)
  const fields = Array.from({ length: Math.min(segment[5]!, Math.floor((segment.length - 6) / 3)) }, (_, k) => ({
    id: segment[6 + 3 * k]!,
    across: segment[7 + 3 * k]! >> 4,
    down: segment[7 + 3 * k]! & 15,
  }))
  const across = Math.max(1, ...fields.map(c => c.across))
  const down = Math.max(1, ...fields.map(c => c.down))
  const components = fields.map(c => ({
    id: c.id,
    blocks: Math.ceil((width * c.across) / across / 8) * Math.ceil((height * c.down) / down / 8),
    sent: new Int8Array(64).fill(-1),
  }))
  return { marker, height, width, components }
}

/** Notes what a scan sends: coefficients Ss to Se of its components, down to bit Al. Returns the number of blocks. */
function take(components: readonly Component[], scan: Buffer): number {
  const n = scan[0] ?? 0
  const [from = 0, to = 63, bits = 0] = scan.subarray(1 + 2 * n)
  const sent = components.filter(c => Array.from({ length: n }, (_, k) => scan[1 + 2 * k]).includes(c.id))
  for (const c of sent) c.sent.fill(bits & 15, from, to + 1)
  return sent.reduce((sum, c) => sum + c.blocks, 0)
}

/** The place of the marker that ends the data of a scan: not a stuffed zero, not a restart. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next !== undefined && next !== 0 && next !== 0xff && !(next >= RST0 && next <= RST7)) return at
  }
  return bytes.length
}

/**
 * The fewest bits of a block: a Huffman code has at least one. A sequential block has two, for its first coefficient
 * and for the end of the others; in a progressive file one code can end thousands of blocks. Arithmetic codes have no
 * such bound.
 */
const leastBits = (marker: number): number => (marker > 0xc7 ? 0 : marker === 0xc2 || marker === 0xc6 ? 1 : 2)
