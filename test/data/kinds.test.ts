/** Files of every kind under the name of an image: each is read right, or refused in one clear line, at once. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decode, type Image } from '../../src/data/decode.ts'
import { DataError } from '../../src/data/problems.ts'
import { Random } from '../../src/engine/random.ts'

const t = suite('data/kinds')
let scratch = ''
let made = 0
t.before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tasn-kinds-'))
})
t.after(() => rm(scratch, { recursive: true, force: true }))

async function file(bytes: Uint8Array | string): Promise<string> {
  const path = join(scratch, `${made++}.jpg`)
  await writeFile(path, bytes)
  return path
}
/** The image, or the message of the DataError without the file's name. Fails for any other error, and after 5 s. */
async function outcome(path: string): Promise<Image | string> {
  const started = performance.now()
  const got = await decode(path).catch((error: Error) => {
    assert.instance(error, DataError, `${path}: ${error.stack}`)
    assert.ok(error.message.startsWith(`${path}: `), error.message)
    const text = error.message.slice(path.length + 2)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none.
    assert.ok(text.length < 320 && !/[\0-\x1f\x7f-\x9f]/.test(text), `not one clear line: ${JSON.stringify(text)}`)
    return text
  })
  assert.ok(performance.now() - started < 5000, `${path} took ${performance.now() - started} ms`)
  return got
}

const [W, H] = [37, 23]
const rgb = Uint8Array.from(
  { length: W * H * 3 },
  (_, i) => 50 + (Math.floor(i / 3) % W) * 3 + (i % 3) * 30 + ((i * 7919) % 7),
)
const source = (data = rgb, width = W, height = H) => sharp(data, { raw: { width, height, channels: 3 } })
const jpeg = (options = {}) =>
  source()
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4', ...options })
    .toBuffer()
const png = (options = {}) => source().png(options).toBuffer()
const END = Buffer.from([0xff, 0xd9])

/** A PNG chunk with its checksum. */
function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}
/** A PNG file of the given header, whatever its pixels unpack to. */
function rawPng(
  width: number,
  height: number,
  depth: number,
  colour: number,
  pixels: Uint8Array,
  extra: Buffer[] = [],
) {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([depth, colour], 8)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  const packed = deflateSync(pixels, { level: 1 })
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    ...extra,
    chunk('IDAT', packed),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
const insert = (bytes: Buffer, at: number, more: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
/** A changed copy: values from each place on. */
function patched(bytes: Buffer, places: Record<number, number[]>): Buffer {
  const copy = Buffer.from(bytes)
  for (const [at, values] of Object.entries(places)) copy.set(values, Number(at))
  return copy
}
const frameAt = (bytes: Buffer, marker = 0xc0) => bytes.indexOf(Buffer.from([0xff, marker]))

async function reads(what: string, bytes: Uint8Array, size = [W, H], tolerance = 12, warning?: string): Promise<void> {
  const got = await outcome(await file(bytes))
  if (typeof got === 'string') throw new Error(`${what}: ${got}`)
  assert.equal([got.width, got.height, got.rgb.length], [...size, size[0]! * size[1]! * 3], what)
  if (size[0] === W && size[1] === H)
    assert.ok(Math.max(...got.rgb.map((v, i) => Math.abs(v - rgb[i]!))) <= tolerance, `${what}: other pixels`)
  if (warning === undefined) assert.is(got.warnings, undefined, what)
  else assert.match(got.warnings?.join('; ') ?? 'no warning', warning, what)
}
async function refuses(what: string, bytes: Uint8Array | string, reason: string | RegExp): Promise<void> {
  const got = await outcome(await file(bytes))
  assert.type(got, 'string', `${what} was read`)
  assert.match(got as string, reason, what)
}

t('JPEG files that are read', async () => {
  const plain = await jpeg()
  await reads('baseline', plain)
  await reads('progressive', await jpeg({ progressive: true }))
  await reads('smaller colours', await jpeg({ chromaSubsampling: '4:2:0' }), [W, H], 40)
  await reads('one pixel', await source(rgb.subarray(0, 3), 1, 1).jpeg().toBuffer(), [1, 1])
  await reads('one column', await source(rgb.subarray(0, 300), 1, 100).jpeg().toBuffer(), [1, 100])
  await reads('one row', await source(rgb.subarray(0, 300), 100, 1).jpeg().toBuffer(), [100, 1])
  await reads('grey', await source().greyscale().jpeg().toBuffer(), [W, H], 255)
  await reads('CMYK', await source().toColourspace('cmyk').jpeg().toBuffer(), [W, H], 80)
  await reads('a second picture behind the first', Buffer.concat([plain, plain]))
  await reads('a picture in its EXIF data', insert(plain, 2, thumbnail(plain)))
  await reads('text in a comment', insert(plain, 2, Buffer.from('fffe000648693fd9', 'hex')))
})

/** An APP1 segment that holds a whole JPEG, end marker and all. */
function thumbnail(picture: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), picture])
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

