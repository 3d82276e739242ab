/** Threads that run a module of this project. */
import { Worker } from 'node:worker_threads'

const TSX = import.meta.resolve('tsx/esm/api')
/** Deno and Bun read TypeScript themselves, and Deno's threads load no native package through tsx. */
const READS_TYPESCRIPT = 'deno' in process.versions || 'bun' in process.versions

/**
 * Starts a thread that runs a TypeScript module, which finds `data` in its `workerData`.
 *
 * A thread does not inherit the TypeScript loader on every version of Node, and `--import tsx` does nothing in it. The
 * addresses go into the text as JSON, for a path may hold an apostrophe.
 */
export function startThread(module: URL, data?: unknown): Worker {
  if (READS_TYPESCRIPT) return new Worker(module, { workerData: data })
  const start = `import(${JSON.stringify(TSX)}).then(({ register }) => {
    register()
    return import(${JSON.stringify(module)})
  })`
  return new Worker(start, { eval: true, workerData: data, execArgv: [] })
}
