/** One process a folder: a lock file that names its owner, and is known as stale when that process is gone. */
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'

interface Owner {
  readonly pid: number
  readonly host: string
  /** Tells apart two processes that had the same pid one after the other; undefined where the system cannot. */
  readonly birth: string | undefined
  readonly since: string
}

/** Milliseconds between two tries, and their number: others are taking a stale lock. */
const NAP = 20
const TRIES = 100
/** A process holds the right to take a stale lock for less than a millisecond. After these many it has died with it. */
const ABANDONED = 10_000

/**
 * Takes a lock, for as long as this process lives. Returns the way to give it back.
 * @param advice what to do if another process has it.
 * @throws if a process that may be alive has it, naming that process.
 */
export function takeLock(file: string, advice: string): () => void {
  const own: Owner = {
    pid: process.pid,
    host: hostname(),
    birth: birthOf(process.pid),
    since: new Date().toISOString(),
  }
  const text = `${JSON.stringify(own)}\n`
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const found = textOf(file)
    if (found === undefined ? create(file, text) : replaceStale(file, found, text, own.host, advice)) {
      const giveBack = () => {
        process.off('exit', giveBack)
        if (textOf(file) === text) rmSync(file, { force: true })
      }
      process.on('exit', giveBack)
      return giveBack
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP)
  }
  throw new Error(`cannot lock ${file}: other processes are starting in this folder`)
}

/**
 * Puts a lock in the place of a stale one; false if another process is doing so. Who may replace it holds a file of its
 * own meanwhile, for between seeing that a lock is stale and replacing it another one may have come.
 * @throws if its owner may be alive.
 */
function replaceStale(file: string, found: string, text: string, host: string, advice: string): boolean {
  const owner = ownerOf(found)
  if (owner && mayLive(owner))
    throw new Error(
      `the process ${owner.pid} on ${owner.host} is at work in this folder since ${owner.since} (${file}): ` +
        `${doubt(owner, host, file)}${advice}`,
    )
  const right = `${file}.stale`
  if (!create(right, text)) {
    if (ageOf(right) > ABANDONED) rmSync(right, { force: true })
    return false
  }
  try {
    if (textOf(file) !== found) return false
    const part = partOf(file)
    writeFileSync(part, text)
    renameSync(part, file)
    return true
  } finally {
    rmSync(right, { force: true })
  }
}

/** Words before the advice where it is not known whether the owner lives: who stops it should look first. */
function doubt({ host, birth }: Owner, own: string, file: string): string {
  const gone = `delete ${file}; if it is not, `
  if (host !== own) return `if that process is gone, ${gone}`
  return birth === undefined ? `if that number is another program's by now, the run is gone: ${gone}` : ''
}

/** A file beside the lock for what is not there yet. */
const partOf = (file: string): string => `${file}.${process.pid}`

/** Makes a file with its text in one piece; false if there is one. */
function create(file: string, text: string): boolean {
  const part = partOf(file)
  writeFileSync(part, text)
  try {
    linkSync(part, file)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // A file system without links.
    try {
      writeFileSync(file, text, { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  } finally {
    rmSync(part, { force: true })
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Milliseconds since a file was written; 0 if it is gone. */
function ageOf(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
}

/** The owner that a lock names; undefined where it is no lock of ours, as after a crash of the machine. */
function ownerOf(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner | null
    return typeof owner?.pid === 'number' && typeof owner.host === 'string' ? owner : undefined
  } catch {
    return undefined
  }
}

/** False only if the owner is surely gone. */
function mayLive({ pid, host, birth }: Owner): boolean {
  if (host !== hostname()) return true
  if (!isAlive(pid)) return false
  return birth === undefined || birth === birthOf(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0) // only asks if the process lives
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // it lives, and is somebody else's
  }
}

/** The boot of the machine and the tick at which a process began. Linux only. */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The second field is the program's name in brackets, which may hold anything: the others follow its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return undefined
  }
}
