/** The content of a file that a list names, which may be anything. */
import { readFile, stat } from 'node:fs/promises'
import { DataError, reasonOf } from './problems.ts'

/** Larger files are refused: a PNG of 65 megapixels that packing did not make smaller has 195 MB. */
const MAX_BYTES = 256 * 2 ** 20

/**
 * Reads a file. Looks first: reading a pipe would wait for ever, and a device has no end.
 *
 * @throws DataError naming the file, for what is no file, too large, or not to be read.
 */
export async function bytesOf(file: string): Promise<Buffer> {
  const cannot = (why: string) => new DataError(`${file}: cannot be read (${why}); put it back or make it readable`)
  const found = await stat(file).catch(error => {
    throw cannot(reasonOf(error))
  })
  if (!found.isFile()) throw cannot(`it is ${found.isDirectory() ? 'a folder' : 'a pipe or a device'}, not a file`)
  if (found.size > MAX_BYTES) {
    const limit = MAX_BYTES / 2 ** 20
    throw new DataError(`${file}: has ${Math.ceil(found.size / 2 ** 20)} MiB, the limit is ${limit}; shrink the image`)
  }
  return readFile(file).catch(error => {
    throw cannot(reasonOf(error))
  })
}
