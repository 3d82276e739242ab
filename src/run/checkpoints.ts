/** The checkpoints of a run: the newest few and the best, and which of them a run goes on from. */
import { createReadStream, existsSync } from 'node:fs'
import { link, rm, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { append, moveFile, syncFolder, WriteError, writeWhole } from '../io/durable.ts'
import { type Checkpoint, everything } from '../train/checkpoint.ts'
import type { Done } from '../train/position.ts'
import { readCheckpoint, saveCheckpoint } from '../train/save.ts'
import type { Training } from '../train/setup.ts'
import { repeatCommand } from './commands.ts'
import { CHECKPOINT_FILE, type RunFolder } from './folder.ts'

/** Checkpoints that are kept beside the best, unless --keep says another number. */
export const KEPT = 2
/** A checkpoint that is whole, and not yet in the place of the one before. */
const NEW_FILE = 'checkpoint-new.safetensors'
export const BEST_FILE = 'checkpoint-best.safetensors'
const DAMAGED_FILE = 'checkpoint-damaged.safetensors'
/** The one before the newest is checkpoint-1.safetensors, the one before that has 2. */
const olderFile = (n: number): string => (n ? `checkpoint-${n}.safetensors` : CHECKPOINT_FILE)

/**
 * Saves where a training stands. The newest `keep` checkpoints stay, and the best, until another is better. At every
 * moment the folder has a whole checkpoint. @throws WriteError
 */
export async function keepCheckpoint(t: Training, folder: RunFolder, keep = KEPT): Promise<void> {
  folder.metrics.sync() // who finds the checkpoint finds all lines until then
  await saveCheckpoint(t, folder.path(NEW_FILE))
  await rotate(folder, t.done, keep)
}

/** Moves a new checkpoint, which is whole, into its place. Cut off anywhere, it can be done again. */
async function rotate(folder: RunFolder, done: Done, keep: number): Promise<void> {
  const path = (name: string) => folder.path(name)
  try {
    if (isBest(done)) await keepBest(path(NEW_FILE), path(BEST_FILE))
    for (let n = keep - 1; n > 0; n--)
      if (existsSync(path(olderFile(n - 1)))) await moveFile(path(olderFile(n - 1)), path(olderFile(n)))
    await moveFile(path(NEW_FILE), path(CHECKPOINT_FILE))
    for (let n = keep; existsSync(path(olderFile(n))); n++) await rm(path(olderFile(n)))
    await syncFolder(folder.dir)
  } catch (error) {
    throw new WriteError(path(CHECKPOINT_FILE), error)
  }
}

/** True right after the test that was the best so far. */
export function isBest({ steps, history }: Done): boolean {
  const scores = history.map(a => a.sharedMaster ?? -1)
  const last = scores.pop() ?? -1
  return steps === 0 && last >= 0 && scores.every(s => s < last)
}

/**
 * Puts a new checkpoint into the place of the best, which stays until then. On a full disk both names share the bytes:
 * the next save would no longer know that this was the best.
 */
async function keepBest(file: string, best: string): Promise<void> {
  try {
    await copyTo(file, best)
  } catch (error) {
    if (!(error instanceof WriteError && error.full)) throw error
    const part = `${best}.${process.pid}-0.part`
    // A file system without links has no room either.
    await link(file, part).catch(() => Promise.reject(error))
    await moveFile(part, best)
    await rm(part, { force: true }) // two names of one file are not renamed
  }
}

/** Writes the bytes of a file into another one: damage to one of them leaves the other whole. */
const copyTo = (file: string, other: string): Promise<void> =>
  writeWhole(other, async handle => {
    for await (const bytes of createReadStream(file, { highWaterMark: 1 << 20 })) await append(handle, bytes as Buffer)
  })

/** The checkpoint that a run goes on from, and what is to be said about others. */
export interface Found {
  readonly checkpoint: Checkpoint | undefined
  /** The name of its file. */
  readonly name?: string
  readonly warnings: readonly string[]
}

/**
 * Reads the newest checkpoint that is sound, or the best; undefined if the run has none yet. Changes nothing.
 * @throws where checkpoints were there, and none can be gone on from.
 */
export async function newestCheckpoint(folder: RunFolder, { best = false } = {}): Promise<Found> {
  const names = [NEW_FILE, CHECKPOINT_FILE]
  for (let n = 1; folder.has(olderFile(n)); n++) names.push(olderFile(n))
  const faults: string[] = []
  for (const name of best ? [BEST_FILE] : [...names, BEST_FILE]) {
    if (!folder.has(name)) continue
    try {
      const checkpoint = await readCheckpoint(folder.path(name))
      return { checkpoint, name, warnings: faults.map(fault => `${fault}; going on from ${checkpoint.file} instead`) }
    } catch (error) {
      faults.push((error as Error).message)
    }
  }
  if (best)
    throw new Error(
      faults.length
        ? `--best: ${faults[0]}; without --best the newest checkpoint is taken`
        : `--best: ${folder.dir} has no ${BEST_FILE}: it is there after the first test of the classifier`,
    )
  if (faults.length)
    throw new Error(
      `no checkpoint of ${folder.dir} can be gone on from:\n  ${faults.join('\n  ')}\n` +
        `This runs it from the beginning:\n  ${repeatCommand(folder.dir)}`,
    )
  return { checkpoint: undefined, warnings: [] }
}

/**
 * Puts a checkpoint that a run goes on from into the newest one's place: a new one that a killed process did not come
 * to put there, or the best one. A damaged newest one is put aside. The folder must be claimed.
 */
export async function putInPlace({ checkpoint, name, warnings }: Found, folder: RunFolder, keep = KEPT): Promise<void> {
  const asked = name === BEST_FILE && !warnings.length // by --best, and not for want of another
  if (asked) await copyTo(folder.path(BEST_FILE), folder.path(NEW_FILE))
  if (asked || name === NEW_FILE) await rotate(folder, checkpoint!.position, keep)
  else if (warnings.length && name !== CHECKPOINT_FILE && folder.has(CHECKPOINT_FILE))
    await moveFile(folder.path(CHECKPOINT_FILE), folder.path(DAMAGED_FILE))
}

/**
 * Checks that the disk has room for the checkpoints of a training: all of a new one, and of one that goes on those that
 * are yet to come.
 * @throws saying how much is needed.
 */
export async function checkRoom(t: Training, { dir }: RunFolder, goesOn: boolean, keep = KEPT): Promise<void> {
  const bytes = [...everything(t).values()].reduce((n, tensor) => n + 4 * tensor.size, 0)
  // The newest ones, the best, the one that is being written, and the model.
  const files = !goesOn ? keep + 3 : t.done.epochs < t.settings.epochs ? 2 : 0
  let there = resolve(dir)
  while (!existsSync(there)) there = dirname(there)
  const { bavail, bsize } = await statfs(there).catch(() => ({ bavail: Infinity, bsize: 1 }))
  const free = bavail * bsize
  if (free >= files * bytes) return
  const size = (n: number) => `${(n / 2 ** 20).toFixed(0)} MiB`
  throw new Error(
    `the checkpoints of this run take up to ${size(files * bytes)}${goesOn ? ' more' : ''}, and ${size(free)} are ` +
      `free on the disk of ${dir}: make room${goesOn ? '' : ', or name a folder on another disk with --run'}`,
  )
}
