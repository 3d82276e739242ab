/** Checksums in .safetensors files: SHA-256 of all bytes of the file, kept in its own metadata. */
import { createHash, type Hash } from 'node:crypto'

/** The name of the checksum in the metadata. */
export const CHECKSUM = 'sha256'
/** It stands here while it is computed: the sum is that of the file with zeros in its place. */
export const NO_CHECKSUM = '0'.repeat(64)

/** The place of the checksum in the bytes of a header; undefined where it has none. */
export function placeOf(header: Uint8Array<ArrayBuffer>, sum: string): number | undefined {
  const at = Buffer.from(header.buffer, header.byteOffset, header.length).indexOf(`"${CHECKSUM}":"${sum}"`)
  return at < 0 ? undefined : at + CHECKSUM.length + 4
}

/** Begins the sum of a file, of which `header` is everything before the numbers and holds the checksum `sum`. */
export function sumOf(header: Uint8Array<ArrayBuffer>, sum: string): Hash {
  const blank = header.slice()
  const at = placeOf(header, sum)
  if (at !== undefined) blank.set(Buffer.from(NO_CHECKSUM), at)
  return createHash('sha256').update(blank)
}
