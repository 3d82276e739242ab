/** Run folders: who may write into which, and what survives an interruption. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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

t('a folder is made when it is first written to, and not before', async () => {
  const folder = new RunFolder(join(dir, 'a', 'b'))
  assert.not.ok(existsSync(join(dir, 'a')))
  await folder.writeJson('config.json', { seed: 1 })
  assert.equal(folder.readJson('config.json'), { seed: 1 })
  assert.ok(folder.has('config.json'))
  assert.equal(readdirSync(folder.dir).sort(), ['config.json', 'run.lock']) // no file that is only partly written
  folder.release()
  assert.equal(readdirSync(folder.dir), ['config.json'])
})

t('a folder that holds something is refused, but for the run in it', async () => {
  assert.throws(() => new RunFolder(join(dir, 'a', 'b')), /not empty.*\n {2}npm run train -- --resume /)
  assert.is(new RunFolder(join(dir, 'a', 'b'), { resume: true }).has('config.json'), true)
  assert.throws(() => new RunFolder(join(dir, 'nowhere'), { resume: true }), /no config\.json/)
  mkdirSync(join(dir, 'empty'))
  await new RunFolder(join(dir, 'empty')).writeJson('config.json', {})
})

t('a folder whose run was killed before its config.json was whole is as good as empty', async () => {
  mkdirSync(join(dir, 'killed'))
  for (const name of ['config.json.77-0.part', 'run.lock']) writeFileSync(join(dir, 'killed', name), '{')
  const folder = new RunFolder(join(dir, 'killed'))
  await folder.writeJson('config.json', {})
  folder.release()
  assert.equal(readdirSync(folder.dir), ['config.json'])
})

t('of two runs that start into one new folder, one gets it', async () => {
  const [one, two] = [new RunFolder(join(dir, 'race')), new RunFolder(join(dir, 'race'))]
  await one.writeJson('config.json', 1)
  try {
    await two.writeJson('config.json', 2)
    assert.unreachable('two runs in one folder')
  } catch (error) {
    assert.match((error as Error).message, /the process \d+ on .* is at work in this folder/)
  }
  assert.is(one.readJson('config.json'), 1)
  one.release()
  try {
    await two.claim()
    assert.unreachable('a run over another')
  } catch (error) {
    assert.match((error as Error).message, /another run has begun in .*--run/)
  }
})

t('a folder that cannot be made says what to do', async () => {
  writeFileSync(join(dir, 'file'), '')
  try {
    await new RunFolder(join(dir, 'file', 'run')).claim()
    assert.unreachable('a folder in a file')
  } catch (error) {
    assert.match((error as Error).message, /cannot write into the folder .*ENOTDIR.*name another one with --run/)
  }
})

t('a file that is no JSON is told with its folder', () => {
  const folder = new RunFolder(join(dir, 'empty'), { resume: true })
  writeFileSync(folder.path('config.json'), '{')
  assert.throws(() => folder.readJson('config.json'), /config\.json cannot be read .* is not the folder of a run/)
})

t.run()
