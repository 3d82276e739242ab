/** Runs a short module in a process of its own: for switches of the environment, and for what may crash. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How a process ended, and all that it printed. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
}

/** Waits for a process to end. `onOutput` is called with all output so far, whenever there is more. */
export function ended(child: ChildProcessWithoutNullStreams, onOutput?: (out: string) => void): Promise<Ended> {
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      out += String(chunk)
      onOutput?.(out)
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ code, signal, out })
    })
  })
}

/**
 * @param code plain JavaScript; it imports by paths from the repository's root, and `open` and `close` are there
 *   already.
 * @param env added to this process's environment, without the project's own switches.
 */
export function child(code: string, env: Record<string, string> = {}, flags: readonly string[] = []): Promise<Ended> {
  const inherited = { ...process.env }
  for (const name of ['DEBUG', 'CHECK', 'KERNELS', 'PROFILE', 'PLAN']) delete inherited[name]
  const text = `import { open, close } from './src/engine/open.ts'\n${code}`
  const args =
    'deno' in process.versions
      ? ['eval', ...flags.map(flag => `--v8-flags=${flag}`), text]
      : [...flags, '--import', 'tsx', '--input-type=module', '-e', text]
  return ended(
    spawn(process.execPath, args, {
      cwd: root,
      env: { ...inherited, ...env },
      timeout: 60_000,
    }),
  )
}
