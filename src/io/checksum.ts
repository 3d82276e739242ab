/** Checksums in .safetensors files: SHA-256 of all bytes of the file, kept in its own metadata. */
import { notFinite } from './finite.ts'
import { headerLength } from './header.ts'
import type { HostTensor, SafetensorsFile } from './safetensors.ts'

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

/** SHA-256, in hex, of a whole file that is in memory, in which the checksum `sum` counts as zeros. */
export async function sumOfBytes(bytes: Uint8Array<ArrayBuffer>, sum: string): Promise<string> {
  const whole = bytes.slice()
  whole.set(blanked(beginning(bytes), sum))
  const digest = await crypto.subtle.digest('SHA-256', whole)
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Everything before the numbers of a file that is in memory. */
export const beginning = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  bytes.subarray(0, 8 + headerLength(bytes.subarray(0, 8), bytes.length, 'the file'))

/**
 * Compares a file that is in memory with its checksum, if it has one.
 * @param file its name, for the error.
 * @throws if its bytes have another sum, or in a page that may not compute it.
 */
export async function checkSum(
  bytes: Uint8Array<ArrayBuffer>,
  { metadata, tensors }: SafetensorsFile,
  file: string,
): Promise<void> {
  const wanted = metadata[CHECKSUM]
  if (wanted === undefined) return
  if (!globalThis.crypto?.subtle)
    throw new Error(
      `${file} has a checksum, which can be verified only in a page that comes by https or from localhost`,
    )
  if ((await sumOfBytes(bytes, wanted)) !== wanted) throw damaged(file, tensors)
}
