/** Decoding and resizing: every kind of pixel that JPEG and PNG files hold, and every file that is neither. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ColorType, PNG } from 'pngjs'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decode, type Image } from '../../src/data/decode.ts'
import { DataError } from '../../src/data/problems.ts'
import { loadShortSide } from '../../src/data/short_side.ts'

const t = suite('data/decode')
let scratch = ''
let made = 0
t.before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tasn-decode-'))
})
t.after(() => rm(scratch, { recursive: true, force: true }))

async function file(bytes: Uint8Array | string, name = `${made++}.jpg`): Promise<string> {
  await writeFile(join(scratch, name), bytes)
  return join(scratch, name)
}

/** Smooth colours, so that JPEG keeps them to a few levels. */
function picture(width: number, height: number): Image {
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    const x = (i % width) / width
    const y = Math.floor(i / width) / height
    rgb.set([40 + 160 * x, 60 + 120 * y, 200 - 100 * x * y], i * 3)
  }
  return { width, height, rgb }
}
const asSharp = ({ width, height, rgb }: Image) => sharp(rgb, { raw: { width, height, channels: 3 } })
const jpeg = (image: Image) => asSharp(image).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
function png({ width, height, rgb }: Image, options: { colorType?: ColorType } = {}, alpha = 255): Buffer {
  const p = new PNG({ width, height })
  for (let i = 0; i < width * height; i++) p.data.set([...rgb.subarray(i * 3, i * 3 + 3), alpha], i * 4)
  return PNG.sync.write(p, options)
}

/** The largest difference between two images of one size. */
function difference(a: Image, b: Image): number {
  assert.equal([a.width, a.height, a.rgb.length], [b.width, b.height, b.rgb.length])
  return a.rgb.reduce((worst, v, i) => Math.max(worst, Math.abs(v - b.rgb[i]!)), 0)
}
async function fails(path: string, parts: (string | RegExp)[]): Promise<void> {
  const error = await decode(path).then(
    () => undefined,
    e => e,
  )
  assert.instance(error, DataError, `${path}: a DataError was expected, got ${error}`)
  for (const part of [path, ...parts]) assert.match(error.message, part)
}

const bird = picture(60, 40)

t('JPEG: colour, progressive, grey, CMYK, turned by EXIF', async () => {
  assert.ok(difference(await decode(await file(await jpeg(bird))), bird) <= 4)
  const progressive = await asSharp(bird)
    .jpeg({ quality: 95, progressive: true, chromaSubsampling: '4:4:4' })
    .toBuffer()
  assert.ok(difference(await decode(await file(progressive)), bird) <= 4)

  const grey = await decode(await file(await asSharp(bird).greyscale().jpeg({ quality: 95 }).toBuffer()))
  assert.equal([grey.width, grey.height, grey.rgb.length], [60, 40, 60 * 40 * 3])
  assert.ok(grey.rgb.every((v, i) => v === grey.rgb[i - (i % 3)]!))

  for (const [colour, tolerance] of [
    [[255, 255, 255], 0],
    [[120, 90, 60], 25],
    [[230, 40, 40], 40],
  ] as const) {
    const flat = { ...bird, rgb: bird.rgb.map((_, i) => colour[i % 3]!) }
    const cmyk = await decode(await file(await asSharp(flat).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()))
    assert.ok(
      difference(cmyk, flat) <= tolerance,
      `${colour} became ${cmyk.rgb.subarray(0, 3)}, further off than inks explain`,
    )
  }
})

