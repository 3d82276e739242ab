/** `npm run train` and other examples as child processes, for what only a process can show: signals, exit codes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ended, ended } from './child.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface TrainerOptions {
  readonly env?: Record<string, string>
  /** A module that the process imports first. */
  readonly preload?: string | undefined
  /** Called with all output so far, whenever there is more. */
  readonly onOutput?: (out: string, child: ChildProcess) => void
  /** Called once, when the process has begun. */
  readonly onStart?: (child: ChildProcess) => void
}

/** Runs examples/train-cub.ts with these arguments. */
export const trainer = (args: readonly string[], options: TrainerOptions = {}): Promise<Ended> =>
  example('train-cub.ts', args, options)

/** Runs a program of examples/. */
export function example(file: string, args: readonly string[], options: TrainerOptions = {}): Promise<Ended> {
  const { env = {}, preload, onOutput, onStart } = options
  const flags = ['--import', 'tsx', ...(preload === undefined ? [] : ['--import', preload])]
  const child = spawn(process.execPath, [...flags, `examples/${file}`, ...args], {
    cwd: root,
    env: { ...process.env, TUNE: '0', ...env },
    timeout: 120_000,
    killSignal: 'SIGKILL',
  })
  onStart?.(child)
  return ended(child, out => onOutput?.(out, child))
}

/** Fields that tell of time, and of the process that wrote them. */
const TIMES = ['imagesPerSecond', 'seconds', 'waited', 'secondsPerEpoch', 'trained']
const timeless = (line: string): unknown =>
  JSON.parse(line, (name, v: unknown) => (TIMES.includes(name) ? undefined : v))

/** The files that a run's settings decide, by name: JSON but for times, digests of others. No older checkpoints. */
export function contentOf(folder: string): Record<string, unknown> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .filter(name => name.includes('.') && !/^checkpoint-(\d|damaged)|^config\.json$/.test(name))
      .map(name => {
        const bytes = readFileSync(join(folder, name))
        if (name === 'report.html') return [name, 'with times'] // out of the other files
        if (name.endsWith('.json')) return [name, timeless(bytes.toString('utf8'))]
        if (name.endsWith('.jsonl')) return [name, bytes.toString('utf8').trim().split('\n').map(timeless)]
        return [name, createHash('sha256').update(bytes).digest('hex')]
      }),
  )
}