t('JPEG files whose pixels are all there, with a warning', async () => {
  for (const progressive of [false, true]) {
    const whole = await jpeg({ progressive })
    const open = whole.subarray(0, -2)
    await reads('no end marker', open, [W, H], 12, 'no end marker')
    await reads('half an end marker', whole.subarray(0, -1), [W, H], 12, 'no end marker')
    await reads('zeros behind the end', Buffer.concat([whole, Buffer.alloc(5000)]))
    const trailer = Buffer.concat([open, Buffer.from('SEFT'), Buffer.alloc(3000, 7)])
    await reads('other data instead of the end marker', trailer, [W, H], 12, 'no end marker')
    const stray = insert(whole, frameAt(whole, progressive ? 0xc2 : 0xc0), Buffer.alloc(11, 7))
    await reads('stray bytes', stray, [W, H], 12, 'extraneous bytes')
  }
})

t('JPEG files that are cut, wherever and however it was covered up', async () => {
  for (const progressive of [false, true]) {
    const whole = await jpeg({ progressive })
    for (let length = whole.length - 3; length > 3; length -= length > whole.length - 20 ? 1 : 23) {
      await refuses(`cut to ${length} bytes`, whole.subarray(0, length), /JPEG/)
      // With an end marker behind it, what is missing in the last rows looks like grey pixels.
      if (length > whole.length * 0.6) continue
      const covered = Buffer.concat([whole.subarray(0, length), END])
      const got = await outcome(await file(covered))
      // Where a scan has just ended, such a file is a whole one with fewer scans.
      assert.ok(typeof got === 'string' || got.warnings?.join().includes('last scans'), `end marker after ${length}`)
    }
    const cut = insert(whole, 2, thumbnail(whole)).subarray(0, -100)
    await refuses('cut, with the end marker of the picture in its EXIF data', cut, 'damaged, cut short')
  }
  const scans = await jpeg({ progressive: true })
  const lastScan = scans.lastIndexOf(Buffer.from([0xff, 0xda]))
  const tables = scans.lastIndexOf(Buffer.from([0xff, 0xc4]), lastScan)
  await refuses('cut between two scans', scans.subarray(0, tables > 0 ? tables : lastScan), 'before its last scan')
})

t('JPEG files that are refused', async () => {
  const plain = await jpeg()
  const frame = frameAt(plain)
  await refuses('12 bits', patched(plain, { [frame + 4]: [12] }), 'precision 12')
  await refuses('lossless', patched(plain, { [frame + 1]: [0xc3] }), 'cannot be decoded as JPEG')
  await refuses('no width', patched(plain, { [frame + 7]: [0, 0] }), 'cannot be decoded as JPEG')
  await refuses('two markers alone', Buffer.concat([plain.subarray(0, 20), END]), 'no header with the size')
  await refuses('20,000 × 20,000', patched(plain, { [frame + 5]: [0x4e, 0x20, 0x4e, 0x20] }), '400 megapixels')
  const claim = patched(plain, { [frame + 5]: [0x1f, 0x40, 0x1f, 0x40] })
  await refuses('8,000 × 8,000 in a kilobyte', claim, '8000 × 8000 pixels take at least 750000 bytes')
  const wide = await source(new Uint8Array(3 * 2048 * 2048), 2048, 2048)
    .jpeg({ progressive: true })
    .toBuffer()
  const scan = wide.lastIndexOf(Buffer.from([0xff, 0xda]))
  const again = Array.from({ length: 300 }, () => wide.subarray(scan, -2))
  await refuses('300 scans more', insert(wide, wide.length - 2, Buffer.concat(again)), 'blocks, the limit is')
})

