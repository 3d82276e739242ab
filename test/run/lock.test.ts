/** Locks: of living processes, of dead ones, of other machines, and of several that come at once. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { takeLock } from '../../src/run/lock.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-lock-'))
const file = join(dir, 'run.lock')
const t = suite('run/lock')
t.after(() => {
  rmSync(dir, { recursive: true })
})
const owner = (): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
const lockOf = (change: object) => {
  const giveBack = takeLock(file, 'wait')
  const own = owner()
  giveBack()
  writeFileSync(file, JSON.stringify({ ...own, ...change }))
}

t('a lock is taken, and given back', () => {
  const giveBack = takeLock(file, 'wait')
  assert.equal([owner().pid, owner().host], [process.pid, hostname()])
  assert.throws(() => takeLock(file, 'wait'), new RegExp(`^the process ${process.pid} on .* is at work in this folder`))
  assert.equal(readdirSync(dir), ['run.lock'])
  giveBack()
  assert.equal(readdirSync(dir), [])
})

t('a dead process, one whose number another has now, and half a lock are stale', () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  for (const change of [{ pid }, { birth: 'another boot 1' }]) {
    lockOf(change)
    takeLock(file, 'wait')()
    assert.not.ok(existsSync(file))
  }
  for (const text of ['', '{"pid":', 'null', '[]']) {
    writeFileSync(file, text)
    takeLock(file, 'wait')()
  }
  assert.equal(readdirSync(dir), [])
})

t('a process on another machine may live, and its lock can be deleted by hand', () => {
  lockOf({ host: 'elsewhere', pid: 1 })
  assert.throws(
    () => takeLock(file, 'wait'),
    /^the process 1 on elsewhere is .*: if that process is gone, delete .*; if it is not, wait$/,
  )
  rmSync(file)
})

t('where the system does not tell when a process began, its number may be that of an innocent one', () => {
  lockOf({ birth: undefined })
  assert.throws(
    () => takeLock(file, 'stop it'),
    /^the process \d+ .*: if that number is another program's by now, .*: delete .*; if it is not, stop it$/,
  )
  rmSync(file)
})

t('of many processes that find a stale lock at once, one gets it', async () => {
  const code = `
    import { takeLock } from './src/run/lock.ts'
    try {
      takeLock(${JSON.stringify(file)}, 'wait')
      console.log('got it')
      setTimeout(() => {}, 3000)
    } catch (error) {
      console.log(error.message)
    }`
  lockOf({ pid: spawnSync(process.execPath, ['-e', '']).pid })
  const outs = await Promise.all(
    Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let out = ''
      child.stdout.on('data', chunk => {
        out += String(chunk)
      })
      return new Promise<string>(resolve => {
        child.once('close', () => {
          resolve(out)
        })
      })
    }),
  )
  assert.is(outs.filter(out => out === 'got it\n').length, 1, outs.join(''))
  assert.is(outs.filter(out => /is at work in this folder/.test(out)).length, 3, outs.join(''))
  assert.not.ok(existsSync(file)) // given back at the end
})

t.run()
