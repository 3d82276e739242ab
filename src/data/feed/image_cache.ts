/** ImageCache: decoded, resized images in a folder, kept from run to run, within a limit of bytes. */
import { readdir, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Loaded, PART, USED_TO } from './store.ts'

export interface ImageCacheOptions {
  /** Most bytes that it may take. Default 20 GiB; and a tenth of the disk always stays free. */
  limit?: number
  /** Gets the one sentence that says why no more images are added. Default: console.warn. */
  warn?: (message: string) => void
}

/** Bytes after whose writing the folder is counted again: another process may write, too. */
const RECOUNT = 2 ** 30
/** Entries that nobody used for this time, in milliseconds, make room for new ones: two days. */
const UNUSED = 4 * USED_TO
/** Files of a process that was killed while it wrote are removed after an hour. */
const ABANDONED = 3_600_000

/**
 * The folder of cached images, as far as the main thread knows it. Threads read and write the entries (store.ts); this
 * side decides if they may. Safe for several processes: an entry appears whole, by a rename, and carries a checksum.
 */
export class ImageCache {
  readonly folder: string
  readonly #limit: number
  readonly #warn: (message: string) => void
  /** Bytes that may be written until the folder is counted again. */
  #room: Promise<number> | undefined
  #written = 0
  #stopped = false

  constructor(folder: string, { limit = 20 * 2 ** 30, warn = console.warn }: ImageCacheOptions = {}) {
    this.folder = folder
    this.#limit = limit
    this.#warn = warn
  }

  /** True if an image may be added. */
  async hasRoom(): Promise<boolean> {
    if (this.#stopped) return false
    this.#room ??= this.#count()
    const room = await this.#room
    if (this.#stopped) return false
    if (this.#written < room) return true
    if (this.#written > 0) {
      this.#room = undefined
      this.#written = 0
      return this.hasRoom()
    }
    this.#stop('it, or the disk, is full')
    return false
  }

  /** Takes note of what a thread did. */
  note({ stored, failure }: Loaded): void {
    this.#written += stored
    if (failure) this.#stop(failure)
  }

  #stop(reason: string): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#warn(
      `no more images are added to the cache ${this.folder} (${reason}); training goes on and decodes them again ` +
        'where memory cannot hold them',
    )
  }

  /** Bytes that may be written for now. Where there is no room, old entries are removed first. */
  async #count(): Promise<number> {
    const now = Date.now()
    const entries: { path: string; bytes: number; used: number }[] = []
    const look = async (path: string): Promise<void> => {
      const found = await stat(path).catch(() => undefined) // another process may have removed it
      if (!found) return
      const abandoned = path.endsWith(PART) && now - found.mtimeMs > ABANDONED
      if (!abandoned || !(await removed(path))) entries.push({ path, bytes: found.size, used: found.mtimeMs })
    }
    for (const paths of await filesBelow(this.folder)) await Promise.all(paths.map(look))
    let used = entries.reduce((sum, e) => sum + e.bytes, 0)
    const disk = await free(this.folder)
    let room = Math.min(this.#limit - used, disk)
    const wanted = Math.min(RECOUNT, this.#limit / 10)
    entries.sort((a, b) => a.used - b.used)
    for (const { path, bytes, used: at } of entries) {
      if (room >= wanted || now - at <= UNUSED) break
      if (!(await removed(path))) continue
      used -= bytes
      room += bytes
    }
    return Math.min(room, RECOUNT)
  }
}

/** The files of each of the cache's folders. None, where there is no cache yet. */
async function filesBelow(folder: string): Promise<string[][]> {
  const list = (dir: string) => readdir(dir, { withFileTypes: true }).catch(() => [])
  const paths: string[][] = []
  for (const inner of await list(folder)) {
    if (!inner.isDirectory() || !/^[0-9a-f]{2}$/.test(inner.name)) continue
    const dir = join(folder, inner.name)
    paths.push((await list(dir)).filter(entry => entry.isFile()).map(entry => join(dir, entry.name)))
  }
  return paths
}

const removed = (path: string): Promise<boolean> =>
  unlink(path).then(
    () => true,
    () => false,
  )

/** Bytes that may be written to a folder's disk without it being more than nine tenths full. */
async function free(folder: string): Promise<number> {
  const disk = await statfs(folder).catch(() => undefined)
  if (disk) return (disk.bavail - disk.blocks / 10) * disk.bsize
  const parent = dirname(folder)
  return parent === folder ? Number.POSITIVE_INFINITY : free(parent)
}
