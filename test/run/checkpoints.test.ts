/** Checkpoints: which are kept, which one a run goes on from, and what damage does. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  promises,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/engine/random.ts'
import { OutOfDeviceMemory } from '../../src/gpu/device.ts'
import { BEST_FILE, checkRoom, keepCheckpoint, newestCheckpoint, putInPlace } from '../../src/run/checkpoints.ts'
import { CHECKPOINT_FILE, RunFolder } from '../../src/run/folder.ts'
import { explained } from '../../src/run/trouble.ts'
import type { Done } from '../../src/train/position.ts'
import type { Training } from '../../src/train/setup.ts'
import { drawBirds, small } from '../support/training.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-checkpoints-'))
const t = suite('run/checkpoints')
let training: Training
t.before(async () => {
  await drawBirds(dir)
  training = await small(dir)
})
t.after(() => {
  rmSync(dir, { recursive: true })
})

const at = (epochs: number, steps = 0, ...scores: number[]): Done => ({
  epochs,
  steps,
  batches: steps,
  sums: {},
  test: undefined,
  history: Array.from({ length: epochs }, (_, i) => (scores[i] === undefined ? {} : { sharedMaster: scores[i] })),
})
/** Saves as a run at these places would, one after the other. */
async function folderAt(name: string, places: readonly Done[], keep?: number): Promise<RunFolder> {
  const folder = new RunFolder(join(dir, name))
  await folder.writeJson('config.json', {})
  for (const done of places) {
    training.done = done
    await keepCheckpoint(training, folder, keep)
  }
  return folder
}
/** The place at which a run would go on, which then is put into its place. */
const placeOf = async (folder: RunFolder, best = false): Promise<[number, number]> => {
  const found = await newestCheckpoint(folder, { best })
  await putInPlace(found, folder)
  const { epochs, steps } = found.checkpoint!.position
  return [epochs, steps]
}

t('the newest two are kept, and the best', async () => {
  const folder = await folderAt('kept', [
    at(0),
    at(1, 0, 0.1),
    at(2, 0, 0.1, 0.5),
    at(2, 1, 0.1, 0.5),
    at(3, 0, 0.1, 0.5, 0.4),
  ])
  assert.equal(await placeOf(folder), [3, 0])
  rmSync(folder.path(CHECKPOINT_FILE))
  assert.equal(await placeOf(folder), [2, 1]) // checkpoint-1
  // The best one takes the newest one's place at once: a kill before the next save does not lead back.
  assert.equal(await placeOf(folder, true), [2, 0])
  assert.equal(await placeOf(folder), [2, 0])
  rmSync(folder.path(BEST_FILE))
  try {
    await placeOf(folder, true)
    assert.unreachable('there is no best one')
  } catch (error) {
    assert.match((error as Error).message, /^--best: .* has no checkpoint-best\.safetensors/)
  }
  assert.not.ok(folder.has('checkpoint-2.safetensors'))
  folder.release()
})

t('--keep keeps more or fewer', async () => {
  const places = [at(0), at(0, 1), at(1), at(1, 1)]
  const three = await folderAt('three', places, 3)
  assert.equal(
    [1, 2, 3].map(n => three.has(`checkpoint-${n}.safetensors`)),
    [true, true, false],
  )
  training.done = at(2)
  await keepCheckpoint(training, three, 1)
  assert.equal(
    [1, 2].map(n => three.has(`checkpoint-${n}.safetensors`)),
    [false, false],
  )
  three.release()
})

