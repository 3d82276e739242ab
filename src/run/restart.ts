/** A run whose device was lost goes on in a new process: what broke the device may have broken more of the old one. */
import { spawn } from 'node:child_process'
import type { RunFolder } from './folder.ts'

const RESTARTS = 'TASN_RESTARTS'
/** A device that is lost more often is broken. */
export const MOST_RESTARTS = 3

/** Processes that have gone on with this run so far. */
export const restarts = (): number => Number(process.env[RESTARTS] ?? 0)

/**
 * Goes on with the run in a new process, from its last checkpoint. The folder must have been released. Signals are
 * passed on. Returns its exit code.
 */
export async function goOnInNewProcess({ dir }: RunFolder): Promise<number> {
  const loader = ['--import', import.meta.resolve('tsx')]
  const child = spawn(process.execPath, [...loader, process.argv[1]!, '--resume', dir], {
    stdio: 'inherit',
    env: { ...process.env, [RESTARTS]: `${restarts() + 1}` },
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const pass = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', code => {
        resolve(code ?? 1)
      })
    })
  } finally {
    for (const signal of signals) process.off(signal, pass)
  }
}
