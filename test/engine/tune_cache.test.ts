/** The tuner's cache: what is damaged, newer or not writable costs a measurement at most. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { browserPlace, openCache } from '../../src/engine/tune/cache.ts'
import { ladderNamed } from '../../src/gpu/kernel.ts'
import '../../src/ops/matmul.ts'
import '../../src/ops/softmax.ts'

const t = suite('engine/tune/cache')
const matmul = ladderNamed('matmul')
const softmax = ladderNamed('softmax')

/** With a cache file of its own, not there yet. @returns the warnings. */
async function withFile(body: (file: string) => Promise<void>): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'tune-cache-'))
  const { warn } = console
  const said: string[] = []
  console.warn = (text: string) => said.push(text)
  process.env.TUNE_CACHE = join(dir, 'tuned.json')
  try {
    await body(process.env.TUNE_CACHE)
  } finally {
    console.warn = warn
    delete process.env.TUNE_CACHE
    rmSync(dir, { recursive: true })
  }
  return said
}

/** Keeps one winner. */
async function keep(ladder: typeof matmul, key: string, rung: string): Promise<void> {
  const cache = await openCache()
  const found = await cache.of(ladder)
  found[key] = rung
  await cache.save()
}
const kept = async (ladder: typeof matmul) => (await openCache()).of(ladder)

t('two processes at a time keep the winners of both', async () => {
  const said = await withFile(async () => {
    const [one, other] = await Promise.all([openCache(), openCache()])
    for (const [cache, key] of [
      [one, 'a'],
      [other, 'b'],
    ] as const) {
      const found = await cache.of(matmul)
      found[key] = 'register'
    }
    await one.save()
    await other.save()
    assert.equal(await kept(matmul), { a: 'register', b: 'register' })
  })
  assert.equal(said, [])
})

t('a reader finds a whole file at any moment, whoever writes, and nothing is left beside it', async () => {
  const said = await withFile(async file => {
    await keep(matmul, 'first', 'naive')
    let writing = true
    const writers = Promise.all(
      Array.from({ length: 30 }, (_, i) => keep(i % 2 ? matmul : softmax, `shape ${i}`, 'x'.repeat(5000))),
    ).then(() => {
      writing = false
    })
    let reads = 0
    for (; writing; reads++) {
      assert.is(JSON.parse(readFileSync(file, 'utf8')).version, 2)
      assert.is((await kept(matmul)).first, 'naive')
    }
    await writers
    assert.ok(reads > 2)
    assert.equal(readdirSync(dirname(file)), ['tuned.json'])
  })
  assert.equal(said, [])
})

t('a damaged file, or one of before there were versions, is an empty one, and the next save mends it', async () => {
  const good = await text()
  const texts = [
    '',
    good.slice(0, good.length / 2),
    '\0'.repeat(100),
    '[1, 2]',
    'null',
    '{"version": 2}',
    '{"version": 2, "adapters": [["a"]]}',
    '{"version": "2", "adapters": {}}',
    good.replace('"version": 2,', ''),
    good.replace('"version": 2', '"version": 1'),
    JSON.stringify(JSON.parse(good).adapters), // as version 0.3.0 of the project wrote it
    good.replace('"register"', '{"rung": "register", "ms": 3}'),
    good.replace('"register"', 'null'),
    good.replace(/\{\s*"key": "register"\s*\}/, '"register"'),
    good.replace(/\{\s*"matmul[\s\S]*\}\s*\}\s*\}\s*$/, '7}}'),
  ]
  assert.is(new Set([...texts, good]).size, texts.length + 1, 'each of them is another one')
  for (const damaged of texts) {
    const said = await withFile(async file => {
      writeFileSync(file, damaged)
      assert.equal(await kept(matmul), {}, damaged)
      await keep(matmul, 'key', 'register')
      assert.equal(await kept(matmul), { key: 'register' }, damaged)
    })
    assert.equal(said, [])
  }
})

/** A good file. */
async function text(): Promise<string> {
  let found = ''
  await withFile(async file => {
    await keep(matmul, 'key', 'register')
    found = readFileSync(file, 'utf8')
  })
  return found
}

t('a file of a newer version is not read and not touched, which is said once', async () => {
  const newer = (await text()).replace('"version": 2', '"version": 3')
  const said = await withFile(async file => {
    writeFileSync(file, newer)
    for (let i = 0; i < 2; i++) {
      assert.equal(await kept(matmul), {})
      await keep(matmul, 'key', 'naive')
    }
    assert.is(readFileSync(file, 'utf8'), newer)
  })
  assert.is(said.length, 1)
  assert.match(said[0]!, /^warning: .*tuned\.json.*newer version.*measured again$/)
})

t('a place where nothing can be written is said once', async () => {
  const said = await withFile(async file => {
    writeFileSync(file, 'a file and no folder')
    process.env.TUNE_CACHE = join(file, 'tuned.json')
    for (let i = 0; i < 2; i++) await keep(matmul, 'key', 'naive')
    assert.is(readFileSync(file, 'utf8'), 'a file and no folder')
  })
  assert.is(said.length, 1)
  assert.match(said[0]!, /^warning: .*cannot be kept in .*(ENOTDIR|EEXIST)/)
})

/** A Cache API that keeps texts by name and address; every call fails where it is refused. */
function fakeCaches(refused = false) {
  const texts = new Map<string, string>()
  const open = (name: string) =>
    refused
      ? Promise.reject(new Error('The operation is insecure.'))
      : Promise.resolve({
          match: async (url: string) => {
            const found = texts.get(`${name} ${new URL(url).href}`)
            return found === undefined ? undefined : new Response(found)
          },
          put: async (url: string, response: Response) => {
            texts.set(`${name} ${new URL(url).href}`, await response.text())
          },
        })
  return { open, texts }
}

/** As in a page whose Cache API is this one. */
async function inPage(caches: ReturnType<typeof fakeCaches>, body: () => Promise<void>): Promise<void> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'caches')
  Object.defineProperty(globalThis, 'caches', { value: caches, configurable: true })
  try {
    await body()
  } finally {
    if (before) Object.defineProperty(globalThis, 'caches', before)
    else Reflect.deleteProperty(globalThis, 'caches')
  }
}

t('in a page the winners are kept by the Cache API', async () => {
  const caches = fakeCaches()
  const said = await withFile(() =>
    inPage(caches, async () => {
      const cache = await openCache(browserPlace())
      const found = await cache.of(matmul)
      assert.equal(found, {})
      found.key = 'register'
      await cache.save()
      assert.equal(await (await openCache(browserPlace())).of(matmul), { key: 'register' })
      assert.equal([...caches.texts].length, 1)
    }),
  )
  assert.equal(said, [])
})

t('a page that may keep nothing says so once', async () => {
  const said = await withFile(() =>
    inPage(fakeCaches(true), async () => {
      for (let i = 0; i < 2; i++) {
        const cache = await openCache(browserPlace())
        assert.equal(await cache.of(matmul), {})
        await cache.save()
      }
    }),
  )
  assert.is(said.length, 1)
  assert.match(said[0]!, /browser's cache storage \(The operation is insecure\.\)/)
})

t.run()
