/**
 * The threads' side of the cache of images on disk: finds an image by its file's content, and keeps a new one.
 * It reads and writes synchronously, as a thread may: that is twice as fast as by promises.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { DecodeOptions, Image } from '../decode.ts'
import { loadSharp } from '../sharp.ts'
import { loadShortSide } from '../short_side.ts'
import { decodeEntry, encodeEntry } from './entry.ts'
import { neighbour } from './thread.ts'

/** A file that is being written has a name of its process's own, with this end, until it is whole. */
export const PART = '-part'
/** An entry's time says when it was last used, to this many milliseconds: half a day. */
export const USED_TO = 43_200_000
/** Files of fewer bytes are decoded within a millisecond or so of the time that the cache takes: not worth a place. */
const SMALLEST = 4096

/** Modules of data/ that the pixels depend on. */
export const DECODING = ['decode', 'jpeg', 'png', 'image_kinds', 'sharp', 'short_side']

/** The pixels depend on these as much as on the file: code, libraries, and the instructions that they may use. */
async function hashOfDecoder(): Promise<Buffer> {
  const { versions } = await loadSharp()
  return DECODING.map(name => readFileSync(neighbour(`../${name}`, import.meta.url)))
    .reduce((hash, code) => hash.update(code), createHash('sha256').update(JSON.stringify([versions, process.arch])))
    .digest()
}
let decoder: Promise<Buffer> | undefined

export interface Loaded {
  readonly image: Image
  /** Bytes that were added to the cache; 0 for an image that was found there, or is not worth a place. */
  readonly stored: number
  /** Why it could not be added. */
  readonly failure?: string
}

/**
 * loadShortSide(), but an image that is in the cache is not decoded. One that is not, is added if `add`. An entry that
 * is damaged is removed, and made again.
 *
 * @throws DataError as loadShortSide() does. Nothing that is wrong with the cache is an error.
 */
export async function loadCached(
  file: string,
  size: number,
  folder: string,
  add: boolean,
  options: DecodeOptions = {},
): Promise<Loaded> {
  decoder ??= hashOfDecoder()
  const by = await decoder
  const key = keyOf(by, file, size, options)
  if (!key) return { image: await loadShortSide(file, size, options), stored: 0 }
  const entry = pathOf(folder, key)
  const found = find(entry, key)
  if (found) return { image: found, stored: 0 }
  const image = await loadShortSide(file, size, options)
  // It was read once more to be decoded. A file that was exchanged meanwhile is not kept under its old content.
  if (!add || !keyOf(by, file, size, options)?.equals(key)) return { image, stored: 0 }
  try {
    const bytes = encodeEntry(key, image)
    store(entry, bytes)
    return { image, stored: bytes.length }
  } catch (error) {
    return { image, stored: 0, failure: error instanceof Error ? error.message : String(error) }
  }
}

/** SHA-256 of all that the pixels depend on. Undefined for a file that is too small to be cached or cannot be read. */
function keyOf(decoder: Buffer, file: string, size: number, { upright }: DecodeOptions): Buffer | undefined {
  const bytes = attempt(() => readFileSync(file)) // the decoder reads it again, and says what is wrong
  if (!bytes || bytes.length < SMALLEST) return
  return createHash('sha256')
    .update(decoder)
    .update(`${size} ${upright ? 'upright ' : ''}`)
    .update(bytes)
    .digest()
}

/** The path of an entry, in one of 256 folders. */
function pathOf(folder: string, key: Buffer): string {
  const name = key.toString('hex')
  return join(folder, name.slice(0, 2), name.slice(2))
}

function find(entry: string, key: Buffer): Image | undefined {
  const bytes = attempt(() => readFileSync(entry))
  if (!bytes) return
  const image = decodeEntry(key, bytes)
  // Neither removing an entry nor marking it as used must succeed: the folder may be read-only.
  attempt(() => (image ? markUsed(entry) : unlinkSync(entry)))
  return image
}

function markUsed(entry: string): void {
  const now = Date.now()
  if (now - statSync(entry).mtimeMs > USED_TO) utimesSync(entry, now / 1000, now / 1000)
}

/** Writes an entry under its final name, whole or not at all. Two processes that write the same one do no harm. */
function store(entry: string, bytes: Buffer): void {
  const part = `${entry}.${process.pid}-${threadId}-${Math.random().toString(36).slice(2)}${PART}`
  mkdirSync(dirname(entry), { recursive: true })
  try {
    writeFileSync(part, bytes)
    renameSync(part, entry)
  } catch (error) {
    attempt(() => unlinkSync(part))
    throw error
  }
}

/** The result of `f`, or undefined where it throws. */
function attempt<T>(f: () => T): T | undefined {
  try {
    return f()
  } catch {
    return
  }
}