t('PNG files that are read', async () => {
  const plain = await png()
  await reads('RGB', plain, [W, H], 0)
  await reads('interlaced', await png({ progressive: true }), [W, H], 0)
  await reads('16 bits', await source().toColourspace('rgb16').png().toBuffer(), [W, H], 1)
  await reads('with alpha', await source().ensureAlpha(1).png().toBuffer(), [W, H], 0)
  await reads('palette', await png({ palette: true }), [W, H], 60)
  await reads('one pixel', rawPng(1, 1, 8, 2, Buffer.from([0, 1, 2, 3])), [1, 1])
  await reads('1 bit', rawPng(8, 2, 1, 0, Buffer.from([0, 0xaa, 0, 0x55])), [8, 2])
  await reads('text', insert(plain, 33, chunk('tEXt', Buffer.from('Comment\0hello'))), [W, H], 0)
  await reads('EXIF data without an orientation', insert(plain, 33, chunk('eXIf', Buffer.alloc(40))), [W, H], 0)
  await reads('bytes behind the end', Buffer.concat([plain, Buffer.alloc(2048, 1)]), [W, H], 0, 'bytes behind its end')
  const animation = insert(plain, 33, chunk('acTL', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])))
  await reads('an animation', animation, [W, H], 0, 'an animation')
})

t('PNG files that are refused', async () => {
  const plain = await png()
  for (let length = 8; length < plain.length; length += 37)
    await refuses(`cut to ${length} bytes`, plain.subarray(0, length), 'cannot be decoded as PNG')
  await refuses('damaged pixels', patched(plain, { [plain.length - 40]: [plain[plain.length - 40]! ^ 4] }), 'PNG')
  const palette = rawPng(1, 1, 8, 3, Buffer.from([0, 0]), [patched(chunk('PLTE', Buffer.from([9, 8, 7])), { 8: [1] })])
  await refuses('a damaged palette', palette, 'CRC')
  await refuses('no width', rawPng(0, 5, 8, 2, Buffer.alloc(5)), 'cannot be decoded as PNG')
  await refuses('3 bits', rawPng(5, 5, 3, 0, Buffer.alloc(15)), 'cannot be decoded as PNG')
  await refuses('kind of colour 5', rawPng(5, 5, 8, 5, Buffer.alloc(30)), 'cannot be decoded as PNG')
  await refuses("Apple's own", insert(plain, 8, chunk('CgBI', Buffer.alloc(4))), 'no header')
  await refuses('pixels that end early', rawPng(40, 40, 8, 2, Buffer.alloc(500)), 'cannot be decoded as PNG')
  await refuses('8,000 × 8,000 in a kilobyte', rawPng(8000, 8000, 8, 2, Buffer.alloc(5000)), 'take at least')
  await refuses('20,000 × 20,000', rawPng(20_000, 20_000, 1, 0, Buffer.alloc(9)), '400 megapixels')
})

t('a small PNG that unpacks to 150 MB costs no such memory', async () => {
  const bombs = [false, true].map(interlaced => {
    const bomb = rawPng(1, 1, 8, 2, Buffer.alloc(150_000_000))
    if (!interlaced) return bomb
    bomb[28] = 1
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
    return bomb
  })
  const before = process.memoryUsage().rss
  for (const bomb of bombs) await outcome(await file(bomb))
  assert.ok(process.memoryUsage().rss - before < 100e6, `${process.memoryUsage().rss - before} bytes more`)
})

