/**
 * The files of the page's training, without a page: what it begins, Node ends in the same bytes. It is here and not in
 * `npm test` because Node then draws all of the built-in birds.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readRun, runOf } from '../../examples/browser/run_config.ts'
import { birdsOfRun, Session } from '../../examples/browser/train_session.ts'
import { drawBird, indicesOf } from '../../src/data/birds/index.ts'
import { close, open } from '../../src/index.ts'
import { readConfig } from '../../src/run/config.ts'
import { RunFolder } from '../../src/run/folder.ts'
import { decodeCheckpoint } from '../../src/train/index.ts'
import { trainer } from '../support/trainer.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-session-'))
const t = suite('browser/session')
/** Two steps an epoch, the first epoch for the attention net alone. */
const RUN = runOf({ birds: 48, epochs: 2, seed: 0 })
const drawn = new Map(indicesOf(birdsOfRun(RUN)).map(index => [index, drawBird(0, index)]))

t.before(async () => {
  await open()
})
t.after(async () => {
  await close()
  rmSync(dir, { recursive: true })
})

t('page -> Node -> page: the files of a paused training, and those of the run that Node has finished', async () => {
  const one = await Session.make(RUN, drawn)
  await one.run(() => {})
  const whole = (await one.files()).checkpoint
  await one.destroy()

  const page = await Session.make(RUN, drawn)
  await page.run(() => {}, { steps: 1 })
  const { checkpoint, config } = await page.files()
  await page.destroy()
  const folder = join(dir, 'run')
  mkdirSync(folder)
  writeFileSync(join(folder, 'checkpoint.safetensors'), checkpoint)
  writeFileSync(join(folder, 'config.json'), config)
  assert.is(readConfig(new RunFolder(folder, { resume: true })).flags.limit, 48)

  const { code, out } = await trainer(['--resume', folder])
  assert.is(code, 0, out)
  assert.match(out, /resuming after/)
  const bytes = new Uint8Array(readFileSync(join(folder, 'checkpoint.safetensors')))
  assert.ok(Buffer.from(whole).equals(bytes), 'Node ends in the bytes of the page')

  const back = readRun(readFileSync(join(folder, 'config.json'), 'utf8'))
  const again = await Session.make(back, drawn, await decodeCheckpoint(bytes, 'upload'))
  const { done } = await again.ready()
  assert.equal([done.epochs, done.history.length], [2, 2])
  await again.destroy()
})

t.run()
