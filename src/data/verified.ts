/** The memory of a verification: a file in the user's folder for caches, shared by all data sets and runs. */
import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeText } from '../io/durable.ts'

/** An image file that was decoded without a fault. */
export interface Entry {
  size: number
  mtimeMs: number
  width: number
  height: number
  warnings: string[]
  /** Digest of its bytes, where they had to be compared. */
  digest?: string
}

/** Raised whenever decode() takes other files than before, or warns of other things. */
const FORMAT = 1
/** Entries that are kept; CUB-200-2011 has 11,788 images. */
const MOST = 200_000

type Row = [size: number, mtimeMs: number, width: number, height: number, digest: string | null, ...warnings: string[]]

/** The entries by absolute path. A file that is not there or cannot be understood is an empty one. */
export async function loadVerified(file: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  try {
    const { format, images } = JSON.parse(await readFile(file, 'utf8')) as { format: unknown; images: object }
    if (format !== FORMAT) return entries
    for (const [path, row] of Object.entries(images) as [string, Row][]) {
      const [size, mtimeMs, width, height, digest, ...warnings] = row
      if (![size, mtimeMs, width, height].every(Number.isFinite) || !warnings.every(w => typeof w === 'string'))
        continue
      entries.set(path, { size, mtimeMs, width, height, warnings, ...(typeof digest === 'string' && { digest }) })
    }
  } catch {
    entries.clear()
  }
  return entries
}

/**
 * Adds the entries. Those of another run, which may have written meanwhile, stay; those of files that are gone go. The
 * file is written under a name of the process's own and then renamed, so nobody reads half of it.
 */
export async function saveVerified(file: string, mine: ReadonlyMap<string, Entry>): Promise<void> {
  const others = [...(await loadVerified(file))].filter(([path]) => !mine.has(path))
  const there = await Promise.all(
    others.map(([path]) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  const all = [...mine, ...others.filter((_, k) => there[k])].slice(0, MOST)
  const rows = all.map(([path, { size, mtimeMs, width, height, digest = null, warnings }]): [string, Row] => [
    path,
    [size, mtimeMs, width, height, digest, ...warnings],
  ])
  await mkdir(dirname(file), { recursive: true })
  await writeText(file, JSON.stringify({ format: FORMAT, images: Object.fromEntries(rows) }))
}