t('an EXIF orientation turns neither JPEG nor PNG, unless the picture is to be looked at', async () => {
  const tagged = () => asSharp(bird).withMetadata({ orientation: 6 })
  for (const [kind, bytes, tolerance] of [
    ['JPEG', await tagged().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), 4],
    ['PNG', await tagged().png().toBuffer(), 0],
  ] as const) {
    const stored = await decode(await file(bytes))
    assert.ok(difference(stored, bird) <= tolerance, kind)
    assert.match(stored.warnings?.join() ?? '', 'EXIF orientation, which is ignored')
    const turned = await decode(await file(bytes), { upright: true })
    assert.equal([turned.width, turned.height, turned.warnings], [40, 60, undefined], kind)
    const corner = turned.rgb.subarray(0, 3)
    const below = bird.rgb.subarray(39 * 60 * 3, 39 * 60 * 3 + 3)
    assert.ok(
      corner.every((v, c) => Math.abs(v - below[c]!) <= tolerance),
      'orientation 6: the lower left corner comes to the upper left',
    )
  }
})

t('PNG: RGB, RGBA, 16 bits, grey, palette', async () => {
  for (const options of [{ colorType: 2 }, { colorType: 6 }] as const) {
    assert.is(difference(await decode(await file(png(bird, options))), bird), 0)
  }
  const deep = await asSharp(bird).toColourspace('rgb16').png().toBuffer()
  assert.is((await sharp(deep).metadata()).depth, 'ushort')
  assert.ok(difference(await decode(await file(deep)), bird) <= 1)
  const mono = { ...bird, rgb: bird.rgb.map((_, i) => bird.rgb[i - (i % 3)]!) }
  assert.ok(difference(await decode(await file(png(mono, { colorType: 0 }))), mono) <= 1)
  const flat = { ...bird, rgb: bird.rgb.map((_, i) => [200, 30, 90][i % 3]!) }
  assert.is(difference(await decode(await file(await asSharp(flat).png({ palette: true }).toBuffer())), flat), 0)
})

t('transparency becomes white', async () => {
  const black = { ...bird, rgb: new Uint8Array(bird.rgb.length) }
  assert.ok((await decode(await file(png(black, {}, 0)))).rgb.every(v => v === 255))
  assert.ok((await decode(await file(png(black, {}, 102)))).rgb.every(v => v === 153))
})

t('the content decides, not the name', async () => {
  assert.is(difference(await decode(await file(png(bird), 'png.jpg')), bird), 0)
  assert.ok(difference(await decode(await file(await jpeg(bird), 'jpeg.png')), bird) <= 4)
})

t('files that are no image say what they are', async () => {
  await fails(join(scratch, 'nowhere.jpg'), ['cannot be read', 'ENOENT'])
  await fails(scratch, ['cannot be read'])
  await fails(await file(''), ['is empty (0 bytes)'])
  await fails(await file('{"a": 1}\n'), ['expected a JPEG or PNG image', '{\\"a\\": 1}', 'hex 7b22'])
  await fails(await file('<html>404</html>'), ['web page'])
  await fails(await file(Buffer.from([0, 5, 0x16, 7, 0, 2, 0, 0]), '._a.jpg'), ['macOS'])
  await fails(await file(await asSharp(bird).webp().toBuffer()), ['WebP', 'convert'])
  await fails(await file(await asSharp(bird).gif().toBuffer()), ['GIF'])
})

t('files cut short are errors wherever the cut is', async () => {
  const noisy = { ...bird, rgb: bird.rgb.map((v, i) => (v + ((i * 7919) % 97)) & 255) }
  for (const [kind, bytes] of [
    ['JPEG', await jpeg(noisy)],
    ['PNG', png(noisy)],
  ] as const) {
    for (const part of [0.01, 0.1, 0.5, 0.9, 0.99]) {
      const length = Math.max(8, Math.floor(bytes.length * part))
      await fails(await file(bytes.subarray(0, length)), [
        `cannot be decoded as ${kind}`,
        `${length} bytes`,
        'decoder: ',
      ])
    }
    if (kind === 'PNG') await fails(await file(bytes.subarray(0, -1)), [kind])
  }
})

t('a damaged PNG fails its checksum', async () => {
  const bytes = png(bird)
  bytes[45]! ^= 0x55
  await fails(await file(bytes), ['cannot be decoded as PNG'])
})

