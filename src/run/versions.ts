/** Versions that a run records, so that it can be repeated. */
import { readFileSync } from 'node:fs'

export function versions(): Record<string, string> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const own = JSON.parse(text) as { name: string; version: string; dependencies: Record<string, string> }
  return {
    [own.name]: own.version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    ...own.dependencies,
  }
}