t('200 damaged checkpoints: none is gone on from, the one before is, and it is said', async () => {
  const folder = await folderAt('damaged', [at(1), at(1, 1)])
  const path = (name: string) => folder.path(name)
  const [whole, before] = [CHECKPOINT_FILE, 'checkpoint-1.safetensors'].map(name => readFileSync(path(name)))
  const random = new Random(7)
  for (let k = 0; k < 200; k++) {
    const bytes = Buffer.from(whole!)
    const from = random.int(k % 2 ? 4000 : bytes.length) // in the header as often as in the numbers
    const length = 1 + random.int(5000)
    if (k % 5 === 0) bytes[from]! ^= 1 << random.int(8)
    else if (k % 5 === 1) bytes.fill(0, from, Math.min(from + length, bytes.length))
    else if (k % 5 === 2)
      bytes.set(bytes.subarray(random.int(bytes.length)).subarray(0, length), Math.min(from, bytes.length - length))
    else if (k % 5 === 3) bytes.set(before!.subarray(from, from + length), Math.min(from, bytes.length - length))
    writeFileSync(path(CHECKPOINT_FILE), bytes)
    if (k % 5 === 4) truncateSync(path(CHECKPOINT_FILE), from)
    if (readFileSync(path(CHECKPOINT_FILE)).equals(whole!)) continue // zeros over zeros
    const found = await newestCheckpoint(folder)
    const { checkpoint, warnings } = found
    assert.ok(folder.has(CHECKPOINT_FILE)) // nothing has changed yet
    await putInPlace(found, folder)
    assert.is(checkpoint!.position.steps, 0, `${k}`)
    assert.match(warnings[0]!, /checkpoint\.safetensors .*going on from .*checkpoint-1\.safetensors instead/)
    assert.ok(folder.has('checkpoint-damaged.safetensors') && !folder.has(CHECKPOINT_FILE))
  }
  writeFileSync(path('checkpoint-1.safetensors'), '')
  writeFileSync(path(CHECKPOINT_FILE), 'x')
  try {
    await newestCheckpoint(folder)
    assert.unreachable('both are damaged')
  } catch (error) {
    assert.match(
      (error as Error).message,
      /no checkpoint of .* can be gone on from:\n {2}.*\n {2}.*\n.*\n {2}npm run train -- --repeat /,
    )
  }
  folder.release()
})

t('a new checkpoint whose process was killed before it was in its place is put there', async () => {
  const folder = await folderAt('half', [at(1), at(2, 0, 0.1, 0.2)])
  rmSync(folder.path(BEST_FILE))
  copyFileSync(folder.path(CHECKPOINT_FILE), folder.path('checkpoint-new.safetensors'))
  copyFileSync(folder.path('checkpoint-1.safetensors'), folder.path(CHECKPOINT_FILE))
  assert.equal(await placeOf(folder), [2, 0])
  assert.ok(!folder.has('checkpoint-new.safetensors') && folder.has(BEST_FILE))
  rmSync(folder.path(CHECKPOINT_FILE)) // killed between two renames
  copyFileSync(folder.path(BEST_FILE), folder.path('checkpoint-new.safetensors'))
  assert.equal(await placeOf(folder), [2, 0])
  assert.ok(existsSync(folder.path(CHECKPOINT_FILE)))
  folder.release()
})

t('a disk that is full: the best checkpoint is kept all the same, and stays the best', async () => {
  const folder = await folderAt('full', [at(1, 0, 0.1)])
  const { open } = promises
  const full = (file: unknown) => `${file}`.includes(BEST_FILE)
  Object.assign(promises, {
    open: (...args: Parameters<typeof open>) =>
      full(args[0]) ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : open(...args),
  })
  syncBuiltinESMExports()
  try {
    for (const done of [at(2, 0, 0.1, 0.5), at(2, 1, 0.1, 0.5), at(3, 0, 0.1, 0.5, 0.4)]) {
      training.done = done
      await keepCheckpoint(training, folder)
    }
  } finally {
    Object.assign(promises, { open })
    syncBuiltinESMExports()
  }
  assert.equal(await placeOf(folder), [3, 0])
  assert.equal(await placeOf(folder, true), [2, 0])
  assert.equal(
    readdirSync(folder.dir).filter(name => name.endsWith('.part')),
    [],
  )
  folder.release()
})

t('a disk without room for the checkpoints is told before the first epoch', async () => {
  const folder = new RunFolder(join(dir, 'not', 'yet', 'there'))
  await checkRoom(training, folder, false)
  training.done = at(training.settings.epochs)
  await checkRoom(training, folder, true, 1e9) // all is done: nothing more is to be written
  try {
    await checkRoom(training, folder, false, 1e9)
    assert.unreachable('so large is no disk')
  } catch (error) {
    assert.match((error as Error).message, /take up to \d+ MiB, and \d+ MiB are free on the disk of .*--run/)
  }
})

t('out of memory in mid-run: the batch that takes less, and the way to go on', async () => {
  const folder = new RunFolder(join(dir, 'kept'), { resume: true })
  const { message } = await explained(new OutOfDeviceMemory('no room for a buffer'), training, folder)
  assert.match(message, /^the GPU is out of memory: no room for a buffer\n/)
  const [, batch] = /a new run with --batch (\d) takes at most 75 % of the memory/.exec(message) ?? []
  assert.ok(Number(batch) >= 4 && Number(batch) < 8, message)
  assert.match(message, /go on with\n {2}npm run train -- --resume .*kept$/)
})

t.run()
