/** Files that are there whole or not at all. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  append,
  isLeftover,
  moveFile,
  removeLeftovers,
  WriteError,
  writeText,
  writeWhole,
} from '../../src/io/durable.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-durable-'))
const t = suite('io/durable')
t.after(() => {
  rmSync(dir, { recursive: true })
})
const failure = (promise: Promise<void>): Promise<WriteError> =>
  promise.then(
    () => assert.unreachable('it was written'),
    (error: unknown) => error as WriteError,
  ) as Promise<WriteError>

t('a file takes the place of the one before, and no other file stays', async () => {
  const file = join(dir, 'a.txt')
  await writeText(file, 'one')
  await writeText(file, 'two')
  assert.is(readFileSync(file, 'utf8'), 'two')
  assert.equal(readdirSync(dir), ['a.txt'])
})

t('a writing that fails in the middle leaves the file before, and nothing else', async () => {
  const file = join(dir, 'a.txt')
  const error = await failure(
    writeWhole(file, async handle => {
      await append(handle, Buffer.from('thr'))
      throw Object.assign(new Error('write'), { code: 'ENOSPC' })
    }),
  )
  assert.ok(error instanceof WriteError)
  assert.is(error.message, `cannot write ${file}: no space is left on the disk (ENOSPC)`)
  assert.ok(error.full)
  assert.is(readFileSync(file, 'utf8'), 'two')
  assert.equal(readdirSync(dir), ['a.txt'])
})

t('two writers at once: each file is whole, the last one stays', async () => {
  const file = join(dir, 'a.txt')
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(50_000))
  await Promise.all(texts.map(text => writeText(file, text)))
  assert.ok(texts.includes(readFileSync(file, 'utf8')))
  assert.equal(readdirSync(dir), ['a.txt'])
})

t('a folder that is gone, or is a file, is told with the file', async () => {
  const gone = await failure(writeText(join(dir, 'gone', 'a.txt'), ''))
  assert.match(gone.message, /cannot write .*gone.a\.txt: its folder is gone \(ENOENT\)/)
  assert.not.ok(gone.full)
  const under = await failure(writeText(join(dir, 'a.txt', 'b.txt'), ''))
  assert.match(under.message, /cannot write .*b\.txt: .*ENOTDIR/)
})

t('a file that Windows holds open for a moment is renamed once it is free', async () => {
  let tries = 0
  /** Fails as often as there are codes. */
  const rename = (codes: readonly string[], system: string): Promise<string> => {
    tries = 0
    const move = () => {
      const code = codes[tries++]
      return code ? Promise.reject(Object.assign(new Error(code), { code })) : Promise.resolve()
    }
    return moveFile('a', 'b', system, move).then(
      () => `renamed, try ${tries}`,
      (error: Error) => `${error.message}, try ${tries}`,
    )
  }
  assert.is(await rename(['EPERM', 'EACCES', 'EBUSY'], 'win32'), 'renamed, try 4')
  assert.is(await rename(['EBUSY', 'ENOENT'], 'win32'), 'ENOENT, try 2')
  assert.is(await rename(['EPERM'], 'linux'), 'EPERM, try 1')
})

t('what killed processes left is known by its name, and goes', async () => {
  const inner = join(dir, 'inner')
  mkdirSync(inner)
  for (const name of ['c.safetensors.123-0.part', 'config.json.9-12.part', 'config.json', 'mine.part'])
    writeFileSync(join(inner, name), '')
  assert.ok(isLeftover('c.safetensors.123-0.part'))
  await removeLeftovers(inner)
  assert.equal(readdirSync(inner).sort(), ['config.json', 'mine.part'])
})

t.run()
