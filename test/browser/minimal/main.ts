/** The minimal page: computes on its own thread, and keeps the result. Switches come from the address. */
import { open } from '../../../src/engine/open.ts'
import { adapterInfo } from '../../../src/gpu/device.ts'
import { switches } from '../../../src/gpu/switches.ts'
import { smallRun } from '../../support/small_run.ts'

if (location.search === '?MACHINE=cpu') Object.defineProperty(switches, 'machine', { value: 'cpu' })
await open()
const { seconds, ...result } = await timed(smallRun)
Object.assign(globalThis, { result: { ...result, seconds, adapter: adapterInfo } })

async function timed<T extends object>(f: () => Promise<T>): Promise<T & { seconds: number }> {
  const start = performance.now()
  return { ...(await f()), seconds: (performance.now() - start) / 1000 }
}
