/** The cache of the tuner's winners: a file, or in a browser the local storage. */
import { adapterInfo } from '../../gpu/device.ts'
import type { Ladder } from '../../gpu/kernel.ts'
import { switches } from '../../gpu/switches.ts'
import { ladderText } from '../../gpu/variant.ts'

type ByParams = Record<string, string>
/** Adapter with its driver -> ladder with a digest of its shaders -> params -> rung. */
type CacheFile = Record<string, Record<string, ByParams>>

const PLACE = 'tasn-webgpu-tuned'

/**
 * The cache's file: TUNE_CACHE, or tasn-webgpu/tuned.json in the user's folder for caches. In a browser the local
 * storage.
 */
async function cacheFile(): Promise<string | undefined> {
  if (typeof process === 'undefined') return undefined
  const { join } = await import('node:path')
  const { homedir } = await import('node:os')
  return switches.tuneCache ?? join(switches.cacheHome ?? join(homedir(), '.cache'), 'tasn-webgpu', 'tuned.json')
}

/** The winners of this adapter: those of a ladder as its shaders are now, and the way to keep them. */
export async function openCache(): Promise<{ of(l: Ladder): Promise<ByParams>; save(): Promise<void> }> {
  const file = await cacheFile()
  const { vendor, architecture, device, description } = adapterInfo
  const adapter = [vendor, architecture, device, description].join(' | ')
  const digests = new Map<Ladder, string>()
  const mine = (await load(file))[adapter] ?? {}
  return {
    async of(l) {
      let digest = digests.get(l)
      if (!digest) {
        const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ladderText(l))))
        digest = [...bytes.slice(0, 8)].map(b => b.toString(16).padStart(2, '0')).join('')
        digests.set(l, digest)
      }
      const key = `${l.name} ${digest}`
      mine[key] ??= {}
      return mine[key]
    },
    async save() {
      const all = await load(file)
      const before = all[adapter] ?? {} // another process may have written meanwhile
      all[adapter] = Object.fromEntries(
        [...Object.keys(before), ...Object.keys(mine)].map(key => [key, { ...before[key], ...mine[key] }]),
      )
      await store(file, all)
    },
  }
}

/** A cache that cannot be read is an empty one: it only costs the measuring again. */
async function load(file: string | undefined): Promise<CacheFile> {
  try {
    const text =
      file === undefined ? localStorage.getItem(PLACE) : await (await import('node:fs/promises')).readFile(file, 'utf8')
    const value: unknown = JSON.parse(text ?? '{}')
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as CacheFile) : {}
  } catch {
    return {}
  }
}

async function store(file: string | undefined, all: CacheFile): Promise<void> {
  const text = JSON.stringify(all, null, 1)
  try {
    if (file === undefined) {
      localStorage.setItem(PLACE, text)
      return
    }
    const { mkdir, rename, writeFile } = await import('node:fs/promises')
    const { dirname } = await import('node:path')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.${process.pid}.part`, text)
    await rename(`${file}.${process.pid}.part`, file)
  } catch (error) {
    console.warn(
      `warning: the tuner's results cannot be kept in ${file ?? 'the local storage'} ` +
        `(${(error as Error).message}); they will be measured again`,
    )
  }
}
