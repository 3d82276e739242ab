/** The kinds of files by their first bytes: the two that can be read, and others, to say what was found instead. */
import { quote } from './problems.ts'

/** Patterns over the first 40 bytes, in hex. */
const KINDS: [start: RegExp, kind: string][] = [
  [/^ffd8ff/, 'JPEG'],
  [/^89504e470d0a1a0a/, 'PNG'],
  [/^474946/, 'a GIF image'],
  [/^52494646.{8}57454250/, 'a WebP image'],
  [/^(49492a00|4d4d002a)/, 'a TIFF image'],
  [/^424d/, 'a BMP image'],
  [/^.{8}66747970(61766966|68656963|68656978|6d696631)/, 'an AVIF or HEIC image'],
  [/^(0000000c6a502020|ff4fff51)/, 'a JPEG 2000 image'],
  [/^(0000000c4a584c20|ff0a)/, 'a JPEG XL image'],
  [/^.{8}66747970/, 'a film (MP4 or QuickTime)'],
  [/^38425053/, 'a Photoshop document'],
  [/^25504446/, 'a PDF document'],
  [/^00051607/, 'a macOS "._" companion file'],
  [/^(1f8b|504b0304|377abcaf|52617221)/, 'a compressed archive'],
  // "version https://git-lfs"
  [
    /^76657273696f6e2068747470733a2f2f6769742d6c6673/,
    'a Git LFS pointer, which stands for the image; run `git lfs pull`',
  ],
  [/^(efbbbf)?(0d|0a|20|09)*3c/, 'a web page or XML'],
  [/^(00){8}/, 'a file that starts with zeros, as a download or copy that was cut off leaves it'],
]

/** True for the name of a JPEG or PNG. */
export const isPhoto = (name: string): boolean => /\.(jpe?g|png)$/i.test(name)

/** `JPEG`, `PNG`, or the words for what the bytes are instead. */
export function kindOf(bytes: Buffer): string {
  const start = bytes.toString('hex', 0, 40)
  const kind = KINDS.find(([pattern]) => pattern.test(start))?.[1]
  const begins = `${quote(bytes.toString('latin1', 0, 16))} (hex ${start.slice(0, 16)})`
  return kind ?? `a file that starts with ${begins}`
}
