/** The cache of decoded images on disk: hits, damage, limits, folders that cannot be written, several processes. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Image } from '../../src/data/decode.ts'
import { decodeEntry, encodeEntry } from '../../src/data/feed/entry.ts'
import { ImageCache, type ImageCacheOptions } from '../../src/data/feed/image_cache.ts'
import { DecodePool } from '../../src/data/feed/pool.ts'
import { DataError } from '../../src/data/problems.ts'
import { loadShortSide } from '../../src/data/short_side.ts'
import { child } from '../support/child.ts'

const t = suite('data/image_cache')
const pool = new DecodePool(2)
let scratch = ''
let files: string[] = []
let folders = 0
const warnings: string[] = []
const SIZE = 40
const COUNT = 10
/** Bytes of an entry: the header and 60 x 40 pixels. */
const ENTRY = 60 + 60 * 40 * 3

t.before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tasn-image-cache-'))
  files = await Promise.all(
    Array.from({ length: COUNT }, async (_, i) => {
      const p = new PNG({ width: 90, height: 60 })
      for (let k = 0; k < p.data.length; k++) p.data[k] = k % 4 === 3 ? 255 : (k * k * (i + 3)) >> 4
      await writeFile(join(scratch, `${i}.png`), PNG.sync.write(p))
      return join(scratch, `${i}.png`)
    }),
  )
})
t.before.each(() => {
  warnings.length = 0
})
t.after(async () => {
  await pool.close()
  await rm(scratch, { recursive: true, force: true })
})

const newFolder = () => join(scratch, `cache-${folders++}`, 'images')
const open = (folder: string, options: ImageCacheOptions = {}) =>
  new ImageCache(folder, { warn: message => warnings.push(message), ...options })
const entriesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter(e => e.isFile())
    .map(e => join(e.parentPath, e.name))
    .sort()
const same = (a: Image, b: Image) =>
  a.width === b.width && a.height === b.height && (a.scale ?? 1) === (b.scale ?? 1) && Buffer.from(a.rgb).equals(b.rgb)
/** Loads all files by way of the cache and compares them with what loadShortSide() gives. */
async function check(cache: ImageCache, size = SIZE, of = files): Promise<void> {
  const images = await Promise.all(of.map(file => pool.load(file, size, cache)))
  for (const [i, file] of of.entries()) assert.ok(same(images[i]!, await loadShortSide(file, size)), file)
}

t('an image that is turned upright is another entry', async () => {
  const file = join(scratch, 'phone.png')
  const tagged = sharp(files[0]!).withMetadata({ orientation: 6 }).png({ compressionLevel: 0 })
  await writeFile(file, await tagged.toBuffer())
  const folder = newFolder()
  for (const options of [{}, { upright: true }, {}, { upright: true }]) {
    const image = await pool.load(file, SIZE, open(folder), options)
    assert.equal([image.width, image.height], options.upright ? [40, 60] : [60, 40])
    assert.ok(same(image, await loadShortSide(file, SIZE, options)))
  }
  assert.is((await entriesOf(folder)).length, 2)
  assert.is((await pool.load(file, SIZE, undefined, { upright: true })).height, 60, 'without a cache, too')
})

t('an entry is kept for each image and size, and read back to the bit', async () => {
  const folder = newFolder()
  await check(open(folder))
  const entries = await entriesOf(folder)
  assert.is(entries.length, COUNT)
  const times = await Promise.all(entries.map(async e => (await stat(e)).mtimeMs))
  await check(open(folder))
  assert.equal(await entriesOf(folder), entries)
  assert.equal(await Promise.all(entries.map(async e => (await stat(e)).mtimeMs)), times, 'nothing was written again')
  await check(open(folder), 60)
  await check(open(folder), 75)
  assert.is((await entriesOf(folder)).length, 3 * COUNT)
  assert.equal(warnings, [])
})

t('a hit decodes nothing: the pixels are those of the entry', async () => {
  const folder = newFolder()
  const cache = open(folder)
  await check(cache, SIZE, files.slice(0, 1))
  const [entry] = await entriesOf(folder)
  const key = (await readFile(entry!)).subarray(8, 40)
  const other = { width: 60, height: 40, scale: 0.25, rgb: new Uint8Array(7200).fill(9) }
  await writeFile(entry!, encodeEntry(key, other))
  assert.ok(same(await pool.load(files[0]!, SIZE, cache), other))
})

