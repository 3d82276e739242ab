/** The page's half of the connection: starts the worker, and calls its functions. */
import type { AdapterInfo } from '../../src/index.ts'
import type { Answer, Call, Opening } from './messages.ts'
import type { Engine } from './panel.ts'

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
  onEvent?: (event: never) => void
}

/** An engine whose device is open. */
export interface OpenEngine extends Engine {
  readonly adapter: AdapterInfo
}

/**
 * Starts the worker and opens its device.
 * @param address of the worker: by default worker.js beside the page's own script.
 * @throws what keeps the device from opening, or the worker from starting.
 */
export async function startEngine(
  opening: Opening,
  address = new URL('./worker.js', import.meta.url),
): Promise<OpenEngine> {
  const worker = new Worker(address, { type: 'module' })
  const waiting = new Map<number, Waiting>()
  let last = 0
  const adapter = await new Promise<AdapterInfo>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ('opened' in data) resolve(data.opened)
      else if ('problem' in data) reject(new Error(data.problem))
      else answer(waiting, data)
    }
    worker.onerror = event => {
      event.preventDefault()
      // The worker may go on, but which call the error belongs to is not known: none shall wait for ever.
      const error = new Error(
        event.message
          ? `an error in the worker: ${event.message}. Reload the page if it does not answer any more.`
          : 'the worker could not be loaded (worker.js). Reload the page.',
      )
      reject(error) // a worker that was not loaded is never called
      for (const w of waiting.values()) w.reject(error)
      waiting.clear()
    }
    worker.postMessage(opening)
  })
  return {
    adapter,
    call<T>(panel: string, name: string, argument?: unknown, onEvent?: (event: never) => void): Promise<T> {
      const id = ++last
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, ...(onEvent && { onEvent }) })
        worker.postMessage({ id, panel, name, argument } satisfies Call)
      })
    },
  }
}

/** An engine that can be called before its device is open: calls wait for it, and fail where it does not open. */
export const whenOpen = (opening: Promise<Engine>): Engine => ({
  call: async (...call) => (await opening).call(...call),
})

function answer(waiting: Map<number, Waiting>, data: Extract<Answer, { id: number }>): void {
  const w = waiting.get(data.id)
  if (!w) return
  if ('event' in data) {
    w.onEvent?.(data.event as never)
    return
  }
  waiting.delete(data.id)
  if ('error' in data) w.reject(new Error(data.error))
  else w.resolve(data.result)
}
