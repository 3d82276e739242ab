/** The files of test/fixtures: from the disk in Node, from beside the bundle in a page (browser/page). */
import { inNode } from '../../src/gpu/runtime.ts'

/** The bytes of a file of test/fixtures. @throws where it cannot be read. */
export async function fixtureBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`../fixtures/${name}`, import.meta.url)
  if (inNode) return new Uint8Array(await process.getBuiltinModule('node:fs/promises').readFile(url))
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** A file of test/fixtures that holds JSON. */
export const fixtureJson = async (name: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await fixtureBytes(name)))
