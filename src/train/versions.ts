/** Versions that a run records, so that it can be repeated. */
import { readFileSync } from 'node:fs'

export function versions(): Record<string, string> {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { name: string, version: string, dependencies: Record<string, string> }
  return { [own.name]: own.version, node: process.version, platform: `${process.platform} ${process.arch}`, ...own.dependencies }
}
