/** Run folders: who may write into which, and what survives an interruption. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RunFolder } from '../../src/run/folder.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-folder-'))
const t = suite('run/folder')
t.after(() => {
  rmSync(dir, { recursive: true })
})

t('a folder is made when it is first written to, and not before', () => {
  const folder = new RunFolder(join(dir, 'a', 'b'))
  assert.not.ok(existsSync(join(dir, 'a')))
  folder.writeJson('config.json', { seed: 1 })
  assert.equal(folder.readJson('config.json'), { seed: 1 })
  assert.ok(folder.has('config.json'))
  assert.equal(readdirSync(folder.dir), ['config.json']) // no file that is only partly written
})

t('a folder that holds something is refused, but for the run in it', () => {
  assert.throws(() => new RunFolder(join(dir, 'a', 'b')), /not empty.*--resume/)
  assert.is(new RunFolder(join(dir, 'a', 'b'), { resume: true }).has('config.json'), true)
  assert.throws(() => new RunFolder(join(dir, 'nowhere'), { resume: true }), /no config\.json/)
  mkdirSync(join(dir, 'empty'))
  new RunFolder(join(dir, 'empty')).writeJson('config.json', {})
})

t('of two runs that start into one new folder, one gets it', () => {
  const [one, two] = [new RunFolder(join(dir, 'race')), new RunFolder(join(dir, 'race'))]
  one.writeJson('config.json', 1)
  assert.throws(() => two.writeJson('config.json', 2), /cannot make the folder/)
  assert.is(one.readJson('config.json'), 1)
})

t('on resuming, metrics of later epochs go, and so does a line that was cut short', () => {
  const folder = new RunFolder(join(dir, 'metrics'))
  folder.keepMetrics(() => true) // nothing there yet
  folder.writeJson('config.json', {})
  for (const epoch of [1, 2, 3]) folder.log({ kind: 'epoch', epoch })
  appendFileSync(folder.path('metrics.jsonl'), '{"kind":"step","ep')
  folder.keepMetrics(line => line.epoch <= 2)
  assert.is(
    readFileSync(folder.path('metrics.jsonl'), 'utf8'),
    '{"kind":"epoch","epoch":1}\n{"kind":"epoch","epoch":2}\n',
  )
})

t('a file that is no JSON is told with its folder', () => {
  const folder = new RunFolder(join(dir, 'metrics'), { resume: true })
  writeFileSync(folder.path('config.json'), '{')
  assert.throws(() => folder.readJson('config.json'), /config\.json cannot be read .* is not the folder of a run/)
})

t.run()