t('more than 65 megapixels are refused before they are decoded', async () => {
  const large = png(picture(2, 2))
  large.writeUInt32BE(20_000, 16)
  large.writeUInt32BE(20_000, 20)
  await fails(await file(large), ['400 megapixels', 'limit is 65'])
  const bytes = await jpeg(picture(16, 16))
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
  bytes.writeUInt16BE(20_000, frame + 5)
  bytes.writeUInt16BE(20_000, frame + 7)
  await fails(await file(bytes), ['400 megapixels', 'limit is 65'])
})

/** Every output pixel as the mean under a triangle as wide as the reduction, pixel centre to pixel centre. */
function reference({ width, height, rgb }: Image, toWidth: number, toHeight: number): Float64Array {
  const axis = (from: number, to: number) =>
    Array.from({ length: to }, (_, i) => {
      const reach = Math.max(1, from / to)
      const centre = ((i + 0.5) * from) / to - 0.5
      const weights = Array.from({ length: from + 2 }, (_, j) => Math.max(0, 1 - Math.abs(j - 1 - centre) / reach))
      const total = weights.reduce((a, b) => a + b)
      return weights.flatMap((w, j) => (w ? [[Math.min(Math.max(j - 1, 0), from - 1), w / total] as const] : []))
    })
  const columns = axis(width, toWidth)
  const rows = axis(height, toHeight)
  const out = new Float64Array(toWidth * toHeight * 3)
  out.forEach((_, i) => {
    const c = i % 3
    const x = Math.floor(i / 3) % toWidth
    const y = Math.floor(i / 3 / toWidth)
    for (const [v, wy] of rows[y]!)
      for (const [u, wx] of columns[x]!) out[i]! += wy * wx * rgb[(v * width + u) * 3 + c]!
  })
  return out
}

t('short side: sizes, and pixels against a plain loop', async () => {
  for (const [w, h, size, toWidth, toHeight, tolerance] of [
    [61, 40, 20, 31, 20, 1.5],
    [40, 61, 20, 20, 31, 1.5],
    [60, 45, 44, 59, 44, 1.5],
    [200, 130, 16, 25, 16, 2.5],
    [30, 20, 50, 75, 50, 1],
    [20, 33, 21, 21, 35, 1],
    [1, 1, 5, 5, 5, 0.1],
    [3, 50, 7, 7, 117, 1],
  ] as const) {
    const image = picture(w, h)
    const got = await loadShortSide(await file(png(image)), size)
    assert.equal([got.width, got.height, got.rgb.length], [toWidth, toHeight, toWidth * toHeight * 3])
    const worst = reference(image, toWidth, toHeight).reduce((m, v, i) => Math.max(m, Math.abs(v - got.rgb[i]!)), 0)
    assert.ok(worst <= tolerance, `${w}x${h} to ${toWidth}x${toHeight}: off by ${worst}`)
  }
})

t('an image of the right size keeps its pixels; fine stripes do not alias', async () => {
  assert.is(difference(await loadShortSide(await file(png(bird)), 40), bird), 0)
  const rgb = Uint8Array.from({ length: 120 * 120 * 3 }, (_, i) => (Math.floor(i / 3) % 2) * 255)
  const stripes = { width: 120, height: 120, rgb }
  const small = await loadShortSide(await file(png(stripes)), 30)
  assert.ok(
    small.rgb.every(v => Math.abs(v - 127.5) < 20),
    'grey all over',
  )
})

t('an image too elongated for its short side is refused', async () => {
  const thread = await file(png({ width: 8000, height: 1, rgb: new Uint8Array(24_000) }))
  const error = await loadShortSide(thread, 128).then(
    () => undefined,
    e => e,
  )
  assert.instance(error, DataError)
  assert.match(error.message, /8000 × 1 pixels are too elongated/)
})

t.run()
