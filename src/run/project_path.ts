/** Places in the project's own folder, as a path from where the user stands. */
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** `runs/x` from the project's folder, `../runs/x` from a folder in it, the whole path from anywhere else. */
export function projectPath(...parts: string[]): string {
  const path = join(ROOT, ...parts)
  const here = relative(ROOT, process.cwd())
  return here === '..' || here.startsWith(join('..', '/')) || isAbsolute(here) ? path : relative(process.cwd(), path)
}
