/** Checksums in .safetensors files: SHA-256 of all bytes of the file, kept in its own metadata. */
import { notFinite } from './finite.ts'
import type { HostTensor } from './safetensors.ts'

/** The name of the checksum in the metadata. */
export const CHECKSUM = 'sha256'
/** It stands here while it is computed: the sum is that of the file with zeros in its place. */
export const NO_CHECKSUM = '0'.repeat(64)

/** The place of the checksum in the bytes of a header; undefined where it has none. */
export function placeOf(header: Uint8Array<ArrayBuffer>, sum: string): number | undefined {
  // A character for each byte, so that a place in the text is one in the bytes.
  const at = new TextDecoder('latin1').decode(header).indexOf(`"${CHECKSUM}":"${sum}"`)
  return at < 0 ? undefined : at + CHECKSUM.length + 4
}

/** The bytes over which the sum begins: `header`, everything before the numbers, with zeros for the checksum `sum`. */
export function blanked(header: Uint8Array<ArrayBuffer>, sum: string): Uint8Array<ArrayBuffer> {
  const blank = header.slice()
  const at = placeOf(header, sum)
  if (at !== undefined) blank.set(new TextEncoder().encode(NO_CHECKSUM), at)
  return blank
}

/** The error for a file whose bytes have another sum than it says; names the first number that is not finite. */
export function damaged(file: string, tensors: ReadonlyMap<string, HostTensor>): Error {
  const also = [...tensors].map(([name, { data }]) => notFinite(name, data)).find(Boolean)
  const told = also ? `; ${also}` : ''
  return new Error(`${file} is damaged: its bytes are not those that were written (its checksum differs${told})`)
}
