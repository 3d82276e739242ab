/** Files that are there whole or not at all, also after a power cut: written beside their place, then renamed. */
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A file that could not be written. What was there before under its name is still there. */
export class WriteError extends Error {
  override name = 'WriteError'
  /** The system's word for the cause, such as ENOSPC; undefined where the system was not the cause. */
  readonly code: string | undefined

  constructor(file: string, cause: unknown) {
    super(`cannot write ${file}: ${inWords(cause as NodeJS.ErrnoException)}`, { cause })
    this.code = (cause as NodeJS.ErrnoException).code
  }

  /** True if the file can be written once there is room on the disk. */
  get full(): boolean {
    return this.code === 'ENOSPC' || this.code === 'EDQUOT'
  }
}

function inWords({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOSPC') return `no space is left on the disk (${code})`
  if (code === 'EDQUOT') return `the quota of the disk is used up (${code})`
  if (code === 'ENOENT') return `its folder is gone (${code})`
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return `writing is not allowed there (${code})`
  return message
}

/** Milliseconds for which a file of Windows is waited for, and between two tries. */
const PATIENCE = 5000
const NAP = 50

/**
 * Gives a file another name, and takes the place of what has that. On Windows a scanner of viruses or an indexer may
 * hold one of them open for a moment: there it is tried again.
 */
export async function moveFile(from: string, to: string, system: string = process.platform, move = rename) {
  for (const end = Date.now() + PATIENCE; ; await sleep(NAP))
    try {
      return await move(from, to)
    } catch (error) {
      const held = /^(EPERM|EACCES|EBUSY)$/.test(`${(error as NodeJS.ErrnoException).code}`)
      if (system !== 'win32' || !held || Date.now() > end) throw error
    }
}

let unfinished = 0

/**
 * Writes a file by `fill`, which gets it empty. Until all is on the disk, the bytes are in a file of this process's own
 * name. Then that takes the place of `file`, and the folder is written to the disk, too.
 *
 * @throws WriteError, and the file that was there before is as it was.
 */
export async function writeWhole(file: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  const part = `${file}.${process.pid}-${unfinished++}.part`
  let handle: FileHandle | undefined
  try {
    handle = await open(part, 'wx')
    await fill(handle)
    await handle.sync()
    await handle.close()
    handle = undefined
    await moveFile(part, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await handle?.close().catch(() => {})
    await rm(part, { force: true }).catch(() => {})
    throw error instanceof WriteError ? error : new WriteError(file, error)
  }
}

/** Writes a text. @throws WriteError */
export const writeText = (file: string, text: string): Promise<void> =>
  writeWhole(file, async handle => {
    await handle.writeFile(text)
  })

/** Writes all of the bytes at the end of what is written so far. */
export async function append(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten
}

/** A new name lasts only once its folder is on the disk. Not every system lets a folder be opened: there it must do. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r').catch(() => undefined)
  try {
    await handle?.sync().catch(() => {})
  } finally {
    await handle?.close()
  }
}

const PART = /\.\d+-\d+\.part$/

/** True for the name of a file that a process did not come to finish. */
export const isLeftover = (name: string): boolean => PART.test(name)

/** Deletes what processes that were killed left half written in a folder. None may be writing there. */
export async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) if (isLeftover(basename(name))) await rm(join(dir, name), { force: true })
}
