/** A contest in a process of its own: the first contestant's results, and what was found, are files of a folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contest } from './contest.mjs'

const [, , name, folder, only = '', runs = '7'] = process.argv

const fileOf = what => join(folder, `${what.replaceAll(/[^\w]+/g, '-')}.f32`)

/** @param contestant as contest() takes it. */
export const compete = contestant =>
  contest(contestant, {
    wanted: id => id.includes(only),
    runs: Number(runs),
    store: {
      get(what) {
        if (!existsSync(fileOf(what))) return undefined
        const bytes = readFileSync(fileOf(what))
        return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
      },
      set(what, numbers) {
        writeFileSync(fileOf(what), new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
      },
    },
    report(found) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(found))
    },
  })
