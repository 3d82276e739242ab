/**
 * Preloaded into a training: kills the process by SIGKILL at its KILL_AT-th call, counted from the one that makes
 * config.json's place, of those that change files. Half of a write is done before it dies in it.
 */
import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const killAt = Number(process.env.KILL_AT)
let calls = 0
const due = (): boolean => ++calls === killAt
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

for (const name of ['rename', 'rm', 'copyFile'] as const) {
  const real = promises[name] as (...args: unknown[]) => Promise<unknown>
  Object.assign(promises, { [name]: (...args: unknown[]) => (due() ? die() : real(...args)) })
}
const realOpen = promises.open
Object.assign(promises, {
  async open(...args: Parameters<typeof realOpen>) {
    const writes = typeof args[1] === 'string' && args[1].startsWith('w')
    if (writes && due()) return die()
    const handle = await realOpen(...args)
    if (!writes) return handle
    const write = handle.write.bind(handle) as (b: Uint8Array, ...rest: unknown[]) => Promise<unknown>
    const sync = handle.sync.bind(handle)
    const writeFile = handle.writeFile.bind(handle)
    return Object.assign(handle, {
      async write(bytes: Uint8Array, ...rest: unknown[]) {
        if (!due()) return write(bytes, ...rest)
        await write(bytes.subarray(0, bytes.length >> 1))
        return die()
      },
      async writeFile(data: string | Uint8Array) {
        if (!due()) return writeFile(data)
        await writeFile(data.slice(0, data.length >> 1))
        return die()
      },
      sync: () => (due() ? die() : sync()),
    })
  },
})
syncBuiltinESMExports()
