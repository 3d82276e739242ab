/** The cache of the tuner's winners: a file, or in pages and workers the browser's Cache API. */
import { adapterInfo, gpu } from '../../gpu/device.ts'
import { type Ladder, labelOf } from '../../gpu/kernel.ts'
import { inNode } from '../../gpu/runtime.ts'
import { specialise } from '../../gpu/shader.ts'
import { switches } from '../../gpu/switches.ts'

type ByParams = Record<string, string>
/** Adapter, with its driver where that is told -> ladder with a digest of its shaders -> params -> rung. */
type Winners = Record<string, Record<string, ByParams>>

/** Counts up when winners of before say nothing any more. Those before 2 were measured by one run and its tick. */
const VERSION = 2

/** A text that outlasts the process. */
interface Place {
  readonly name: string
  /** undefined where there is none yet. */
  read(): Promise<string | undefined>
  write(text: string): Promise<void>
}

/** The winners of this adapter. */
interface Cache {
  /** Those of a ladder as its shaders are now; new ones are written into it. */
  of(l: Ladder): Promise<ByParams>
  /** Keeps them, beside what others have kept meanwhile. Where it cannot, it says so once, and nothing else happens. */
  save(): Promise<void>
}

/** All rungs' names, texts and constants: what measurements of a ladder depend on, beside the adapter. */
const ladderText = (l: Ladder): string =>
  l.rungs.map(r => `${r.name} ${labelOf(r)}\n${specialise(r.file, r.consts, r.needs?.f16 ?? false)}`).join('\n')

export async function openCache(given?: Place): Promise<Cache> {
  const place = given ?? (await findPlace())
  const { vendor, architecture, device, description, features } = adapterInfo
  // Some browsers tell no names: then what an adapter can do tells it from others, as far as it goes.
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = gpu.limits
  const able = [...features, maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize].join(' ')
  const adapter = [vendor, architecture, device, description, able].join(' | ')
  const digests = new Map<Ladder, string>()
  const mine = (await load(place))?.[adapter] ?? {}
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
      if (!place) return
      const all = await load(place)
      if (!all) return notKept(place, 'a newer version of this program has written it')
      // Another process may have written meanwhile. What it writes between here and the next line is measured again.
      const before = all[adapter] ?? {}
      all[adapter] = Object.fromEntries(
        [...Object.keys(before), ...Object.keys(mine)].map(key => [key, { ...before[key], ...mine[key] }]),
      )
      await place
        .write(JSON.stringify({ version: VERSION, adapters: all }, null, 1))
        .catch((error: Error) => notKept(place, error.message))
    },
  }
}

const told = new Set<string>()
function notKept({ name }: Place, why: string): void {
  if (!told.has(name))
    console.warn(`warning: the tuner's results cannot be kept in ${name} (${why}); they will be measured again`)
  told.add(name)
}

/**
 * All winners that there are. A cache that cannot be read, is damaged or of an older version is an empty one: it only
 * costs the measuring again. @returns undefined where it is of a newer version, which is to be left alone.
 */
async function load(place: Place | undefined): Promise<Winners | undefined> {
  let found: unknown
  try {
    found = JSON.parse((await place?.read()) ?? '{}')
  } catch {
    return {}
  }
  const { version, adapters } = Object.fromEntries(entries(found))
  if (typeof version === 'number' && version > VERSION) return undefined
  if (version !== VERSION) return {}
  const rungs = (v: unknown) => entries(v).filter((e): e is [string, string] => typeof e[1] === 'string')
  const ladders = (v: unknown) => entries(v).map(([name, byParams]) => [name, Object.fromEntries(rungs(byParams))])
  return Object.fromEntries(entries(adapters).map(([name, v]) => [name, Object.fromEntries(ladders(v))]))
}

/** The fields of an object; of a text or a number none. */
const entries = (v: unknown): [string, unknown][] => (typeof v === 'object' && v !== null ? Object.entries(v) : [])

/**
 * The switch TUNE_CACHE, or tuned.json in the user's folder for caches, if there is one; outside Node the browser's
 * place.
 */
async function findPlace(): Promise<Place | undefined> {
  if (!inNode) return browserPlace()
  const { cacheFolder } = switches
  const file = switches.tuneCache ?? (cacheFolder && `${cacheFolder}/tuned.json`)
  return file ? filePlace(file) : undefined
}

/** A file that is there whole or not at all: written beside its place, under a name of its own, then renamed. */
function filePlace(file: string): Place {
  return {
    name: file,
    read: async () => process.getBuiltinModule('node:fs/promises').readFile(file, 'utf8'),
    async write(text) {
      const { mkdir, rename, rm, writeFile } = process.getBuiltinModule('node:fs/promises')
      const { dirname } = process.getBuiltinModule('node:path')
      const part = `${file}.${crypto.randomUUID()}.part`
      await mkdir(dirname(file), { recursive: true })
      try {
        await writeFile(part, text)
        await rename(part, file)
      } catch (error) {
        await rm(part, { force: true }).catch(() => {})
        throw error
      }
    },
  }
}

/** An entry of the Cache API, which workers have, too (localStorage they lack). Its key is an address nobody asks. */
export function browserPlace(): Place {
  const KEY = 'https://tasn-webgpu.invalid/tuned.json'
  const open = () => caches.open('tasn-webgpu')
  return {
    name: "the browser's cache storage",
    read: async () => (await (await open()).match(KEY))?.text(),
    write: async text => (await open()).put(KEY, new Response(text)),
  }
}
