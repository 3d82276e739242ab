/** The processes between this one and the npm that started it: when one of them is gone, so is who asked for the run. */
import { readFileSync } from 'node:fs'
import { isAlive } from './lock.ts'

/**
 * The pids from this process's parent to the npm that started it; none where npm did not. Without /proc, only the
 * parent is known.
 */
export function npmAncestors(): number[] {
  if (process.env.npm_lifecycle_event === undefined) return []
  const found: number[] = []
  for (let pid: number | undefined = process.ppid; pid !== undefined && pid > 1 && found.length < 8; ) {
    found.push(pid)
    if (/\bnpm\b/.test(commandOf(pid))) return found
    pid = parentOf(pid)
  }
  return found.slice(0, 1)
}

/** True if a process is at work: neither gone, nor dead with nobody having noticed. */
export const isAtWork = (pid: number): boolean => isAlive(pid) && statOf(pid)?.[0] !== 'Z'

/** The fields of /proc/<pid>/stat behind the program's name: state, parent, and on. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1]
  return parent === undefined ? undefined : Number(parent)
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
