/** Runs a short module in a process of its own: for switches of the environment, and for what may crash. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ChildResult {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
}

/**
 * @param code plain JavaScript; it imports by paths from the repository's root, and `open` and `close` are there
 *   already.
 * @param env added to this process's environment, without the project's own switches.
 */
export function child(
  code: string,
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<ChildResult> {
  const inherited = { ...process.env }
  for (const name of ['DEBUG', 'CHECK', 'KERNELS', 'PROFILE', 'PLAN']) delete inherited[name]
  const text = `import { open, close } from './src/engine/open.ts'\n${code}`
  const args =
    'deno' in process.versions
      ? ['eval', ...flags.map(flag => `--v8-flags=${flag}`), text]
      : [...flags, '--import', 'tsx', '--input-type=module', '-e', text]
  const node = spawn(process.execPath, args, {
    cwd: root,
    env: { ...inherited, ...env },
    timeout: 60_000,
  })
  let out = ''
  node.stdout.on('data', chunk => {
    out += String(chunk)
  })
  node.stderr.on('data', chunk => {
    out += String(chunk)
  })
  return new Promise((resolve, reject) => {
    node.on('error', reject)
    node.on('close', (code, signal) => {
      resolve({ code, signal, out })
    })
  })
}
