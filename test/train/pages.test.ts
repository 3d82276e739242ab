/** Training as a page has it: entries without a module of Node, birds in memory, checkpoints as bytes. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drawBird, indicesOf, inMemory } from '../../src/data/birds/index.ts'
import { bundle } from '../../src/package/bundle.ts'
import {
  decodeCheckpoint,
  encodeCheckpoint,
  encodeModel,
  type Training,
  takeCheckpoint,
  train,
} from '../../src/train/index.ts'
import { saveCheckpoint, saveModel } from '../../src/train/save.ts'
import { drawBirds, SET, small } from '../support/training.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'tasn-pages-'))
const file = join(dir, 'x.safetensors')
const t = suite('train/pages')

t.before(() => drawBirds(dir))
t.after(() => {
  rmSync(dir, { recursive: true })
})

const ENTRIES = ['src/train/index.ts', 'src/data/birds/index.ts']

t('no module behind the entries is of Node or of npm', () => {
  const seen = new Set<string>()
  const found: string[] = []
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const [, type, to] of readFileSync(root + path, 'utf8').matchAll(
      /^(?:import|export)( type)? [^'"()]*?from '([^']+)'/gm,
    )) {
      if (type) continue
      if (to!.startsWith('.')) visit(join(dirname(path), to!))
      else found.push(`${path} imports ${to}`)
    }
  }
  for (const entry of ENTRIES) visit(entry)
  assert.ok(seen.has('src/train/steps.ts') && seen.has('src/data/birds/draw.ts'))
  assert.ok([...seen].every(path => existsSync(root + path)))
  assert.equal(found, [])
  assert.equal(
    [...seen].filter(path => /src\/(run|study|package)\//.test(path)),
    [],
  )
})

t('a bundle for browsers takes them', async () => {
  const { outputFiles } = await bundle({
    entryPoints: ENTRIES.map(entry => root + entry),
    outdir: dir,
    write: false,
  })
  assert.is(outputFiles!.length, 2)
  assert.match(outputFiles![0]!.text, /tiny/)
})

/** The training of small(), on birds that are drawn in memory. */
function fromMemory(): Promise<Training> {
  const birds = indicesOf(SET).map(index => [index, drawBird(SET.seed, index, SET)] as const)
  return small(dir, {}, {}, inMemory(SET, new Map(birds)))
}

/** Trains for so many settled steps and epochs, or to the end. */
async function advance(training: Training, events = Infinity): Promise<Training> {
  for await (const event of train(training, { settle: () => true })) if (event.kind !== 'test' && --events === 0) break
  return training
}

t('birds in memory give the bits of birds in files, and a checkpoint in bytes those of its file', async () => {
  const files = await advance(await small(dir))
  await saveCheckpoint(files, file)
  const memory = await advance(await fromMemory())
  assert.ok(readFileSync(file).equals(await encodeCheckpoint(memory)))
  await saveModel(files, file)
  assert.ok(readFileSync(file).equals((await encodeModel(memory))!))
})

t('a training goes on from bytes to the same bits, whoever wrote them', async () => {
  const whole = await encodeCheckpoint(await advance(await fromMemory()))
  // Four events: the first epoch of two steps, and a step of the second.
  const half = await advance(await small(dir), 4)
  assert.equal([half.done.epochs, half.done.steps], [1, 1])
  await saveCheckpoint(half, file)
  const other = await fromMemory()
  takeCheckpoint(other, await decodeCheckpoint(new Uint8Array(readFileSync(file)), 'upload'))
  assert.ok(Buffer.from(whole).equals(await encodeCheckpoint(await advance(other))))

  const damaged = whole.slice()
  damaged[damaged.length - 5]! ^= 4
  const error = await decodeCheckpoint(damaged, 'upload').catch((e: Error) => e)
  assert.match((error as Error).message, /^upload is damaged/)
})

t.run()
