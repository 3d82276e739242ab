/** Threads that decode: the same pixels and errors as without them, and what happens when one dies. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DecodePool } from '../../src/data/feed/pool.ts'
import { DataError } from '../../src/data/problems.ts'
import { loadShortSide } from '../../src/data/short_side.ts'
import { child } from '../support/child.ts'

const t = suite('data/pool')
const pool = new DecodePool(2)
const mortal = (threads: number) => new DecodePool(threads, new URL('../support/dying_decoder.ts', import.meta.url))
let scratch = ''
let files: string[] = []

const raw = { width: 60, height: 40, channels: 3 } as const
const noise = (seed: number) => Uint8Array.from({ length: 7200 }, (_, k) => (k * k * (seed + 3)) >> 4)
t.before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tasn-pool-'))
  files = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const picture = sharp(noise(i), { raw })
      const file = join(scratch, `${i}.${i % 2 ? 'png' : 'jpg'}`)
      await writeFile(file, await (i % 2 ? picture.png() : picture.jpeg()).toBuffer())
      return file
    }),
  )
})
t.after(async () => {
  await pool.close()
  await rm(scratch, { recursive: true, force: true })
})

const errorOf = async (work: Promise<unknown>): Promise<Error> => {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

t('the pixels are those of loadShortSide(): reduced, enlarged, as they are', async () => {
  for (const size of [24, 40, 64]) {
    const found = await Promise.all(files.map(file => pool.load(file, size)))
    for (const [i, file] of files.entries()) {
      const { rgb, ...rest } = await loadShortSide(file, size)
      const { rgb: got, ...same } = found[i]!
      assert.equal(same, rest)
      assert.ok(Buffer.from(got).equals(rgb), `${file} at ${size}`)
    }
  }
})

t('a fault in a file is a DataError with the message that it has without threads', async () => {
  const bad = join(scratch, 'bad.jpg')
  await writeFile(bad, 'not a bird')
  for (const file of [bad, join(scratch, 'nowhere.png')]) {
    const [got, want] = [await errorOf(pool.load(file, 40)), await errorOf(loadShortSide(file, 40))]
    assert.instance(got, DataError)
    assert.is(got.message, want.message)
  }
  assert.is((await pool.load(files[0]!, 40)).height, 40, 'and the thread works on')
})

t('a thread that dies is an error that names the file, and the next file gets another thread', async () => {
  for (const [file, reason] of [
    ['exit', /exit code 3/],
    ['throw', /out of luck/],
  ] as const) {
    const one = mortal(1)
    const error = await errorOf(one.load(file, 4))
    assert.ok(error.message.startsWith(`${file}: the thread that was to decode it has ended`), error.message)
    assert.match(error.message, reason)
    assert.is((await one.load('fine', 4)).width, 4)
    await one.close()
  }
})

t('of many files, those that a dying thread had are lost, and no other', async () => {
  const two = mortal(2)
  const work = Array.from({ length: 40 }, (_, i) => two.load(i === 7 ? 'exit' : `file ${i}`, 4))
  const lost = (await Promise.allSettled(work)).flatMap((r, i) => (r.status === 'rejected' ? [i] : []))
  assert.ok(lost.includes(7) && lost.length <= 2, `${lost}`)
  await two.close()
})

t('close() ends a thread that hangs, rejects its work, and a later load() starts anew', async () => {
  const one = mortal(1)
  const work = ['hang', 'behind it', 'waiting'].map(file => errorOf(one.load(file, 4)))
  await new Promise(done => setTimeout(done, 20))
  await one.close()
  for (const [i, error] of (await Promise.all(work)).entries())
    assert.match(error.message, new RegExp(`^${['hang', 'behind it', 'waiting'][i]}: .*the pool was closed`))
  assert.is((await one.load('again', 4)).width, 4)
  await one.close()
})

t('threads keep no process alive, neither idle ones nor, at exit(), busy ones', async () => {
  const code = (then: string) => `
    import { decodePool } from './src/data/feed/pool.ts'
    const files = ${JSON.stringify(files)}
    decodePool.start()
    for (const file of [...files, ...files]) decodePool.load(file, 64).then(({ height }) => { ${then} }, () => {})
  `
  const idle = await child(code('console.log(height)'))
  assert.equal([idle.code, idle.signal, idle.out], [0, null, '64\n'.repeat(24)])
  const unused = await child("(await import('./src/data/feed/pool.ts')).decodePool.start()")
  assert.equal([unused.code, unused.signal, unused.out], [0, null, ''])
  const busy = await child(code('process.exit(7)'))
  assert.equal([busy.code, busy.signal, busy.out], [7, null, ''])
})

t('threads start where the path of the project has an apostrophe, a hash, a percent sign', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const odd = join(scratch, 'it\'s #1, 100%41 "größer"')
  await mkdir(odd)
  for (const name of ['src', 'package.json']) await cp(join(root, name), join(odd, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(odd, 'node_modules'))
  const { code, out } = await child(`
    import { pathToFileURL } from 'node:url'
    const { decodePool } = await import(pathToFileURL(${JSON.stringify(join(odd, 'src/data/feed/pool.ts'))}).href)
    console.log((await decodePool.load(${JSON.stringify(files[0])}, 64)).height)
  `)
  assert.equal([code, out], [0, '64\n'])
})

t.run()
