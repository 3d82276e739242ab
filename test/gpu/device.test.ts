/**
 * The device: it stays alive under garbage collection, lets the process end, and is waited for without burning a core.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { infoOf } from '../../src/gpu/adapter.ts'
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
  const info = { vendor: '', architecture: '', device: '', description: '' }
  const softwareOf = (told: object) => infoOf({ info: { ...info, ...told } } as GPUAdapter, new Set()).software
  assert.equal([{}, { isFallbackAdapter: true }, { architecture: 'warp' }].map(softwareOf), [false, true, true])
})

/** WebGPU's default limits: each adapter has them. https://www.w3.org/TR/webgpu/#limits */
const DEFAULTS = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxUniformBufferBindingSize: 2 ** 16,
  maxStorageBuffersPerShaderStage: 8,
  maxUniformBuffersPerShaderStage: 12,
  maxBindingsPerBindGroup: 1000,
  maxBindGroups: 4,
  maxComputeWorkgroupStorageSize: 2 ** 14,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupsPerDimension: 65_535,
}

/** Runs code on such a device; returns its `found`. `refused(make)` tells of validation errors. */
async function onPlainDevice(code: string): Promise<unknown> {
  const { out } = await child(
    `
    import { gpu } from './src/gpu/device.ts'
    await open()
    const refused = async make => {
      gpu.pushErrorScope('validation')
      make()
      return Boolean(await gpu.popErrorScope())
    }
    ${code}
    console.log('found ' + JSON.stringify(found))
    await close()`,
    { DEVICE: 'plain' },
  )
  const found = /^found (.*)$/m.exec(out)?.[1]
  assert.ok(found, out)
  return JSON.parse(found) as unknown
}

t("DEVICE=plain opens a device with WebGPU's default limits and no optional feature, which refuses more", async () => {
  const found = await onPlainDevice(`
    const limits = Object.fromEntries(${JSON.stringify(Object.keys(DEFAULTS))}.map(name => [name, gpu.limits[name]]))
    const optional = [...gpu.features].filter(name => name !== 'core-features-and-limits')
    const buffers = n => refused(() => gpu.createBindGroupLayout({ entries: Array.from({ length: n }, (_, binding) =>
      ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } })) }))
    const bytes = size => refused(() => gpu.createBuffer({ size, usage: GPUBufferUsage.STORAGE }).destroy())
    const found = { limits, optional, refused: [await buffers(8), await buffers(9), await bytes(2 ** 28 + 4)] }`)
  assert.equal(found, { limits: DEFAULTS, optional: [], refused: [false, true, true] })
})

t('DEVICE=plain refuses a shader with more workgroup memory than WebGPU promises', async () => {
  const found = await onPlainDevice(`
    const words = n => refused(() => gpu.createComputePipeline({ layout: 'auto', compute: { module:
      gpu.createShaderModule({ code: 'var<workgroup> a: array<u32, ' + n + '>; @compute @workgroup_size(1) ' +
        'fn main(@builtin(global_invocation_id) i: vec3u) { a[i.x] = i.y; }' }) } }))
    const found = [await words(2 ** 12), await words(2 ** 12 + 1)]`)
  assert.equal(found, [false, true])
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