t('the content counts, not the name', async () => {
  const folder = newFolder()
  const cache = open(folder)
  await check(cache, SIZE, files.slice(0, 1))
  const copy = join(scratch, 'copy.png')
  await copyFile(files[0]!, copy)
  await check(cache, SIZE, [copy])
  assert.is((await entriesOf(folder)).length, 1)
  await copyFile(files[1]!, copy)
  await check(cache, SIZE, [copy])
  assert.is((await entriesOf(folder)).length, 2)
})

t('small files and damaged files are not cached, and the error is as without a cache', async () => {
  const folder = newFolder()
  const p = new PNG({ width: 50, height: 50 })
  const small = join(scratch, 'small.png')
  await writeFile(small, PNG.sync.write(p))
  const bad = join(scratch, 'bad.png')
  await writeFile(bad, (await readFile(files[0]!)).subarray(0, 5000))
  const cache = open(folder)
  await check(cache, SIZE, [small])
  for (const file of [bad, join(scratch, 'nowhere.png')]) {
    const messages = await Promise.all(
      [pool.load(file, SIZE, cache), loadShortSide(file, SIZE)].map(work =>
        work.then(
          () => assert.unreachable(),
          error => {
            assert.instance(error, DataError)
            return error.message
          },
        ),
      ),
    )
    assert.is(messages[0], messages[1])
  }
  assert.equal(await readdir(folder).catch(() => []), [])
})

t('an entry that is cut short, flipped in any byte, or of another key is made again', async () => {
  const folder = newFolder()
  const cache = open(folder)
  const one = files.slice(0, 1)
  await check(cache, SIZE, files.slice(0, 2))
  const [first, second] = (await entriesOf(folder)) as [string, string]
  const whole = new Map([
    [first, await readFile(first)],
    [second, await readFile(second)],
  ])
  const damaged: [string, (bytes: Buffer, other: Buffer) => Buffer][] = [
    ...[0, 1, 59, 60, 61, ENTRY - 1].map(
      n => [`${n} bytes`, (b: Buffer) => b.subarray(0, n)] as [string, () => Buffer],
    ),
    ['a byte too many', b => Buffer.concat([b, Buffer.of(0)])],
    ['zeros', b => Buffer.alloc(b.length)],
    ['a page of zeros', b => Buffer.concat([b.subarray(0, 1000), Buffer.alloc(4096), b.subarray(5096)])],
    ['the entry of another image', (_, other) => other],
    ...[0, 7, 8, 39, 40, 43, 44, 48, 55, 56, 59, 60, 3000, ENTRY - 1].map(
      at =>
        [
          `byte ${at}`,
          (b: Buffer) => {
            const bytes = Buffer.from(b)
            bytes[at]! ^= 1 << (at % 8)
            return bytes
          },
        ] as [string, (b: Buffer) => Buffer],
    ),
  ]
  for (const [name, damage] of damaged) {
    for (const [path, bytes] of whole) await writeFile(path, damage(bytes, whole.get(path === first ? second : first)!))
    await check(cache, SIZE, files.slice(0, 2))
    for (const [path, bytes] of whole)
      assert.ok((await readFile(path)).equals(bytes), `${name}: written again, the same`)
  }
  await check(cache, SIZE, one)
  assert.equal(warnings, [])
})

t('no single bit of an entry can change unseen', () => {
  const key = Buffer.alloc(32, 5)
  const entry = encodeEntry(key, { width: 3, height: 2, scale: 0.3, rgb: Uint8Array.from({ length: 18 }, (_, i) => i) })
  assert.equal(decodeEntry(key, entry)!.scale, 0.3)
  for (let bit = 0; bit < 8 * entry.length; bit++) {
    const bytes = Buffer.from(entry)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    assert.is(decodeEntry(key, bytes), undefined, `bit ${bit}`)
  }
})

