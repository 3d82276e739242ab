/** Text files as people's tools leave them: UTF-8, or UTF-16 with a byte order mark. */
import { readFile, stat } from 'node:fs/promises'

/**
 * The text of a file; undefined where there is none.
 *
 * @throws Error with a few words on why it cannot be read, to be put behind its name.
 */
export async function readText(file: string): Promise<string | undefined> {
  // Looks first: reading a pipe would wait for ever.
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (!found) return undefined
  if (!found.isFile()) throw new Error('it is not a file')
  const bytes = await readFile(file)
  const encoding = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    // Read all the same, the text has this character in place of the first bytes that are none.
    const [good] = new TextDecoder(encoding).decode(bytes).split('\ufffd')
    const line = good!.split('\n').length
    throw new Error(`line ${line} is not ${encoding.toUpperCase()}; save the file as UTF-8`)
  }
}

/** As the byte order mark says, or the zeros beside the first characters, which are ASCII in all lists. */
function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const start = bytes.toString('hex', 0, 4)
  if (/^fffe0000|^0000feff/.test(start)) throw new Error('it is in UTF-32; save it as UTF-8')
  if (/^fffe|^[^0].00[^0].00|^[^0].00$/.test(start)) return 'utf-16le'
  if (/^feff|^00[^0].00[^0].|^00[^0].$/.test(start)) return 'utf-16be'
  return 'utf-8'
}
