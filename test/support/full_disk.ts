/**
 * Preloaded into a training: its disk is full. Of all attempts to write a file, FULL_CALLS in a row fail, from the
 * FULL_FROM-th on.
 */
import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const from = Number(process.env.FULL_FROM)
const until = from + Number(process.env.FULL_CALLS)
let calls = 0
const realOpen = promises.open
Object.assign(promises, {
  async open(...args: Parameters<typeof realOpen>) {
    const handle = await realOpen(...args)
    const writes = typeof args[1] === 'string' && args[1].startsWith('w')
    const call = writes ? ++calls : 0
    if (call < from || call >= until) return handle
    const full = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
    return Object.assign(handle, { write: full, writeFile: full })
  },
})
syncBuiltinESMExports()
