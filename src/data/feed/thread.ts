/** Threads that run a module of this project: of its TypeScript, or of the JavaScript in the package. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/** Deno and Bun read TypeScript themselves, and Deno's threads load no native package through tsx. */
const READS_TYPESCRIPT = 'deno' in process.versions || 'bun' in process.versions

/** The module at a path without its ending, which is that of the module at `from`. */
export const neighbour = (path: string, from: string): URL => new URL(`${path}${extname(from)}`, from)

/**
 * Starts a thread that runs a module, which finds `data` in its `workerData`.
 *
 * A thread does not inherit the TypeScript loader on every version of Node, and `--import tsx` does nothing in it. The
 * addresses go into the text as JSON, for a path may hold an apostrophe.
 */
export function startThread(module: URL, data?: unknown): Worker {
  if (READS_TYPESCRIPT || extname(module.pathname) === '.js') return new Worker(module, { workerData: data })
  const start = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
    register()
    return import(${JSON.stringify(module)})
  })`
  return new Worker(start, { eval: true, workerData: data, execArgv: [] })
}