t('a folder that cannot be made: one warning, and the images as ever', async () => {
  const file = join(scratch, 'a file')
  await writeFile(file, '')
  const cache = open(join(file, 'images'))
  await check(cache)
  await check(cache)
  assert.is(warnings.length, 1)
  assert.match(warnings[0]!, /no more images are added to the cache .*a file.images \(ENOTDIR.*training goes on/)
})

t('a folder in which nothing can be written is read', async () => {
  const folder = newFolder()
  await check(open(folder), SIZE, files.slice(0, 5))
  // A file in the place of each missing folder: permissions alone would not stop a superuser.
  const there = new Set(await readdir(folder))
  for (let i = 0; i < 256; i++) {
    const name = i.toString(16).padStart(2, '0')
    if (!there.has(name)) await writeFile(join(folder, name), '')
  }
  const cache = open(folder)
  await check(cache, SIZE, files.slice(0, 5))
  assert.equal(warnings, [])
  await check(cache)
  await check(cache, 60)
  assert.is(warnings.length, 1)
})

t('a folder that is removed in the middle is made again', async () => {
  const folder = newFolder()
  const cache = open(folder)
  await check(cache)
  await rm(folder, { recursive: true })
  await check(cache)
  assert.is((await entriesOf(folder)).length, COUNT)
  assert.equal(warnings, [])
})

t('the limit holds, with one warning; entries that nobody used for days make room', async () => {
  const folder = newFolder()
  const limit = 4 * ENTRY
  for (let run = 0; run < 2; run++) {
    const cache = open(folder, { limit })
    for (const file of files) await check(cache, SIZE, [file])
    assert.is((await entriesOf(folder)).length, 4)
    assert.is(warnings.length, run + 1)
    assert.match(warnings[run]!, /full/)
  }
  const long = Date.now() / 1000 - 3 * 86_400
  const old = await entriesOf(folder)
  for (const entry of old) await utimes(entry, long, long)
  await check(open(folder, { limit }), 60, files.slice(0, 1))
  const left = await entriesOf(folder)
  assert.ok(left.length >= 1 && left.filter(e => old.includes(e)).length < 4, 'an old one went')
})

t('an entry that is used is marked as used', async () => {
  const folder = newFolder()
  const cache = open(folder)
  await check(cache, SIZE, files.slice(0, 1))
  const [entry] = (await entriesOf(folder)) as [string]
  const long = Date.now() / 1000 - 3 * 86_400
  await utimes(entry, long, long)
  await check(cache, SIZE, files.slice(0, 1))
  assert.ok(Date.now() - (await stat(entry)).mtimeMs < 60_000)
})

t('what a killed process left half written is removed after an hour, and what another one writes is not', async () => {
  const folder = newFolder()
  await mkdir(join(folder, 'ab'), { recursive: true })
  const [old, fresh] = ['old', 'fresh'].map(name => join(folder, 'ab', `${name}-part`)) as [string, string]
  await writeFile(old, 'x')
  await writeFile(fresh, 'x')
  const long = Date.now() / 1000 - 7200
  await utimes(old, long, long)
  await check(open(folder), SIZE, files.slice(0, 1))
  const left = await entriesOf(folder)
  assert.not(left.includes(old))
  assert.ok(left.includes(fresh))
})

t('several processes on one folder, some of them killed: all images right, all entries whole', async () => {
  const folder = newFolder()
  const run = (after: number) =>
    child(`
      import { createHash } from 'node:crypto'
      import { decodePool } from './src/data/feed/pool.ts'
      import { ImageCache } from './src/data/feed/image_cache.ts'
      const cache = new ImageCache(${JSON.stringify(folder)})
      const sizes = [30, 40, 50, 60, 70], files = ${JSON.stringify(files)}
      let loaded = 0
      const work = sizes.flatMap(size => files.map(async file => {
        const { rgb } = await decodePool.load(file, size, cache)
        if (++loaded === ${after}) process.kill(process.pid, 'SIGKILL')
        return rgb
      }))
      const hash = createHash('sha256')
      for (const rgb of await Promise.all(work)) hash.update(rgb)
      console.log(hash.digest('hex'))
    `)
  const [killed, other, ...whole] = await Promise.all([run(5), run(25), run(0), run(0)])
  assert.equal([killed!.signal, other!.signal], ['SIGKILL', 'SIGKILL'])
  const later = await run(0)
  assert.match(later.out, /^[0-9a-f]{64}\n$/)
  assert.equal(
    whole.map(w => w.out),
    [later.out, later.out],
  )
  const cache = open(folder)
  for (const size of [30, 40, 50, 60, 70]) await check(cache, size)
  for (const entry of await entriesOf(folder)) {
    if (entry.endsWith('-part')) continue
    const bytes = await readFile(entry)
    assert.ok(decodeEntry(bytes.subarray(8, 40), bytes), entry)
  }
  assert.is((await entriesOf(folder)).filter(e => !e.endsWith('-part')).length, 5 * COUNT)
})

t.run()