t('files that are no JPEG and no PNG say what they are', async () => {
  const start = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(60, 1)])
  for (const [bytes, words] of [
    [await source().webp().toBuffer(), 'a WebP image'],
    [await source().gif().toBuffer(), 'a GIF image'],
    [await source().tiff().toBuffer(), 'a TIFF image'],
    [start('424d'), 'a BMP image'],
    [start('0000000c6a5020200d0a870a'), 'a JPEG 2000 image'],
    [start('ff4fff51'), 'a JPEG 2000 image'],
    [start('ff0a'), 'a JPEG XL image'],
    [start('0000000c4a584c20'), 'a JPEG XL image'],
    [start('00000018667479706865696300'), 'an AVIF or HEIC image'],
    [start('000000186674797069736f6d'), 'a film'],
    [start('255044462d'), 'a PDF document'],
    [start('1f8b0800'), 'a compressed archive'],
    [start('0005160700020000'), 'macOS'],
    ['<!DOCTYPE html><html>404 Not Found</html>', 'a web page'],
    ['\ufeff\r\n<?xml version="1.0"?><svg/>', 'a web page or XML'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', 'git lfs pull'],
    [Buffer.alloc(5000), 'starts with zeros'],
    ['{"error": 403}', '{\\"error\\": 403}'],
    ['\x1b[2J\x1b]0;title\x07', '\\u001b[2J'],
    ['', 'is empty (0 bytes)'],
  ] as const)
    await refuses(words, bytes, words)
})

t('what is no file is not waited for', async () => {
  assert.match((await outcome(scratch)) as string, 'it is a folder')
  assert.match((await outcome(join(scratch, 'nowhere'))) as string, 'ENOENT')
  const large = await file('x')
  await truncate(large, 3 * 2 ** 30)
  assert.match((await outcome(large)) as string, 'has 3072 MiB, the limit is 256')
  if (process.platform === 'win32') return
  execFileSync('mkfifo', [join(scratch, 'pipe')])
  assert.match((await outcome(join(scratch, 'pipe'))) as string, 'a pipe or a device')
  await symlink('/dev/zero', join(scratch, 'endless'))
  assert.match((await outcome(join(scratch, 'endless'))) as string, 'a pipe or a device')
})

t('200 damaged files: an image or a DataError, at once, in little memory', async () => {
  const bases = [
    await jpeg(),
    await jpeg({ progressive: true }),
    await source().toColourspace('cmyk').jpeg().toBuffer(),
    await source().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    await png(),
    await png({ progressive: true }),
    await png({ palette: true }),
    await source().toColourspace('rgb16').png().toBuffer(),
  ]
  const random = new Random(13, 0)
  const int = (n: number) => Math.floor(random.next() * n)
  const damage = (bytes: Buffer): Buffer => {
    const at = int(int(2) ? bytes.length : Math.min(bytes.length, 700))
    const kinds: (() => Buffer)[] = [
      () => patched(bytes, { [at]: [bytes[at]! ^ (1 << int(8))] }),
      () => patched(bytes, { [at]: [[0, 255, 127, int(256)][int(4)]!] }),
      () => bytes.subarray(0, Math.max(4, at)),
      () => insert(bytes, at, Buffer.alloc(1 + int(20), int(256))),
      () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + int(30))]),
      () => insert(bytes, at, bytes.subarray(at, at + int(200))),
      () => (at + 2 < bytes.length ? patched(bytes, { [at]: [0x26, 0xac] }) : bytes),
    ]
    return kinds[int(kinds.length)]!()
  }
  const before = process.memoryUsage().rss
  let refused = 0
  for (let k = 0; k < 200; k++) {
    let bytes = damage(bases[k % bases.length]!)
    while (int(2)) bytes = damage(bytes)
    const got = await outcome(await file(bytes))
    if (typeof got === 'string') refused++
    else assert.is(got.rgb.length, got.width * got.height * 3)
  }
  assert.ok(refused > 50 && refused < 200, `${refused} were refused`)
  assert.ok(process.memoryUsage().rss - before < 300e6)
})

t.run()
