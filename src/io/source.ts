/**
 * .safetensors files from anywhere: an address, a file that a page was given, bytes. No module of Node is behind it;
 * checkpoint.ts reads files on disk.
 */
import { printable } from './printable.ts'
import { decodeSafetensors, type SafetensorsFile } from './safetensors.ts'

/** An address, absolute or (in a page) relative; a File or another Blob; the bytes themselves. */
export type FileSource = string | URL | Blob | ArrayBuffer | Uint8Array

/** Bytes with their name for errors; `promised` is their number, where a server has told it. */
interface Loaded {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly promised?: number
}

/**
 * Loads a file and checks it, by its checksum, too, if it has one. All element types become float32.
 *
 * @throws an error that names the source: if it cannot be had whole, is not a .safetensors file, has a tensor of an
 *   element type without a conversion, or has a checksum that its bytes do not have.
 */
export async function loadSafetensors(source: FileSource): Promise<SafetensorsFile> {
  const { name, bytes, promised = 0 } = await load(source)
  const other = otherKind(bytes)
  if (other) throw new Error(`${name} is not a .safetensors file: it is ${other}`)
  let file: SafetensorsFile
  try {
    file = decodeSafetensors(bytes, name)
  } catch (error) {
    // Only now: the length that a server tells may be that of the compressed bytes.
    if (bytes.length >= promised) throw error
    throw new Error(`${name}: the download was cut off: ${bytes.length} of ${promised} bytes came. Load it again`, {
      cause: error,
    })
  }
  await checkSum(bytes, file.metadata.sha256, name)
  return file
}

async function load(source: FileSource): Promise<Loaded> {
  const kind = Object.prototype.toString.call(source).slice(8, -1)
  if (kind === 'String' || kind === 'URL') return download(String(source))
  if (kind === 'Blob' || kind === 'File') {
    const name = printable((source as File).name ?? 'the Blob that was given', 200)
    const buffer = await (source as Blob).arrayBuffer().catch((error: Error) => {
      throw new Error(`${name} cannot be read (${error.message}): choose the file again`, { cause: error })
    })
    return { name, bytes: new Uint8Array(buffer) }
  }
  const name = `the ${kind} that was given`
  if (kind === 'ArrayBuffer') return { name, bytes: new Uint8Array(source as ArrayBuffer) }
  // What others may write to meanwhile (shared memory) is copied.
  if (kind === 'Uint8Array') {
    const bytes = source as Uint8Array
    return { name, bytes: bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice() }
  }
  throw new Error(`a file is loaded from an address, a URL, a Blob, an ArrayBuffer or a Uint8Array, found ${kind}`)
}

async function download(address: string): Promise<Loaded> {
  const name = printable(address, address.startsWith('data:') ? 40 : 200)
  const response = await fetch(address).catch((error: Error) => {
    throw new Error(`${name} cannot be fetched (${reasonOf(error)})${adviceFor(address)}`, { cause: error })
  })
  if (!response.ok)
    throw new Error(
      `${name} cannot be fetched: the server answers ${`${response.status} ${response.statusText}`.trim()}`,
    )
  const promised = Number(response.headers.get('content-length') ?? 0)
  const buffer = await response.arrayBuffer().catch((error: Error) => {
    const of = promised ? ` of ${promised} bytes` : ''
    throw new Error(`${name}: the download${of} was cut off (${reasonOf(error)}). Load it again`, { cause: error })
  })
  return { name, bytes: new Uint8Array(buffer), promised }
}

/** Node tells the reason in the cause. */
function reasonOf({ message, cause }: Error): string {
  const { message: why, code } = (cause ?? {}) as { message?: string; code?: string }
  return printable(why || code || message, 200)
}

function adviceFor(address: string): string {
  try {
    const { protocol, origin } = new URL(address, globalThis.location?.href)
    if (/^https?:$/.test(protocol) && globalThis.location && origin !== globalThis.location.origin)
      return ': is the network there, and does that server let other pages read its files (CORS)?'
    if (protocol !== 'file:') return ''
  } catch {} // it is no address
  return '; a file on disk is read by readModel(file)'
}

/** Files that come in the place of others, by their beginning: none of these is the length of a header. */
function otherKind(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  const beginning = new TextDecoder('latin1').decode(bytes.subarray(0, 256)).replace(/^\u00ef\u00bb\u00bf/, '')
  if (/^\s*<(!doctype|html|head|body|!--)/i.test(beginning))
    return 'an HTML page, which servers send for files that are not there or need a login: see if the address is right'
  if (beginning.startsWith('version https://git-lfs'))
    return 'a pointer of Git LFS to the file: `git lfs pull` gets the file itself'
  return undefined
}

/** The sum is that of the file with zeros in its place: see checksum.ts. */
async function checkSum(bytes: Uint8Array<ArrayBuffer>, wanted: string | undefined, name: string): Promise<void> {
  if (wanted === undefined) return
  if (!globalThis.crypto?.subtle)
    throw new Error(
      `${name} has a checksum, which can be verified only in a page that comes by https or from localhost`,
    )
  const headerEnd = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  // A character for each byte, so that a place in the text is one in the bytes.
  const at = new TextDecoder('latin1').decode(bytes.subarray(0, headerEnd)).indexOf(`"sha256":"${wanted}"`)
  const blank = bytes.slice()
  if (at >= 0) blank.fill(0x30, at + '"sha256":"'.length, at + `"sha256":"${wanted}`.length)
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', blank))
  if ([...sum].map(b => b.toString(16).padStart(2, '0')).join('') !== wanted)
    throw new Error(`${name} is damaged: its bytes are not those that were written (its checksum differs)`)
}
