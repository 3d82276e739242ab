/** Drawn birds in memory: the same samples and batches as from the files that hold them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Batch } from '../../src/data/batch.ts'
import { type BirdSet, drawBird, indicesOf, inMemory } from '../../src/data/birds/index.ts'
import { writeBirds } from '../../src/data/birds/write.ts'
import { loadCub } from '../../src/data/cub.ts'
import { decodePool } from '../../src/data/feed/pool.ts'
import { type ImagePool, Loader } from '../../src/data/loader.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-memory-'))
const SET: BirdSet = { seed: 3, classes: 8, size: 64, train: 26, test: 19 }
const t = suite('data/birds/in_memory')

t.before(() => writeBirds(dir, SET as Required<BirdSet>))
t.after(() => {
  rmSync(dir, { recursive: true })
})

const drawn = (set: BirdSet) =>
  new Map(indicesOf(set).map(index => [index, drawBird(set.seed, index, { classes: 8, size: 64 })]))

for (const limit of [undefined, 16])
  t(`samples and batches are those of the files${limit ? `, with a limit of ${limit}` : ''}`, async () => {
    const set = limit ? { ...SET, limit } : SET
    const files = await loadCub(dir, limit ? { limit } : {})
    const { dataset, pool } = inMemory(set, drawn(set))
    assert.equal(dataset.classes, files.classes)
    for (const side of ['train', 'test'] as const) {
      const relative = files[side].map(s => ({ ...s, file: s.file.slice(dir.length + 1) }))
      assert.equal(dataset[side], relative)
      const batches = async (samples: typeof relative, pool: ImagePool): Promise<Batch[]> => {
        const loader = new Loader(samples, { size: 64, batch: 4, seed: 5, train: side === 'train', pool })
        const all: Batch[] = []
        for await (const batch of loader.epoch(1)) all.push(batch)
        return all
      }
      const [mine, theirs] = [await batches(dataset[side], pool), await batches(files[side], decodePool)]
      assert.ok(mine.length > 2)
      assert.equal(mine, theirs)
    }
  })

t('what is missing or of another size is named', async () => {
  const birds = drawn(SET)
  const { dataset, pool } = inMemory(SET, birds)
  await assertRejects(pool.load(dataset.train[0]!.file, 32), /drawn at 64 pixels, and 32 are needed/)
  await assertRejects(pool.load('images/none.png', 64), /none of the drawn birds/)
  birds.delete(27)
  assert.throws(() => inMemory(SET, birds), /bird 27 is missing/)
})

async function assertRejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (e: Error) => e,
  )
  assert.match(error.message, message)
}

t.run()
