/** What modules import, as their texts say. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Import {
  /** Path from the repository's root, or the name of a package or of a module of Node. */
  readonly to: string
  readonly isOurs: boolean
  readonly typeOnly: boolean
}

/** The imports and re-exports in the text of a module, on one line or on several; `path` is from the root on. */
export const importsIn = (path: string, text: string): Import[] =>
  [...text.matchAll(/^(?:import|export)( type)?(?: [\w\s{},*$]*?from)? ['"]([^'"]+)['"]/gm)].map(([, type, to]) => {
    const isOurs = to!.startsWith('.')
    return { to: isOurs ? join(dirname(path), to!) : to!, isOurs, typeOnly: type !== undefined }
  })

/** Modules and all that they import but for types: paths from the root on, and what is not ours as sentences. */
export function modulesBehind(...entries: readonly string[]): {
  modules: readonly string[]
  others: readonly string[]
} {
  const modules = new Set(entries)
  const others: string[] = []
  for (const path of modules)
    for (const { to, isOurs, typeOnly } of importsIn(path, readFileSync(root + path, 'utf8'))) {
      if (typeOnly) continue
      if (isOurs) modules.add(to)
      else others.push(`${path} imports ${to}`)
    }
  return { modules: [...modules], others }
}
