/**
 * The device: it stays alive under garbage collection, lets the process end, and is waited for without burning a core.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adapterInfo, gpu, openDevice, wait } from '../../src/gpu/device.ts'
import { child } from '../support/child.ts'

const t = suite('gpu/device')

t('opening twice gives the same device', async () => {
  assert.is(await openDevice(), gpu)
})

t('the adapter is described, and its own limits are used', () => {
  assert.ok(adapterInfo.description || adapterInfo.device)
  // WebGPU's default is 128 MiB, too little for TASN at full size.
  assert.ok(gpu.limits.maxStorageBufferBindingSize >= 2 ** 27)
  assert.is(typeof adapterInfo.software, 'boolean')
})

t('Dawn can be reached from globalThis: nothing else keeps it from the garbage collector', () => {
  assert.ok('tasnWebgpuDawn' in globalThis)
})

t('a process that collects garbage all the time ends as it should', async () => {
  const { code, signal, out } = await child(
    `
    import { persistent, read } from './src/engine/transfer.ts'
    import { scope } from './src/engine/eager.ts'
    import { scale } from './src/ops/elementwise.ts'
    await open()
    const x = persistent([1000], new Float32Array(1000).fill(1)), end = Date.now() + 2500
    let rounds = 0, right = 0
    while (Date.now() < end) {
      let waste = []
      for (let i = 0; i < 50; i++) waste.push(new Array(10000).fill({ i }))
      waste = undefined
      gc()
      await new Promise(r => setTimeout(r, 2))
      rounds++
      if ((await read(scope(() => [scale(x, rounds)])[0]))[999] === rounds) right++
    }
    console.log(right > 10 && right === rounds ? 'all right' : 'wrong ' + right + ' of ' + rounds)
    await close()`,
    {},
    ['--expose-gc'],
  )
  assert.match(out, /all right/)
  assert.equal([code, signal], [0, null], out)
})

t('close() lets the process end, also without any work and when called twice', async () => {
  const { code, out } = await child("await open(); await close(); await close(); console.log('closed')")
  assert.match(out, /closed/)
  assert.is(code, 0, out)
})

t('wait() sleeps between looks', async () => {
  // While it waits, this loop gets one turn for each of its looks: two thousand a second at most with naps of half a
  // millisecond, a hundred thousand and more without. So its turns are counted instead of processor time, which others
  // disturb.
  let turns = 0
  let waiting = true
  const turn = (): void => {
    turns++
    if (waiting) setImmediate(turn)
  }
  setImmediate(turn)
  const start = performance.now()
  assert.is(
    await wait(
      new Promise(resolve => {
        setTimeout(() => {
          resolve('done')
        }, 150)
      }),
    ),
    'done',
  )
  const ms = performance.now() - start
  waiting = false
  assert.ok(turns <= 2 * (ms / 0.5) + 20, `${turns} turns in ${ms} ms`)
  assert.ok(turns > 4)
})

t('wait() passes failures on', async () => {
  const error = await wait(Promise.reject(new Error('lost'))).then(
    () => undefined,
    (e: Error) => e,
  )
  assert.is(error?.message, 'lost')
})

t.run()
